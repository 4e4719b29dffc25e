using Akka.Actor;
using Peer.Cluster;
using Peer.Cluster.Listing;
using Peer.Node.Status;

namespace Peer.Node.Cluster;

/// <summary>A member of a cluster, for the page and the health checks. Rooms and players are looked for when somebody asks, at most once a second, and health does not ask.</summary>
internal sealed class ClusterNode : INodeView, IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly SharedLook<(IReadOnlyList<RoomStatus> Rooms, IReadOnlyList<PeerStatus> Peers)> _look;
    private readonly PeerReadings _readings = new();
    private long _readAt;
    private ActorSystem? _system;
    private int _state = (int)NodeState.Starting;

    public ClusterNode(TimeProvider time)
    {
        _time = time;
        _look = new(time, Interval, ([], []), LookAsync);
    }

    public NodeState State
    {
        get => (NodeState)Volatile.Read(ref _state);
        set => Volatile.Write(ref _state, (int)value);
    }

    public string? Illness => State is NodeState.Ready && Volatile.Read(ref _system) is { WhenTerminated.IsCompleted: true } ? "the actor system has ended" : null;

    /// <summary>Has something to look at from here on: this node's rooms have been started.</summary>
    public void Watch(ActorSystem system)
    {
        _readAt = _time.GetTimestamp();
        Volatile.Write(ref _system, system);
    }

    /// <summary>Players are those of this node's rooms; each node's page shows its own. Their rates are means since the look before.</summary>
    public async ValueTask<NodeReading> ReadAsync(CancellationToken cancellation)
    {
        if (Volatile.Read(ref _system) is not { WhenTerminated.IsCompleted: false } system)
            return NodeReading.Nothing;
        var (rooms, peers) = await _look.AskAsync(cancellation);
        return new NodeReading(MembersOf(system), rooms, peers);
    }

    public void Dispose() => _look.Dispose();

    private static List<MemberStatus> MembersOf(ActorSystem system)
    {
        var cluster = Akka.Cluster.Cluster.Get(system);
        var nodes = PeerCluster.Get(system).Nodes.ToDictionary(node => node.Address);
        var unreachable = cluster.State.Unreachable;
        return
        [
            .. cluster.State.Members.Select(member => new MemberStatus(
                member.Address.ToString(),
                unreachable.Contains(member) ? "unreachable" : $"{member.Status}".ToLowerInvariant(),
                member.Address.Equals(cluster.SelfAddress),
                nodes.TryGetValue(member.Address.ToString(), out var node) ? node.Rooms : null,
                node?.Peers)),
        ];
    }

    private static RoomStatus Row(RoomInfo room, IEnumerable<PeerStatus> peers) => new(
        room.Key,
        room.Node,
        room.Endpoint,
        room.Peers,
        peers.Select(peer => (double?)peer.RoundTripMs).Average(),
        peers.Select(peer => (double?)peer.Loss).Average());

    private async Task<(IReadOnlyList<RoomStatus> Rooms, IReadOnlyList<PeerStatus> Peers)> LookAsync(CancellationToken stopped)
    {
        var cluster = PeerCluster.Get(_system!);
        var listing = cluster.FindRoomsAsync(new RoomQuery { Limit = NodeStatus.MostRooms }, stopped);
        var peers = await cluster.FindPeersAsync(NodeStatus.MostPeers, stopped);
        var rooms = (await listing).Rooms;

        // Looks are that far apart; the first one may come right after the node has begun.
        var seconds = Math.Max(_time.GetElapsedTime(_readAt).TotalSeconds, Interval.TotalSeconds);
        _readAt = _time.GetTimestamp();
        _readings.Begin();
        PeerStatus[] rows = [.. peers.Select(peer => _readings.Row(peer.Room, peer.Peer, peer.Statistics, seconds))];
        var rowsOf = rows.ToLookup(row => row.Room);
        return ([.. rooms.Select(room => Row(room, rowsOf[room.Key]))], rows);
    }
}
