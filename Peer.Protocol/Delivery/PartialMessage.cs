namespace Peer.Protocol.Delivery;

/// <summary>A group of unreliable pieces that is not complete yet. Pieces that came before their turn wait as copies.</summary>
internal sealed class PartialMessage(long start, MessageAssembly assembly, long deadline)
{
    private Dictionary<int, byte[]>? _early;

    /// <summary>Sequence number of its first piece.</summary>
    public long Start { get; } = start;

    /// <summary>One more than the number of its last piece.</summary>
    public long End { get; } = start + assembly.Count;

    public MessageAssembly Assembly { get; } = assembly;

    /// <summary>When it is given up.</summary>
    public long Deadline { get; } = deadline;

    /// <summary>What it has reserved of the budget for partial messages.</summary>
    public long Reserved { get; set; }

    public bool Contains(int index) => index < Assembly.NextIndex || (_early is not null && _early.ContainsKey(index));

    /// <summary>Adds a piece that is admitted and not there yet.</summary>
    public void Add(int index, ReadOnlySpan<byte> piece)
    {
        if (index != Assembly.NextIndex)
        {
            (_early ??= []).Add(index, piece.ToArray());
            return;
        }

        Assembly.Append(piece);
        while (_early is not null && _early.Remove(Assembly.NextIndex, out var next))
            Assembly.Append(next);
    }
}
