namespace Peer.Protocol.Wire;

/// <summary>One POSITIONS frame as read.</summary>
internal readonly record struct PositionsPart(int Index, int Count, ReliablePosition[] Positions);

/// <summary>POSITIONS: how far the reliable sequences of its sender are. One frame holds a few of them, so that each fits any datagram beside others.</summary>
internal static class PositionsFrame
{
    /// <summary>Positions in one frame: 1 + 10 bytes each at most.</summary>
    public const int MaxEntries = 48;

    /// <summary>Frames for all sequences that there can be.</summary>
    public const int MaxParts = (SequenceKey.ControlChannel + MaxEntries) / MaxEntries;

    /// <summary>All frames, type bytes included; at least one.</summary>
    public static byte[][] Write(IReadOnlyList<ReliablePosition> positions)
    {
        var parts = Math.Max(1, (positions.Count + MaxEntries - 1) / MaxEntries);
        var frames = new byte[parts][];
        Span<byte> room = stackalloc byte[4 + (MaxEntries * 11)];
        for (var part = 0; part < parts; part++)
        {
            var entries = Math.Min(MaxEntries, positions.Count - (part * MaxEntries));
            var length = 0;
            room[length++] = FrameType.Positions;
            room[length++] = (byte)part;
            room[length++] = (byte)parts;
            room[length++] = (byte)entries;
            for (var i = 0; i < entries; i++)
            {
                var (key, expected) = positions[(part * MaxEntries) + i];
                room[length++] = key.Channel;
                length += Varint.Write(room[length..], (ulong)expected);
            }

            frames[part] = room[..length].ToArray();
        }

        return frames;
    }

    /// <summary>Reads what follows the type byte.</summary>
    public static bool TryRead(ReadOnlySpan<byte> content, out PositionsPart part, out int length)
    {
        part = default;
        length = 3;
        if (content.Length < 3 || content[1] is 0 or > MaxParts || content[0] >= content[1] || content[2] > MaxEntries)
            return false;
        var positions = new ReliablePosition[content[2]];
        for (var i = 0; i < positions.Length; i++)
        {
            if (length >= content.Length)
                return false;
            var channel = content[length++];
            if (!Varint.TryRead(content[length..], out var expected, out var consumed) || expected > long.MaxValue)
                return false;
            length += consumed;
            positions[i] = new ReliablePosition(new SequenceKey(channel, TransferMode.Reliable), (long)expected);
        }

        part = new PositionsPart(content[0], content[1], positions);
        return true;
    }
}

/// <summary>Puts the parts together; each may come several times and in any order.</summary>
/// <param name="count">How many there are, as the first one says.</param>
internal sealed class PositionsReader(int count)
{
    private readonly bool[] _has = new bool[count];
    private int _missing = count;

    public List<ReliablePosition> Positions { get; } = [];

    public bool IsComplete => _missing == 0;

    /// <summary>Takes a part; false when it contradicts what came before.</summary>
    public bool TryAdd(in PositionsPart part)
    {
        if (part.Count != _has.Length)
            return false;
        if (_has[part.Index])
            return true;
        _has[part.Index] = true;
        _missing--;
        foreach (var position in part.Positions)
        {
            if (Positions.Exists(other => other.Key == position.Key))
                return false;
            Positions.Add(position);
        }

        return true;
    }
}
