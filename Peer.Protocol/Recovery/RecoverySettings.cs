namespace Peer.Protocol.Recovery;

/// <summary>The numbers of acknowledgement, loss detection, congestion control and size discovery; times in microseconds, sizes in bytes.</summary>
internal sealed record RecoverySettings
{
    public static RecoverySettings Default { get; } = new();

    /// <summary>An acknowledgement is owed at once when this many packets that ask for one are unacknowledged.</summary>
    public int AckEvery { get; init; } = 16;

    /// <summary>Packets with numbers below this are acknowledged at once: a young connection wants its round trip and its rate soon.</summary>
    public int QuickAcks { get; init; } = 64;

    /// <summary>The longest that an acknowledgement waits for company.</summary>
    public long MaxAckDelay { get; init; } = 5_000;

    /// <summary>The longest that it waits where a thin stream is known to bring company by then.</summary>
    public long ThinAckDelay { get; init; } = 40_000;

    /// <summary>A delay that the other end reports counts up to this much, so that it cannot talk the round trip down.</summary>
    public long MaxBelievedAckDelay { get; init; } = 50_000;

    /// <summary>Round trip assumed before the first sample.</summary>
    public long InitialRtt { get; init; } = 100_000;

    /// <summary>How far the back-off may move a probe time-out beyond the one that the round trip asks for.</summary>
    public long MaxProbeBackoff { get; init; } = 500_000;

    /// <summary>The largest packet threshold that observed reordering can bring about; beyond the replay window it would mean nothing.</summary>
    public int MaxReordering { get; init; } = ReplayWindow.Size;

    /// <summary>A packet in flight for this long counts as lost even when nothing at all is acknowledged.</summary>
    public long GiveUpAfter { get; init; } = 10_000_000;

    /// <summary>Numbers kept in the books at most; older ones count as lost at the next time-out.</summary>
    public int MaxTracked { get; init; } = 1 << 20;

    public int InitialWindowDatagrams { get; init; } = 192;

    /// <summary>So many of them leave at once: a train long enough to measure the path by.</summary>
    public int InitialBurstDatagrams { get; init; } = 40;

    public int MinWindowDatagrams { get; init; } = 16;

    public long MaxWindow { get; init; } = 256L << 20;

    /// <summary>Bytes a second that flow whatever the model says, so that input is never cut off.</summary>
    public long MinRate { get; init; } = 64 << 10;

    /// <summary>The window covers the round trip and this much scheduling noise at both ends.</summary>
    public long WakeAllowance { get; init; } = 10_000;

    /// <summary>The window's floor where the round trip is below a millisecond, so the wake-ups of threads are what limits.</summary>
    public long LocalWindow { get; init; } = 1 << 20;

    /// <summary>Loss of a round above what is usual on the path by more than this fraction means an overflowing queue.</summary>
    public double OverflowLoss { get; init; } = 0.1;

    /// <summary>The largest UDP payload that is probed for.</summary>
    public int MaxDatagramSize { get; init; } = 1_472;

    /// <summary>Pause after a size probe that was lost.</summary>
    public long SizeProbePause { get; init; } = 200_000;

    /// <summary>Pause after which an ended search for a larger datagram begins again (RFC 8899: PMTU_RAISE_TIMER).</summary>
    public long SizeSearchPause { get; init; } = 600_000_000;

    /// <summary>Pause before the search begins again after large datagrams had stopped arriving.</summary>
    public long BlackHolePause { get; init; } = 10_000_000;
}
