namespace Peer.Actors.Transport;

/// <summary>Which way datagrams leave: on the captured socket, or as messages to Akka.IO's listener.</summary>
internal enum SendPath
{
    CapturedSocket,
    AkkaIo,
}

/// <summary>Which way datagrams arrive: on a socket of the transport's own, read by its strand, or as messages from Akka.IO's listener.</summary>
internal enum ReceivePath
{
    OwnSocket,
    AkkaIo,
}

/// <summary>What the UDP transport may be told; immutable, so that every rebuild of a socket gets the same.</summary>
internal sealed record TransportSettings
{
    public static TransportSettings Default { get; } = new();

    /// <summary>Bytes asked of the kernel for arriving datagrams; the kernel may cap it.</summary>
    public int ReceiveBufferBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Bytes asked of the kernel for departing datagrams; the kernel may cap it.</summary>
    public int SendBufferBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Whether to use segmentation offload (UDP_SEGMENT, UDP_GRO) where the system has it.</summary>
    public bool Offload { get; init; } = true;

    /// <summary>Whether a socket bound to [::] serves IPv4 too.</summary>
    public bool DualStack { get; init; } = true;

    /// <summary>Which protocol the datagrams speak. Those of ENet do not carry their length, so receives must not be glued together.</summary>
    public Wire Wire { get; init; } = Wire.Native;

    public SendPath SendPath { get; init; } = SendPath.CapturedSocket;

    /// <summary>Where sockets cannot be watched by a strand, Akka.IO's listener is used whatever this says.</summary>
    public ReceivePath ReceivePath { get; init; } = ReceivePath.OwnSocket;

    /// <summary>The wait before the first attempt to rebuild a lost socket; doubles up to <see cref="RebindMax"/>.</summary>
    public TimeSpan RebindMin { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest wait between attempts, and how long a socket must live for the waits to begin anew.</summary>
    public TimeSpan RebindMax { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Bytes that may wait in one connection's mailbox before more are dropped.</summary>
    public long IngressLimitBytes { get; init; } = 4 * 1024 * 1024;
}
