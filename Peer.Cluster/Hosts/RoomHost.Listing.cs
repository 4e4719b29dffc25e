using Akka.Actor;
using Peer.Cluster.Listing;

namespace Peer.Cluster.Hosts;

/// <summary>What this node has to say to whoever looks for rooms.</summary>
internal sealed partial class RoomHost
{
    private void List(RoomQuery query)
    {
        var node = _cluster.SelfAddress.ToString();
        var matching = _rooms.Values
            .Where(room => room.Endpoint.Length > 0 && query.Where.All(condition => condition.Holds(new HostedFacts(room.Peers, room.Properties))))
            .Select(room => new RoomInfo(room.Key, node, room.Endpoint, room.Peers, room.Properties))
            .ToArray();
        var (found, bytes) = (new List<RoomInfo>(), 0);
        foreach (var room in query.Best(matching))
        {
            bytes += RoomsFound.SizeOf(room);
            if (bytes > RoomsFound.MaxBytes)
                break;
            found.Add(room);
        }

        Sender.Tell(new RoomsFound(found, found.Count == matching.Length));
    }

    /// <summary>Rooms with players, by key, until there are so many players.</summary>
    private void TellOccupied(int peers)
    {
        var rooms = new List<(string, IActorRef)>();
        foreach (var room in _rooms.Values.Where(room => room.Peers > 0 && !room.Manager.IsNobody()).OrderBy(room => room.Key, StringComparer.Ordinal))
        {
            if (peers <= 0)
                break;
            rooms.Add((room.Key, room.Manager));
            peers -= room.Peers;
        }

        Sender.Tell(new OccupiedRooms(rooms));
    }
}
