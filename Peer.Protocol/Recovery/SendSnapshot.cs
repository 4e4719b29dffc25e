namespace Peer.Protocol.Recovery;

/// <summary>Where delivery stood when a packet left, so that its acknowledgement yields a rate.</summary>
internal readonly record struct SendSnapshot(long Delivered, long DeliveredAt, long FirstSentAt, bool AppLimited);
