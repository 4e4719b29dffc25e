namespace Peer.Protocol.Recovery;

/// <summary>What the congestion controller is finding out at the moment.</summary>
internal enum CongestionPhase
{
    /// <summary>Doubling each round until the bandwidth stops growing.</summary>
    Startup,

    /// <summary>Letting the queue run empty that the start filled.</summary>
    Drain,

    /// <summary>Sending faster than the bandwidth known, to find more.</summary>
    ProbeUp,

    /// <summary>Giving back what probing queued.</summary>
    ProbeDown,

    /// <summary>Sending at the bandwidth known.</summary>
    Cruise,

    /// <summary>Keeping little in flight for a moment, to see the round trip without our own queue.</summary>
    ProbeRtt,
}
