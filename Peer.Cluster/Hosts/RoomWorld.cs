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
    public Props Server(string key, ReadOnlyMemory<byte> state, int port) => PeerManager.Props(
        system,
        new PeerRole.Server(new IPEndPoint(settings.Bind, port))
        {
            Room = key,
            State = state,
            Adopt = state.IsEmpty,
            Admission = new RoomAdmission(key, options.Admission, new RoomFinder(this)),
            LeavesWithSystem = false,
        },
        options.Settings);

    public string Advertised(int port) => new IPEndPoint(settings.Advertise, port).ToString();
}
