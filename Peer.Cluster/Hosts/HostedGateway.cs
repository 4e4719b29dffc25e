using Akka.Actor;

namespace Peer.Cluster.Hosts;

/// <summary>This node's part in a room that spans nodes and has its server, its home, on another one.</summary>
/// <param name="key">The room.</param>
/// <param name="home">The room's server.</param>
/// <param name="homeEndpoint">Where clients reach that: for the case that there can be no gateway.</param>
/// <param name="deadline">By then it lets clients in, or is given up.</param>
internal sealed class HostedGateway(string key, IActorRef home, string homeEndpoint, long deadline)
{
    public string Key => key;

    public IActorRef Home => home;

    public string HomeEndpoint => homeEndpoint;

    public long Deadline => deadline;

    public IActorRef Manager { get; set; } = ActorRefs.Nobody;

    /// <summary>Ports that were tried.</summary>
    public int Ports { get; set; }

    /// <summary>Where it listens; empty before.</summary>
    public string Endpoint { get; set; } = "";

    /// <summary>Whether the home has let it in.</summary>
    public bool IsLinked { get; set; }

    /// <summary>Who is served by it.</summary>
    public int Peers { get; set; }

    /// <summary>Since when nobody has been there, or has been shown the way.</summary>
    public long IdleSince { get; set; }

    /// <summary>Who waits for it.</summary>
    public List<IActorRef> Askers { get; init; } = [];
}

/// <summary>A room that spans nodes whose home the region has been asked for.</summary>
internal sealed class SoughtRoom(long deadline)
{
    public List<IActorRef> Askers { get; } = [];

    public long AskAgainAt { get; set; }

    public long Deadline => deadline;
}
