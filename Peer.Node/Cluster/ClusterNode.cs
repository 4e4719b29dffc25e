using Akka.Actor;
using Peer.Cluster;
using Peer.Cluster.Listing;
using Peer.Node.Status;

namespace Peer.Node.Cluster;

/// <summary>A member of a cluster, for the page and the health checks. Rooms are asked for now and then, not for each who looks.</summary>
internal sealed class ClusterNode : INodeView, IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopped = new();
    private IReadOnlyList<RoomStatus> _rooms = [];
    private ActorSystem? _system;
    private int _state = (int)NodeState.Starting;

    public NodeState State
    {
        get => (NodeState)Volatile.Read(ref _state);
        set => Volatile.Write(ref _state, (int)value);
    }

    public string? Illness => State is NodeState.Ready && _system is { WhenTerminated.IsCompleted: true } ? "the actor system has ended" : null;

    public IReadOnlyList<MemberStatus> Members => _system is { WhenTerminated.IsCompleted: false } system ? MembersOf(system) : [];

    public IReadOnlyList<RoomStatus> Rooms => Volatile.Read(ref _rooms);

    /// <summary>Rooms of a cluster are read from their own meters; a list of all their players is nobody's to read.</summary>
    public IReadOnlyList<PeerStatus> Peers => [];

    /// <summary>Begins to look.</summary>
    public void Watch(ActorSystem system)
    {
        _system = system;
        _ = LookAsync(PeerCluster.Get(system));
    }

    public void Dispose()
    {
        _stopped.Cancel();
        _stopped.Dispose();
    }

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

    private async Task LookAsync(PeerCluster cluster)
    {
        var token = _stopped.Token;
        using var timer = new PeriodicTimer(Interval);
        try
        {
            while (await timer.WaitForNextTickAsync(token))
            {
                var listing = await cluster.FindRoomsAsync(new RoomQuery { Limit = NodeStatus.MostRooms }, token);
                Volatile.Write(ref _rooms, [.. listing.Rooms.Select(room => new RoomStatus(room.Key, room.Node, room.Endpoint, room.Peers, null, null))]);
            }
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
    }
}
