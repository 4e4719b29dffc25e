using System.Net;
using Akka.Actor;
using Peer.Actors;
using Peer.Cluster.Doors;
using Peer.Cluster.Rooms;
using Peer.Cluster.Settings;

namespace Peer.Cluster.Hosts;

/// <summary>What a node's host, rooms and door share.</summary>
internal sealed class RoomWorld(ActorSystem system, PeerClusterSettings settings, RoomOptions options)
{
    public PeerClusterSettings Settings => settings;

    public RoomOptions Options => options;

    public ClusterView View { get; } = new();

    public IActorRef Region { get; set; } = ActorRefs.Nobody;

    public IActorRef Host { get; set; } = ActorRefs.Nobody;

    /// <summary>Props of a room's server.</summary>
    public Props Server(string key, ReadOnlyMemory<byte> state, int port, bool spans) => PeerManager.Props(
        system,
        new PeerRole.Server(new IPEndPoint(settings.Bind, port))
        {
            Room = key,
            State = state,
            Adopt = state.IsEmpty,
            Spans = spans,
            Admission = Admission(key),
            LeavesWithSystem = false,
        },
        options.Settings);

    /// <summary>Props of a gateway to a room whose server is on another node.</summary>
    public Props Gateway(string key, IActorRef home, int port) => PeerManager.Props(
        system,
        new PeerRole.Server(new IPEndPoint(settings.Bind, port)) { Room = key, Home = home, Admission = Admission(key), LeavesWithSystem = false },
        options.Settings);

    private RoomAdmission Admission(string key) => new(key, options.Admission, new RoomFinder(this));

    public string Advertised(int port) => new IPEndPoint(settings.Advertise, port).ToString();
}
