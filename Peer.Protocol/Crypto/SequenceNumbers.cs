namespace Peer.Protocol.Crypto;

/// <summary>Restores the high bits of counters that travel cut short, so that a datagram need not carry 64 of them.</summary>
internal static class SequenceNumbers
{
    /// <summary>
    /// The value nearest to <paramref name="expected"/>, in 0 .. <see cref="long.MaxValue"/>, whose low <paramref name="bits"/> bits are those of
    /// <paramref name="truncated"/>. Of two at the same distance, the later one.
    /// </summary>
    public static long Expand(ulong truncated, int bits, long expected)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(expected);
        ArgumentOutOfRangeException.ThrowIfLessThan(bits, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits, 62);

        var window = 1UL << bits;
        var half = window >> 1;
        var mask = window - 1;
        var target = (ulong)expected;

        // Unsigned, so that neither end of the range overflows: every sum stays below 2^63 + 2^62.
        var candidate = (target & ~mask) | (truncated & mask);
        if (candidate + half <= target && candidate + window <= long.MaxValue)
            candidate += window;
        else if (candidate > target + half && candidate >= window)
            candidate -= window;
        return (long)candidate;
    }
}
