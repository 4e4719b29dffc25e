namespace Peer.Protocol.Recovery;

/// <summary>
/// How late a packet may be before it counts as lost. As in RACK (RFC 8985) the tolerance follows what the path does: the packet
/// threshold is one more than the longest overtaking seen in ten seconds, and a packet that was declared lost and then acknowledged extends
/// the time threshold by what it was too late, up to one more round trip. Both fall back when the window has passed.
/// </summary>
internal sealed class ReorderingTolerance(RecoverySettings settings)
{
    private const int LeastPackets = 3;
    private const long Granularity = 1_000;
    private const int Seconds = 10;

    private readonly SlidingMaximum _overtaken = new(Seconds);
    private readonly SlidingMaximum _lateness = new(Seconds);

    /// <summary>Packets that must have been acknowledged beyond one before it counts as lost.</summary>
    public long PacketThreshold => Math.Clamp(_overtaken.Value, LeastPackets - 1, settings.MaxReordering - 1) + 1;

    /// <summary>Time after which a packet counts as lost once a later one has been acknowledged.</summary>
    public long TimeThreshold(RttEstimator rtt)
    {
        var basis = Math.Max(rtt.Smoothed, rtt.Latest);
        var extra = Math.Clamp(_lateness.Value, basis / 8, basis);
        return Math.Max(basis + extra, Granularity);
    }

    /// <summary>A packet was acknowledged after one that left so many numbers later.</summary>
    public void Overtaken(long numbers, long now) => _overtaken.Add(now / 1_000_000, numbers);

    /// <summary>A packet that had been declared lost was acknowledged so long after it left.</summary>
    public void SpuriousLoss(long sinceSent, RttEstimator rtt, long now) =>
        _lateness.Add(now / 1_000_000, sinceSent - Math.Max(rtt.Smoothed, rtt.Latest) + Granularity);

    /// <summary>Lets old observations go.</summary>
    public void Advance(long now)
    {
        _overtaken.MoveTo(now / 1_000_000);
        _lateness.MoveTo(now / 1_000_000);
    }
}
