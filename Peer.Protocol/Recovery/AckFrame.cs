using Peer.Protocol.Wire;

namespace Peer.Protocol.Recovery;

/// <summary>An ACK frame read in place; every rule is checked before the first range is handed out.</summary>
internal readonly ref struct AckFrame
{
    public const byte Type = 0x02;
    public const int MaxRanges = 64;

    private readonly ReadOnlySpan<byte> _ranges;

    private AckFrame(long largest, long delay, int rangeCount, long smallest, ReadOnlySpan<byte> ranges)
    {
        Largest = largest;
        Delay = delay;
        RangeCount = rangeCount;
        Smallest = smallest;
        _ranges = ranges;
    }

    /// <summary>The largest number that it acknowledges.</summary>
    public long Largest { get; }

    /// <summary>The smallest number that it acknowledges.</summary>
    public long Smallest { get; }

    /// <summary>Microseconds between the arrival of <see cref="Largest"/> and the writing of this frame, as the other end claims.</summary>
    public long Delay { get; }

    /// <summary>Ranges, 1 .. 64.</summary>
    public int RangeCount { get; }

    /// <summary>Reads what follows the type byte; false when it is cut off or breaks a rule.</summary>
    public static bool TryRead(ReadOnlySpan<byte> afterType, out AckFrame ack, out int consumed)
    {
        ack = default;
        consumed = 0;
        if (!Varint.TryRead(afterType, out var largest, out var at) || largest > long.MaxValue)
            return false;
        if (!Varint.TryRead(afterType[at..], out var delay, out var used) || delay > long.MaxValue)
            return false;
        at += used;
        if (!Varint.TryRead(afterType[at..], out var more, out used) || more >= MaxRanges)
            return false;
        at += used;
        var rangesAt = at;
        if (!Varint.TryRead(afterType[at..], out var length, out used) || length > largest)
            return false;
        at += used;
        var smallest = largest - length;
        for (var i = 0UL; i < more; i++)
        {
            if (!Varint.TryRead(afterType[at..], out var gap, out used) || smallest < 2 || gap > smallest - 2)
                return false;
            at += used;
            var last = smallest - 2 - gap;
            if (!Varint.TryRead(afterType[at..], out length, out used) || length > last)
                return false;
            at += used;
            smallest = last - length;
        }

        consumed = at;
        ack = new AckFrame((long)largest, (long)delay, (int)more + 1, (long)smallest, afterType[rangesAt..at]);
        return true;
    }

    /// <summary>The ranges, going down.</summary>
    public Enumerator GetEnumerator() => new(this);

    public ref struct Enumerator(AckFrame ack)
    {
        private readonly ReadOnlySpan<byte> _ranges = ack._ranges;
        private readonly long _largest = ack.Largest;
        private int _left = ack.RangeCount;
        private int _at;

        public AckRange Current { get; private set; }

        public bool MoveNext()
        {
            if (_left == 0)
                return false;
            _left--;
            var last = _largest;
            if (_at > 0)
                last = Current.First - 2 - Next();
            Current = new AckRange(last - Next(), last);
            return true;
        }

        private long Next()
        {
            Varint.TryRead(_ranges[_at..], out var value, out var used);
            _at += used;
            return (long)value;
        }
    }
}
