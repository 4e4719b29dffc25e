using Akka.Actor;
using Akka.Event;
using Peer.Actors;
using Peer.Protocol;

namespace Peer.Cluster.Hosts;

/// <summary>
/// A node on the losing side of a partition: its rooms open on the other side, so here they end at once, without a word of the game's or to its store. Their
/// players, who may well reach the other side, are sent to the doors there and come back by their tickets.
/// </summary>
internal sealed partial class RoomHost
{
    private readonly HashSet<IActorRef> _abandoned = [];

    private void Abandon()
    {
        _log.Warning("This node is on the losing side of a partition: {0} rooms close", _rooms.Count);
        _claims.Clear();
        foreach (var kept in _kept.Values)
            kept.Manager.Tell(new Leave(DisconnectInfo.Of(DisconnectReason.ShuttingDown)));
        foreach (var room in _rooms.Values)
        {
            Context.Unwatch(room.Entity);
            Context.Stop(room.Entity);
            Abandon(room);
        }

        _rooms.Clear();
        EmptyGateways();
        TellDrained();
    }

    private void Abandon(HostedRoom room)
    {
        if (room.Manager.IsNobody())
            return;
        _abandoned.Add(room.Manager);
        room.Manager.Tell(HandOver.Instance);
    }

    private void SendAway(IActorRef manager, bool isHandedOver)
    {
        var others = OtherDoors().ToArray();
        if (others.Length == 0 || !isHandedOver)
            manager.Tell(new Leave(DisconnectInfo.Of(DisconnectReason.ShuttingDown)));
        else
            manager.Tell(new Migrate(others[_nextOther++ % others.Length]) { Others = others });
    }

    /// <summary>Doors that are open.</summary>
    private IEnumerable<string> OtherDoors() => _doors.Where(door => door != _door || !(IsDown || _isDraining));
}
