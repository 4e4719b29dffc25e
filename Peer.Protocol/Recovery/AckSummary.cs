namespace Peer.Protocol.Recovery;

/// <summary>What one ACK frame did, for the congestion controller.</summary>
/// <param name="Now">Time.</param>
/// <param name="Bytes">Bytes newly delivered.</param>
/// <param name="Packets">Packets newly delivered.</param>
/// <param name="PriorInFlight">Bytes in flight before.</param>
/// <param name="InFlight">Bytes in flight after, losses taken off too.</param>
/// <param name="Rtt">The round-trip sample, or -1.</param>
/// <param name="Delivered">Bytes delivered since the start.</param>
/// <param name="Rate">The delivery-rate sample.</param>
internal readonly record struct AckSummary(
    long Now, long Bytes, int Packets, long PriorInFlight, long InFlight, long Rtt, long Delivered, RateSample Rate);
