namespace Peer.Protocol.Recovery;

/// <summary>How fast the path delivered around one acknowledgement.</summary>
/// <param name="BytesPerSecond">The rate, or 0 when the interval was too short to tell.</param>
/// <param name="PriorDelivered">Bytes delivered when the newest acknowledged packet left: tells rounds apart.</param>
/// <param name="AppLimited">Whether the sender had nothing more to send then, so that the path may carry more.</param>
internal readonly record struct RateSample(long BytesPerSecond, long PriorDelivered, bool AppLimited);
