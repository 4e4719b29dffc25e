using Peer.Protocol.Delivery;
using Peer.Protocol.Recovery;

namespace Peer.Protocol.Links;

/// <summary>Settings of one connection's datagram layer; times in microseconds.</summary>
internal sealed record LinkSettings
{
    /// <summary>Nothing heard for so long ends the connection.</summary>
    public long IdleTimeout { get; init; } = 10_000_000;

    /// <summary>Nothing heard for so long makes this end ask.</summary>
    public long KeepAlive { get; init; } = 2_000_000;

    /// <summary>A CLOSE that is not answered is given up after so long.</summary>
    public long CloseTimeout { get; init; } = 1_000_000;

    /// <summary>Reliable bytes that the other end may have on the way to, and unread at, this end.</summary>
    public long ReceiveWindow { get; init; } = 32 << 20;

    /// <summary>Datagrams that one key seals before both ends change to the next.</summary>
    public long KeyUpdateAfter { get; init; } = Crypto.PhasedKeys.DefaultUpdateAfter;

    /// <summary>Acknowledgement, loss, congestion and size discovery.</summary>
    public RecoverySettings Recovery { get; init; } = RecoverySettings.Default;

    /// <summary>Delivery settings shared with the sequences.</summary>
    public DeliverySettings Delivery { get; init; } = new();

    /// <summary>Priority and weight of each channel.</summary>
    public Func<byte, LaneSettings> Lanes { get; init; } = static _ => LaneSettings.Default;
}
