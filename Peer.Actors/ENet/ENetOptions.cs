using Peer.Protocol.ENet;

namespace Peer.Actors;

/// <summary>What Godot says on top of ENet.</summary>
public enum ENetDialect
{
    /// <summary>Godot 3.x and the 4.0 alphas: each packet names its sender and target, the server relays, and tells its clients of one another.</summary>
    Godot3 = 0,

    /// <summary>Godot 4.x: bare payloads. Relay and notices are made by the engine's <c>SceneMultiplayer</c>, inside of payloads.</summary>
    Godot4 = 1,
}

/// <summary>How datagrams are compressed; both ends must use the same. The numbers are Godot's.</summary>
public enum ENetCompression
{
    /// <summary>Not at all: the default of ENet and of Godot before 3.5.</summary>
    None = 0,

    /// <summary>ENet's own range coder: the default from Godot 3.5 on.</summary>
    RangeCoder = 1,

    /// <summary>Not supported here.</summary>
    FastLz = 2,

    /// <summary>A zlib stream for each datagram.</summary>
    Zlib = 3,

    /// <summary>Not supported here.</summary>
    Zstd = 4,
}

/// <summary>How a peer speaks ENet.</summary>
public sealed record ENetOptions
{
    /// <summary>What is said on top of it.</summary>
    public ENetDialect Dialect { get; init; }

    /// <summary>Most transfer channels of a connection beside the engine's own; 0 for as many as ENet has.</summary>
    public int MaxChannels { get; init; }

    /// <summary>Bytes per second that this host takes, 0 for any.</summary>
    public int IncomingBandwidth { get; init; }

    /// <summary>Bytes per second that this host sends at most, 0 for any.</summary>
    public int OutgoingBandwidth { get; init; }

    /// <summary>How datagrams are compressed.</summary>
    public ENetCompression Compression { get; init; }

    /// <summary>Whether datagrams carry a checksum, which also keeps out forgers who do not see the traffic. Godot's own peers use none.</summary>
    public bool Checksum { get; init; }

    /// <summary>A peer that has acknowledged nothing for so long is given up, 1 s or more; <see cref="SetPeerTimeout"/> changes it for one. Godot's default is 30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMilliseconds(30_000);

    internal string? Problem => this switch
    {
        { MaxChannels: < 0 or > 252 } => "between 0 and 252 channels",
        { IncomingBandwidth: < 0 } or { OutgoingBandwidth: < 0 } => "a bandwidth is 0 or more",
        { Compression: ENetCompression.FastLz or ENetCompression.Zstd } => $"{Compression} is not supported; None, RangeCoder and Zlib are",
        _ when Timeout < TimeSpan.FromSeconds(1) || Timeout > TimeSpan.FromDays(1) => "a time-out is between a second and a day",
        _ => null,
    };

    internal ENetSettings ToSettings(int maxMessageBytes) => new()
    {
        Channels = MaxChannels == 0 ? ENetFormat.MaxChannels : Math.Min(ENetFormat.MaxChannels, MaxChannels + ENet.DialectChannels.Reserved(Dialect)),
        IncomingBandwidth = (uint)IncomingBandwidth,
        OutgoingBandwidth = (uint)OutgoingBandwidth,
        Checksum = Checksum,
        TimeoutMin = Math.Min(ENetSettings.Default.TimeoutMin, (long)Timeout.TotalMicroseconds),
        TimeoutMax = (long)Timeout.TotalMicroseconds,
        MaxMessageBytes = Math.Min(ENetFormat.MaxMessage, maxMessageBytes + ENet.DialectChannels.HeaderBytes),
        Compressor = Compression switch
        {
            ENetCompression.RangeCoder => ENetCompressor.RangeCoder,
            ENetCompression.Zlib => ENetCompressor.Zlib,
            _ => ENetCompressor.None,
        },
    };
}
