namespace Peer.Lab.Relay;

/// <summary>One direction, sans IO: says when each datagram leaves, if it does. Chance first, then the bottleneck and its queue, then distance.</summary>
/// <remarks>The same seed and the same arrivals give the same fates, whatever the library that sends.</remarks>
internal sealed class RelayDirection(RelayShape shape)
{
    private ulong _state = shape.Seed;
    private double _free = double.MinValue;

    /// <summary>What happened so far, departures as decided.</summary>
    public RelayCounts Counts { get; private set; }

    /// <summary>Decides over a datagram that arrives now; the departures are written into <paramref name="leaveAt"/>.</summary>
    /// <returns>How many copies leave, 0 .. 2.</returns>
    public int Admit(int bytes, long now, Span<long> leaveAt)
    {
        Counts = Counts with { Datagrams = Counts.Datagrams + 1, Bytes = Counts.Bytes + bytes };

        // Always the same number of draws, so that what chance does to the next datagram does not depend on this one's fate.
        var lost = Draw() < shape.Loss;
        var duplicated = Draw() < shape.Duplicate;
        var firstJitter = Draw();
        var secondJitter = Draw();
        if (lost || bytes > shape.LongestDatagram)
        {
            Counts = Counts with { Lost = Counts.Lost + 1 };
            return 0;
        }

        var copies = Pass(bytes, now, firstJitter, out leaveAt[0]) ? 1 : 0;
        if (!duplicated)
            return copies;
        Counts = Counts with { Duplicated = Counts.Duplicated + 1 };
        return Pass(bytes, now, secondJitter, out leaveAt[copies]) ? copies + 1 : copies;
    }

    private bool Pass(int bytes, long now, double jitter, out long leaveAt)
    {
        var through = (double)now;
        if (shape.BitsPerSecond > 0)
        {
            var free = Math.Max(_free, now);
            leaveAt = 0;
            if ((free - now) * shape.BitsPerSecond / 8e6 > shape.QueueBytes)
            {
                Counts = Counts with { Overflowed = Counts.Overflowed + 1 };
                return false;
            }

            through = _free = free + (bytes * 8e6 / shape.BitsPerSecond);
        }

        leaveAt = (long)through + shape.Delay + (long)(jitter * shape.Jitter);
        Counts = Counts with { Delivered = Counts.Delivered + 1 };
        return true;
    }

    /// <summary>SplitMix64: small, and the same everywhere.</summary>
    private double Draw()
    {
        var z = _state += 0x9E37_79B9_7F4A_7C15;
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
    }
}
