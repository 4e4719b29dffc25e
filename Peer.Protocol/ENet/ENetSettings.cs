namespace Peer.Protocol.ENet;

/// <summary>How the datagrams of a host are compressed; both ends must use the same.</summary>
internal enum ENetCompressor
{
    None,
    RangeCoder,
    Zlib,
}

/// <summary>What all connections of one ENet host share. Times are microseconds.</summary>
internal sealed record ENetSettings
{
    /// <summary>The defaults of libenet.</summary>
    public static ENetSettings Default { get; } = new();

    /// <summary>Most channels of a connection.</summary>
    public int Channels { get; init; } = ENetFormat.MaxChannels;

    /// <summary>Bytes per second that this host takes, 0 for any.</summary>
    public uint IncomingBandwidth { get; init; }

    /// <summary>Bytes per second that this host sends at most, 0 for any.</summary>
    public uint OutgoingBandwidth { get; init; }

    public int Mtu { get; init; } = ENetFormat.DefaultMtu;

    /// <summary>Largest message, bytes.</summary>
    public int MaxMessageBytes { get; init; } = ENetFormat.MaxMessage;

    /// <summary>Whether datagrams carry a checksum; both ends must agree.</summary>
    public bool Checksum { get; init; }

    public ENetCompressor Compressor { get; init; }

    /// <summary>Times the round trip that a command may go unanswered, once the smallest time-out has passed.</summary>
    public int TimeoutLimit { get; init; } = 32;

    public long TimeoutMin { get; init; } = 5_000_000;

    public long TimeoutMax { get; init; } = 30_000_000;

    public long PingInterval { get; init; } = 500_000;

    /// <summary>How long an acknowledgement may wait for company.</summary>
    public long AckDelay { get; init; } = 1_000;

    /// <summary>An unfinished message is given up, if unreliable, after so long without another piece of it; a reliable one ends the connection.</summary>
    public long AssemblyTimeout { get; init; } = 30_000_000;
}
