using System.Net;
using Akka.Configuration;
using Peer.Actors.Settings;
using Peer.Cluster.Rooms;

namespace Peer.Cluster.Settings;

/// <summary>Section <c>actorpeer.cluster</c>, parsed once. See <c>hocon/cluster/cluster.conf</c> for what each means.</summary>
public sealed record PeerClusterSettings
{
    private PeerClusterSettings()
    {
    }

    /// <summary>Role of the nodes that have rooms; empty for all.</summary>
    public required string Role { get; init; }

    /// <summary>Address that doors and rooms listen on.</summary>
    public required IPAddress Bind { get; init; }

    /// <summary>Address by which clients reach this node.</summary>
    public required IPAddress Advertise { get; init; }

    /// <summary>Lots in which rooms are dealt to nodes.</summary>
    public required int Shards { get; init; }

    /// <summary>How often nodes tell one another how full they are.</summary>
    public required TimeSpan ReportInterval { get; init; }

    /// <summary>The door.</summary>
    public required DoorSettings Door { get; init; }

    /// <summary>Rooms.</summary>
    public required RoomSettings Rooms { get; init; }

    /// <summary>Parses the section.</summary>
    /// <param name="config">The configuration of the system.</param>
    /// <param name="remoteHost">The host by which other nodes know this one.</param>
    /// <exception cref="ConfigurationException">A key is missing or its value is not legal; the message names it.</exception>
    public static PeerClusterSettings Parse(Config config, string? remoteHost)
    {
        var root = new SettingsReader(config, "actorpeer.cluster");
        var bind = Address(root, "bind", root.Text("bind"));
        return new PeerClusterSettings
        {
            Role = root.Text("role"),
            Bind = bind,
            Advertise = Advertised(root, bind, remoteHost),
            Shards = root.Number("shards", 1, 10_000),
            ReportInterval = root.Duration("report-interval"),
            Door = DoorSettings.Parse(root.Section("door")),
            Rooms = RoomSettings.Parse(root.Section("rooms")),
        };
    }

    private static IPAddress Advertised(SettingsReader root, IPAddress bind, string? remoteHost)
    {
        var text = root.Text("advertise");
        if (text.Length > 0)
            return Address(root, "advertise", text);
        if (!bind.Equals(IPAddress.Any) && !bind.Equals(IPAddress.IPv6Any))
            return bind;
        return IPAddress.TryParse(remoteHost, out var remote)
            ? remote
            : throw root.Illegal("advertise", "\"\"", $"the address by which clients reach this node, as neither bind ({bind}) nor akka.remote's host ({remoteHost}) is one");
    }

    private static IPAddress Address(SettingsReader root, string key, string text) =>
        IPAddress.TryParse(text, out var address) ? address : throw root.Illegal(key, text, "an address such as 203.0.113.7");
}

/// <summary>Section <c>actorpeer.cluster.door</c>.</summary>
public sealed record DoorSettings
{
    /// <summary>UDP port; 0 for any.</summary>
    public required int Port { get; init; }

    /// <summary>Room of whoever names none; empty refuses.</summary>
    public required string DefaultRoom { get; init; }

    /// <summary>A question that nobody has answered after so long is refused.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>Most newcomers that wait for an answer.</summary>
    public required int Waiting { get; init; }

    /// <summary>Those of the door's server, where newcomers wait until they are shown the way.</summary>
    internal ActorPeerSettings Of(ActorPeerSettings all) => all with
    {
        Server = all.Server with { AdmissionTimeout = Timeout, HalfOpen = Waiting, MaxPeers = Waiting },
    };

    internal static DoorSettings Parse(SettingsReader reader)
    {
        var room = reader.Text("default-room");
        return new DoorSettings
        {
            Port = reader.Number("port", 0, IPEndPoint.MaxPort),
            DefaultRoom = room.Length == 0 || RoomKey.IsValid(room) ? room : throw reader.Illegal("default-room", room, RoomKey.Rule),
            Timeout = reader.Duration("timeout"),
            Waiting = reader.Number("waiting", 1, 65_536),
        };
    }
}

/// <summary>Section <c>actorpeer.cluster.rooms</c>.</summary>
public sealed record RoomSettings
{
    /// <summary>Ports that rooms may have.</summary>
    public required PortRange Ports { get; init; }

    /// <summary>Most rooms on this node.</summary>
    public required int Max { get; init; }

    /// <summary>A room that nobody has been in for so long closes.</summary>
    public required TimeSpan EmptyAfter { get; init; }

    /// <summary>A room that does not open in so long is given up.</summary>
    public required TimeSpan OpenTimeout { get; init; }

    /// <summary>A room that does not get away in so long closes.</summary>
    public required TimeSpan MoveTimeout { get; init; }

    /// <summary>Other nodes are asked for a room's state so long.</summary>
    public required TimeSpan ClaimTimeout { get; init; }

    /// <summary>Most questions that wait while a room opens.</summary>
    public required int Waiting { get; init; }

    /// <summary>Largest state that goes from node to node, bytes.</summary>
    public required int MaxState { get; init; }

    /// <summary>Most properties of one room.</summary>
    public required int MaxProperties { get; init; }

    internal static RoomSettings Parse(SettingsReader reader) => new()
    {
        Ports = PortRange.TryParse(reader.Text("ports"), out var ports) ? ports : throw reader.Illegal("ports", reader.Text("ports"), "0, a port, or a range such as 20000-29999"),
        Max = reader.Number("max", 1, 65_536),
        EmptyAfter = reader.Duration("empty-after"),
        OpenTimeout = reader.Duration("open-timeout"),
        MoveTimeout = reader.Duration("move-timeout"),
        ClaimTimeout = reader.Duration("claim-timeout"),
        Waiting = reader.Number("waiting", 1, 65_536),
        MaxState = (int)reader.Bytes("max-state", 64 << 10, 2_000L << 20),
        MaxProperties = reader.Number("max-properties", 0, 256),
    };
}
