namespace Peer.Protocol.Recovery;

/// <summary>Round-trip time after RFC 9002 section 5, from samples that may be nonsense.</summary>
internal sealed class RttEstimator(RecoverySettings settings)
{
    private const long Longest = 60_000_000;
    private const int MinSeconds = 10;

    private readonly SlidingMaximum _negatedMin = new(MinSeconds);
    private long _jitterTimes16;

    /// <summary>Whether there has been a sample.</summary>
    public bool HasSample { get; private set; }

    /// <summary>The last sample, as measured.</summary>
    public long Latest { get; private set; } = settings.InitialRtt;

    /// <summary>Weighted mean of the samples without the other end's delay; never below <see cref="Min"/>.</summary>
    public long Smoothed { get; private set; } = settings.InitialRtt;

    /// <summary>Weighted mean deviation from <see cref="Smoothed"/>.</summary>
    public long Variance { get; private set; } = settings.InitialRtt / 2;

    /// <summary>The smallest sample of about the last ten seconds.</summary>
    public long Min { get; private set; } = settings.InitialRtt;

    /// <summary>Weighted mean difference between consecutive samples, as RFC 3550 counts it.</summary>
    public long Jitter => _jitterTimes16 / 16;

    /// <summary>Takes a sample; false when it is negative, that is when a clock went backward.</summary>
    public bool Update(long sample, long ackDelay, long now)
    {
        if (sample < 0)
            return false;
        sample = Math.Clamp(sample, 1, Longest);
        ackDelay = Math.Clamp(ackDelay, 0, settings.MaxBelievedAckDelay);
        _negatedMin.Add(now / 1_000_000, -sample);
        Min = -_negatedMin.Value;
        if (!HasSample)
        {
            HasSample = true;
            Latest = sample;
            Smoothed = sample;
            Variance = sample / 2;
            return true;
        }

        _jitterTimes16 += Math.Abs(sample - Latest) - (_jitterTimes16 / 16);
        Latest = sample;
        var adjusted = sample - ackDelay >= Min ? sample - ackDelay : sample;
        Variance = ((3 * Variance) + Math.Abs(Smoothed - adjusted)) / 4;
        // When the path got longer and the old minimum has left its window, a slow mean would lie below every recent sample.
        Smoothed = Math.Max(Min, ((7 * Smoothed) + adjusted) / 8);
        return true;
    }
}
