using Peer.Cluster;
using Peer.Node.Status;

namespace Peer.Node.Cluster;

/// <summary>A member of a cluster, as its page shows it: all nodes with how full they are, and its own rooms with who is in them.</summary>
internal sealed class ClusterNode(RoomBook book, TimeProvider time) : INodeView
{
    private readonly PeerRows _rows = new(time);
    private int _state = (int)NodeState.Starting;
    private volatile Akka.Cluster.Cluster? _cluster;
    private volatile PeerCluster? _rooms;

    public NodeState State
    {
        get => (NodeState)Volatile.Read(ref _state) is var state && state == NodeState.Ready && !IsUp ? NodeState.Starting : state;
        set => Volatile.Write(ref _state, (int)value);
    }

    public string? Illness => _cluster is { IsTerminated: true } && State != NodeState.Stopping ? "this node is no member of the cluster any more" : null;

    public IReadOnlyList<Status.MemberStatus> Members
    {
        get
        {
            if (_cluster is not { IsTerminated: false } cluster || _rooms is not { } rooms)
                return [];
            var state = cluster.State;
            var reports = rooms.Nodes;
            return
            [
                .. state.Members.OrderBy(member => member.Address.Port).Select(member => new Status.MemberStatus(
                    $"{member.Address.Host}:{member.Address.Port}",
                    state.Unreachable.Contains(member) ? "unreachable" : $"{member.Status}".ToLowerInvariant(),
                    member.Address.Equals(cluster.SelfAddress),
                    reports.TryGetValue(member.Address, out var report) ? report.Rooms : null,
                    report?.Peers)),
            ];
        }
    }

    public IReadOnlyList<RoomStatus> Rooms =>
    [
        .. book.Rooms.OrderBy(room => room.Key, StringComparer.Ordinal).Take(NodeStatus.MostRooms).Select(room =>
        {
            var measured = room.Peers.Values.Select(peer => peer.Statistics).Where(statistics => statistics.RoundTripMs > 0).ToArray();
            return new RoomStatus(
                room.Key,
                Self,
                room.Endpoint,
                room.Peers.Count,
                measured.Length == 0 ? null : measured.Average(statistics => statistics.RoundTripMs),
                measured.Length == 0 ? null : measured.Average(statistics => statistics.Loss));
        }),
    ];

    public IReadOnlyList<PeerStatus> Peers =>
        _rows.Of(book.Rooms.SelectMany(room => room.Peers.Values.Select(peer => (peer.Peer, room.Key, peer.Statistics))));

    private string Self => _cluster is { } cluster ? $"{cluster.SelfAddress.Host}:{cluster.SelfAddress.Port}" : "";

    private bool IsUp => _cluster is { IsTerminated: false } cluster && cluster.SelfMember.Status == Akka.Cluster.MemberStatus.Up;

    /// <summary>The node has rooms from here on.</summary>
    public void Began(Akka.Cluster.Cluster cluster, PeerCluster rooms)
    {
        _rooms = rooms;
        _cluster = cluster;
    }
}
