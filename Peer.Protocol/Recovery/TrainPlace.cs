namespace Peer.Protocol.Recovery;

/// <summary>Where a packet stands in a train: packets that left with hardly a pause between them.</summary>
/// <param name="Train">Number of the train, from 1; 0 for a packet of none.</param>
/// <param name="StartedAt">When its first packet left.</param>
/// <param name="Bytes">Bytes of the train up to and with this packet.</param>
internal readonly record struct TrainPlace(long Train, long StartedAt, long Bytes);
