namespace Peer.Protocol.Delivery;

/// <summary>Limits of every sequence of a connection. Both ends must agree on <see cref="MaxMessageBytes"/>.</summary>
internal sealed record DeliverySettings
{
    /// <summary>The datagram that every path is taken to carry.</summary>
    public const int BaseDatagram = 1200;

    /// <summary>What a base datagram has left for frames after its 15-byte header and its 16-byte tag.</summary>
    public const int BaseDatagramContent = BaseDatagram - 15 - 16;

    /// <summary>The largest <see cref="MaxMessageBytes"/> that 65 535 pieces of a base datagram can carry, rounded down to a power of two.</summary>
    public const int MessageBytesLimit = 64 << 20;

    /// <summary>Frames ahead of the next expected one that a receiver must hold and a sender may not exceed; part of the wire standard.</summary>
    public const int MaxWindowFrames = 65_536;

    /// <summary>Largest message, in bytes.</summary>
    public int MaxMessageBytes { get; init; } = 16 << 20;

    /// <summary>Frames from the oldest unacknowledged one to the newest that a sender cuts; a receiver takes <see cref="MaxWindowFrames"/>.</summary>
    public int WindowFrames { get; init; } = 8_192;

    /// <summary>Payload bytes that may be cut and not acknowledged.</summary>
    public long OutstandingBytes { get; init; } = 8 << 20;

    /// <summary>Space for one whole frame, header included.</summary>
    public int FrameBytes { get; init; } = BaseDatagramContent;

    /// <summary>A group of unreliable pieces that is not complete after so long is given up, in microseconds.</summary>
    public long PartialTimeout { get; init; } = 5_000_000;

    /// <summary>Unreliable bytes that may wait, both uncut in a sequence and in a lane; the oldest give way.</summary>
    public long UnreliableBacklogBytes { get; init; } = 1 << 20;
}
