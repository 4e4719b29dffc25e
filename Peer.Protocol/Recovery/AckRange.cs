namespace Peer.Protocol.Recovery;

/// <summary>Consecutive packet numbers, both ends included.</summary>
internal readonly record struct AckRange(long First, long Last);
