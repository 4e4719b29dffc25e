using Akka.Configuration;
using Peer.Actors.Transport;
using Peer.Protocol.Crypto;
using Peer.Protocol.Delivery;
using Peer.Protocol.Links;
using Peer.Protocol.Recovery;

namespace Peer.Actors.Settings;

/// <summary>Everything that a <see cref="PeerManager"/> can be told by configuration, parsed once. See <c>hocon/reference.conf</c> for what each means.</summary>
public sealed record ActorPeerSettings
{
    private ActorPeerSettings()
    {
    }

    /// <summary>Name of the application; peers of different applications do not meet.</summary>
    public required string Application { get; init; }

    /// <summary>The value of <see cref="Dispatcher"/> that stands for the strands.</summary>
    internal const string OnStrands = "actorpeer.strands";

    /// <summary>Path of the dispatcher that all actors of a manager run on; <c>actorpeer.strands</c> for threads of the library's own that callers may stand in for.</summary>
    public required string Dispatcher { get; init; }

    /// <summary>Threads of the library's own, to which managers are dealt in turn.</summary>
    public required int Strands { get; init; }

    /// <summary>Server settings.</summary>
    public required ServerSettings Server { get; init; }

    /// <summary>A client gives an endpoint up after so long.</summary>
    public required TimeSpan ConnectTimeout { get; init; }

    /// <summary>A graceful close waits so long for queued reliable packets.</summary>
    public required TimeSpan FlushTimeout { get; init; }

    /// <summary>A close that is not answered is given up after so long.</summary>
    public required TimeSpan CloseTimeout { get; init; }

    /// <summary>How often readable statistics are renewed.</summary>
    public required TimeSpan StatisticsInterval { get; init; }

    /// <summary>Bytes that may wait for one peer.</summary>
    public required long OutgoingQueueBytes { get; init; }

    /// <summary>Bytes of partial unreliable messages per connection.</summary>
    public required long PartialPerConnection { get; init; }

    /// <summary>Bytes of partial unreliable messages per manager.</summary>
    public required long PartialTotal { get; init; }

    /// <summary>Interrupted connections.</summary>
    public required ResumeSettings Resume { get; init; }

    /// <summary>Rooms that span nodes.</summary>
    public required SpanSettings Span { get; init; }

    /// <summary>Facade settings.</summary>
    public required FacadeSettings Facade { get; init; }

    /// <summary>Datagram layer of a connection.</summary>
    internal LinkSettings Link { get; init; } = null!;

    /// <summary>The socket.</summary>
    internal TransportSettings Transport { get; init; } = null!;

    /// <summary>Largest message in bytes.</summary>
    public int MaxMessageBytes => Link.Delivery.MaxMessageBytes;

    /// <summary>Parses the <c>actorpeer</c> section.</summary>
    /// <exception cref="ConfigurationException">A key is missing or its value is not legal; the message names it.</exception>
    public static ActorPeerSettings Parse(Config config)
    {
        var root = new SettingsReader(config, "actorpeer");
        var connection = root.Section("connection");
        var settings = new ActorPeerSettings
        {
            Application = root.Text("application"),
            Dispatcher = root.Text("dispatcher"),
            Strands = root.Number("strands.count", 0, 1024) is > 0 and var count ? count : Environment.ProcessorCount,
            Server = ServerSettings.Parse(root.Section("server")),
            ConnectTimeout = root.Section("client").Duration("connect-timeout"),
            FlushTimeout = connection.Duration("flush-timeout"),
            CloseTimeout = connection.Duration("close-timeout"),
            StatisticsInterval = connection.Duration("statistics-interval"),
            OutgoingQueueBytes = connection.Bytes("outgoing-queue", 64 << 10, 4L << 30),
            PartialPerConnection = root.Section("delivery").Bytes("partial-per-connection", 16 << 10, 1L << 30),
            PartialTotal = root.Section("delivery").Bytes("partial-total", 16 << 10, 16L << 30),
            Resume = ResumeSettings.Parse(root.Section("resume")),
            Span = SpanSettings.Parse(root.Section("span")),
            Facade = FacadeSettings.Parse(root.Section("facade")),
            Link = ParseLink(root),
            Transport = ParseTransport(root.Section("transport")),
        };
        if (settings.Link.ReceiveWindow < 2L * settings.MaxMessageBytes)
            throw connection.Illegal("receive-window", settings.Link.ReceiveWindow, "at least twice actorpeer.delivery.max-message");
        if (settings.OutgoingQueueBytes < settings.MaxMessageBytes)
            throw connection.Illegal("outgoing-queue", settings.OutgoingQueueBytes, "at least actorpeer.delivery.max-message");
        return settings;
    }

    private static LinkSettings ParseLink(SettingsReader root)
    {
        var connection = root.Section("connection");
        var delivery = root.Section("delivery");
        return new LinkSettings
        {
            IdleTimeout = Clock.Micros(connection.Duration("idle-timeout")),
            KeepAlive = Clock.Micros(connection.Duration("keep-alive")),
            CloseTimeout = Clock.Micros(connection.Duration("close-timeout")),
            ReceiveWindow = connection.Bytes("receive-window", 64 << 10, 4L << 30),
            KeyUpdateAfter = connection.Number("key-update-after", 16, (int)PhasedKeys.DefaultUpdateAfter),
            Recovery = new RecoverySettings
            {
                AckEvery = connection.Number("ack-every", 1, 64),
                MaxAckDelay = Clock.Micros(connection.Duration("ack-delay")),
                MaxDatagramSize = connection.Number("max-datagram", 1200, 65_000),
            },
            Lanes = LaneTable.Parse(root.Section("lanes")).Of,
            Delivery = new DeliverySettings
            {
                MaxMessageBytes = (int)delivery.Bytes("max-message", 1 << 10, DeliverySettings.MessageBytesLimit),
                WindowFrames = delivery.Number("window-frames", 64, 65_536),
                OutstandingBytes = delivery.Bytes("outstanding", 64 << 10, 1L << 30),
                UnreliableBacklogBytes = delivery.Bytes("unreliable-backlog", 16 << 10, 1L << 30),
                PartialTimeout = Clock.Micros(delivery.Duration("partial-timeout")),
            },
        };
    }

    private static TransportSettings ParseTransport(SettingsReader transport) => new()
    {
        ReceiveBufferBytes = (int)transport.Bytes("receive-buffer", 8 << 10, 1 << 30),
        SendBufferBytes = (int)transport.Bytes("send-buffer", 8 << 10, 1 << 30),
        Offload = transport.Flag("offload"),
        DualStack = transport.Flag("dual-stack"),
        SendPath = transport.Text("send-path") switch
        {
            "captured-socket" => SendPath.CapturedSocket,
            "akka-io" => SendPath.AkkaIo,
            var other => throw transport.Illegal("send-path", other, "captured-socket or akka-io"),
        },
        ReceivePath = transport.Text("receive-path") switch
        {
            "own-socket" => ReceivePath.OwnSocket,
            "akka-io" => ReceivePath.AkkaIo,
            var other => throw transport.Illegal("receive-path", other, "own-socket or akka-io"),
        },
        RebindMin = transport.Duration("rebind-min"),
        RebindMax = transport.Duration("rebind-max"),
        IngressLimitBytes = transport.Bytes("ingress-limit", 64 << 10, 1 << 30),
    };
}
