namespace Peer.Protocol.Recovery;

/// <summary>
/// Tells the loss of an overflowing queue from the loss that the path always has. A queue stops losing when the sender drains, so
/// the smallest loss of the recent rounds is the path's own: it is sent through. What exceeds it clearly, with more in flight than the
/// path holds, lowers a ceiling on the window, never below the path's own content.
/// </summary>
internal sealed class OverflowGuard(RecoverySettings settings)
{
    private const int Rounds = 16;
    private const int PacketsToJudge = 20;
    private const double MostCompensated = 0.3;
    private const long PerMillion = 1_000_000;

    private readonly SlidingMaximum _negatedUsualLoss = new(Rounds);
    private long _judged;
    private long _packetsLost;
    private long _packetsDelivered;
    private long _mostInFlight;

    /// <summary>The window's ceiling; <see cref="long.MaxValue"/> while no overflow is known.</summary>
    public long Ceiling { get; private set; } = long.MaxValue;

    /// <summary>Fraction of packets that the path loses anyway, 0 .. 0.3.</summary>
    public double UsualLoss { get; private set; }

    /// <summary>Consecutive rounds that overflowed.</summary>
    public int Overflows { get; private set; }

    public void Lost() => _packetsLost++;

    public void Delivered(int packets, long priorInFlight)
    {
        _packetsDelivered += packets;
        _mostInFlight = Math.Max(_mostInFlight, priorInFlight);
    }

    /// <summary>A packet that had counted as lost was only late.</summary>
    public void WasOnlyLate() => _packetsLost = Math.Max(0, _packetsLost - 1);

    /// <summary>Judges the round that ends; rounds with few packets are left to run on.</summary>
    public void EndRound(long pathContent, int datagram)
    {
        var packets = _packetsLost + _packetsDelivered;
        if (packets < PacketsToJudge)
            return;
        var loss = (double)_packetsLost / packets;
        var usual = _judged == 0 ? 0 : UsualLoss;
        var overflow = loss > usual + settings.OverflowLoss + (1 / Math.Sqrt(packets)) && _mostInFlight > pathContent;
        _negatedUsualLoss.Add(_judged++, -(long)(loss * PerMillion));
        UsualLoss = Math.Min(MostCompensated, (double)-_negatedUsualLoss.Value / PerMillion);
        if (overflow)
        {
            Overflows++;
            var most = Math.Min(_mostInFlight, Ceiling);
            Ceiling = Math.Max(most - (most / 8), pathContent + (pathContent / 4));
        }
        else
        {
            Overflows = 0;
            if (Ceiling != long.MaxValue)
                Ceiling += Math.Max(Ceiling / 16, 2L * datagram);
            if (Ceiling > 3 * pathContent)
                Ceiling = long.MaxValue;
        }

        _packetsLost = 0;
        _packetsDelivered = 0;
        _mostInFlight = 0;
    }
}
