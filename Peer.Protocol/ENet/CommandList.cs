namespace Peer.Protocol.ENet;

/// <summary>Commands in an order; one can be taken from anywhere.</summary>
internal sealed class CommandList
{
    public OutgoingCommand? First { get; private set; }

    private OutgoingCommand? _last;

    public bool IsEmpty => First is null;

    public void Add(OutgoingCommand command) => InsertBefore(null, command);

    /// <summary>Puts a command before one of this list; at the end for null.</summary>
    public void InsertBefore(OutgoingCommand? place, OutgoingCommand command)
    {
        var previous = place is null ? _last : place.Previous;
        command.List = this;
        command.Next = place;
        command.Previous = previous;
        if (previous is null)
            First = command;
        else
            previous.Next = command;
        if (place is null)
            _last = command;
        else
            place.Previous = command;
    }

    public void Remove(OutgoingCommand command)
    {
        if (command.Previous is null)
            First = command.Next;
        else
            command.Previous.Next = command.Next;
        if (command.Next is null)
            _last = command.Previous;
        else
            command.Next.Previous = command.Previous;
        command.List = null;
        command.Next = null;
        command.Previous = null;
    }

    /// <summary>Finishes all.</summary>
    public void Clear()
    {
        while (First is { } command)
        {
            Remove(command);
            command.Finish();
        }
    }
}
