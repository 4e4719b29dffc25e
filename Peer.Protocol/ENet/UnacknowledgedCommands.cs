namespace Peer.Protocol.ENet;

/// <summary>
/// Reliable commands of one channel that were sent and not acknowledged, found by their number in one step: whoever acknowledges numbers at random must not
/// make us walk a list for each.
/// </summary>
internal sealed class UnacknowledgedCommands
{
    private const int Smallest = 8;

    private OutgoingCommand?[] _slots = [];
    private ushort _first;
    private int _span;

    public bool IsEmpty => _span == 0;

    /// <summary>
    /// Whether a number is so far ahead of the oldest that the receiver may not take it yet: it counts windows from the one of the last number that it has
    /// got in order.
    /// </summary>
    public bool IsTooFar(ushort number)
    {
        if (_span == 0)
            return false;
        var oldest = (ushort)(_first - 1) >> ENetFormat.SequenceWindowBits;
        var ahead = ((number >> ENetFormat.SequenceWindowBits) - oldest) & (ENetFormat.SequenceWindows - 1);
        return ahead >= ENetFormat.AcceptedWindows;
    }

    /// <summary>Adds the next number of the channel.</summary>
    public void Add(OutgoingCommand command)
    {
        if (_span == 0)
            _first = command.ReliableNumber;
        var offset = (ushort)(command.ReliableNumber - _first);
        if (offset >= _slots.Length)
            Grow(offset + 1);
        _slots[command.ReliableNumber & (_slots.Length - 1)] = command;
        _span = Math.Max(_span, offset + 1);
    }

    /// <summary>Takes a number out, if it is there.</summary>
    public OutgoingCommand? Take(ushort number)
    {
        if ((ushort)(number - _first) >= _span)
            return null;
        ref var slot = ref _slots[number & (_slots.Length - 1)];
        var command = slot;
        slot = null;
        while (_span > 0 && _slots[_first & (_slots.Length - 1)] is null)
        {
            _first++;
            _span--;
        }

        return command;
    }

    /// <summary>Forgets all; they are finished elsewhere.</summary>
    public void Clear()
    {
        Array.Clear(_slots);
        _span = 0;
    }

    private void Grow(int needed)
    {
        var size = Math.Max(Smallest, _slots.Length);
        while (size < needed)
            size *= 2;
        var larger = new OutgoingCommand?[size];
        for (var i = 0; i < _span; i++)
        {
            var number = (ushort)(_first + i);
            larger[number & (size - 1)] = _slots[number & (_slots.Length - 1)];
        }

        _slots = larger;
    }
}
