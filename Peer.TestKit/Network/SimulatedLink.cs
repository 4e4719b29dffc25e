namespace Peer.TestKit.Network;

/// <summary>One direction between two hosts: what happens to each datagram, drawn from the network's seed.</summary>
internal sealed class SimulatedLink(SeededSource random)
{
    private bool _inBurst;
    private long _busyUntil;

    /// <summary>What was said of this link; null when nothing was.</summary>
    public LinkConditions? Own { get; set; }

    /// <summary>A partition lies between, whatever the conditions say.</summary>
    public bool IsCut { get; set; }

    /// <summary>When one datagram arrives.</summary>
    /// <param name="conditions">What it meets on the way.</param>
    /// <param name="now">The time.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="second">When a second copy arrives, or -1.</param>
    /// <param name="flippedBit">The bit that was damaged on the way, or -1.</param>
    /// <returns>The time of arrival, or why it never will: a <see cref="Fate"/> below zero.</returns>
    public long Carry(LinkConditions conditions, long now, int length, out long second, out int flippedBit)
    {
        second = -1;
        flippedBit = -1;
        if (conditions.IsDown || IsCut)
            return (long)Fate.Down;
        if (length > conditions.Mtu)
            return (long)Fate.TooLarge;
        if (IsLost(conditions))
            return (long)Fate.Lost;
        var leaves = now;
        if (conditions.Bandwidth > 0)
        {
            var waiting = Math.Max(0, _busyUntil - now);
            if (waiting * conditions.Bandwidth / 1_000_000 + length > conditions.QueueBytes)
                return (long)Fate.Queue;
            leaves = _busyUntil = Math.Max(now, _busyUntil) + (length * 1_000_000L / conditions.Bandwidth);
        }

        if (conditions.Corruption > 0 && random.Chance(conditions.Corruption))
            flippedBit = random.Below(length * 8);
        if (conditions.Duplication > 0 && random.Chance(conditions.Duplication))
            second = Arrival(leaves, conditions);
        return Arrival(leaves, conditions);
    }

    private bool IsLost(LinkConditions conditions)
    {
        if (conditions.BurstBegins > 0)
            _inBurst = _inBurst ? !random.Chance(conditions.BurstEnds) : random.Chance(conditions.BurstBegins);
        else
            _inBurst = false;
        return (conditions.Loss > 0 && random.Chance(conditions.Loss)) || (_inBurst && random.Chance(conditions.BurstLoss));
    }

    private long Arrival(long leaves, LinkConditions conditions)
    {
        var arrives = leaves + Micros(conditions.Latency);
        if (conditions.Jitter > TimeSpan.Zero)
            arrives += (long)(random.Fraction() * Micros(conditions.Jitter));
        if (conditions.Reordering > 0 && random.Chance(conditions.Reordering))
            arrives += Micros(conditions.ReorderDelay);
        return arrives;
    }

    private static long Micros(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;
}

/// <summary>What became of a datagram.</summary>
public enum Fate
{
    /// <summary>It arrived.</summary>
    Arrived = 0,

    /// <summary>The link lost it.</summary>
    Lost = -1,

    /// <summary>The link's queue was full.</summary>
    Queue = -2,

    /// <summary>It was larger than the link carries.</summary>
    TooLarge = -3,

    /// <summary>The link was down.</summary>
    Down = -4,

    /// <summary>Nobody listens at that address.</summary>
    Nobody = -5,

    /// <summary>The receiver was frozen, and its socket's buffer full.</summary>
    BufferFull = -6,
}
