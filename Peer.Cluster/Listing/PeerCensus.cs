using Akka.Actor;
using Peer.Actors;

namespace Peer.Cluster.Listing;

/// <summary>
/// Asks this node's rooms, once, who is in them. Their servers tell whoever subscribes who is there and how to read of each; so nothing is kept for the case that somebody
/// wants to look, and rooms have no more to do for a player who joins.
/// </summary>
internal sealed class PeerCensus : UntypedActor
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly IActorRef _host;
    private readonly int _limit;
    private readonly TaskCompletionSource<IReadOnlyList<RoomPeer>> _taken;
    private readonly Dictionary<IActorRef, string> _asked = [];
    private readonly List<RoomPeer> _peers = [];

    public PeerCensus(IActorRef host, int limit, TaskCompletionSource<IReadOnlyList<RoomPeer>> taken)
    {
        _host = host;
        _limit = limit;
        _taken = taken;
    }

    public static Props Props(IActorRef host, int limit, TaskCompletionSource<IReadOnlyList<RoomPeer>> taken) => Producer<PeerCensus>.Props(() => new PeerCensus(host, limit, taken));

    protected override void PreStart()
    {
        Context.SetReceiveTimeout(Patience);
        _host.Tell(new OccupiedWanted(_limit));
    }

    /// <summary>Nobody waits in vain, whatever ends it.</summary>
    protected override void PostStop() => _taken.TrySetResult(
        [.. _peers.OrderBy(peer => peer.Room, StringComparer.Ordinal).ThenBy(peer => peer.Peer).Take(_limit)]);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case OccupiedRooms occupied:
                Ask(occupied);
                break;

            case PeerConnected peer when _asked.TryGetValue(Sender, out var room):
                _peers.Add(new RoomPeer(room, peer.Peer, peer.Gauge?.Statistics ?? Protocol.PeerStatistics.Empty));
                break;

            case PeerCounters:
                Heard(Sender);
                break;

            case Terminated terminated:
                Heard(terminated.ActorRef);
                break;

            case ReceiveTimeout:
                Context.Stop(Self);
                break;

            default:
                // Others of a server's events, which are of no interest here.
                break;
        }
    }

    /// <summary>What a server answers to the second question comes after all of its answer to the first.</summary>
    private void Ask(OccupiedRooms occupied)
    {
        foreach (var (room, server) in occupied.Rooms)
        {
            _asked[server] = room;
            Context.Watch(server);
            server.Tell(new Subscribe(Self) { Packets = false });
            server.Tell(GetCounters.Instance);
        }

        if (_asked.Count == 0)
            Context.Stop(Self);
    }

    private void Heard(IActorRef server)
    {
        if (_asked.Remove(server) && _asked.Count == 0)
            Context.Stop(Self);
    }
}

/// <summary>To this node's host: rooms with players, until there are so many players. Answered with <see cref="OccupiedRooms"/>.</summary>
internal sealed record OccupiedWanted(int Peers) : Hosts.IHostMessage;

/// <summary>Their keys and servers, by key.</summary>
internal sealed record OccupiedRooms(IReadOnlyList<(string Key, IActorRef Server)> Rooms) : Hosts.IHostMessage;
