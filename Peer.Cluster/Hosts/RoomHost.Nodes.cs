using Akka.Actor;
using Akka.Cluster;
using Peer.Actors;
using Peer.Cluster.Messages;

namespace Peer.Cluster.Hosts;

/// <summary>The other nodes: who they are, how full they are, and how they are told.</summary>
internal sealed partial class RoomHost
{
    private readonly Dictionary<Address, Member> _members = [];
    private readonly HashSet<Address> _unreachable = [];
    private string _door = "";

    /// <summary>Doors of the cluster, as clients of this node's rooms are told.</summary>
    private IReadOnlyList<string> _doors = [];
    private int _nextOther;

    private const int MostDoors = 8;

    private bool IsDown => CoordinatedShutdown.Get(Context.System).ShutdownReason is CoordinatedShutdown.ClusterDowningReason || _cluster.IsTerminated || _cluster.SelfMember.Status is MemberStatus.Down or MemberStatus.Removed;

    private bool HeardOfMembers(object message)
    {
        switch (message)
        {
            case ClusterEvent.MemberRemoved removed:
                _members.Remove(removed.Member.Address);
                _unreachable.Remove(removed.Member.Address);
                _world.View.Nodes = _world.View.Nodes.Remove(removed.Member.Address);
                WillNotAnswer(removed.Member.Address);
                return true;

            case ClusterEvent.IMemberEvent { Member: { } member }:
                if (_world.Settings.Role.Length == 0 || member.HasRole(_world.Settings.Role))
                    _members[member.Address] = member;
                if (member.Status == MemberStatus.Down)
                    WillNotAnswer(member.Address);
                return true;

            case ClusterEvent.UnreachableMember unreachable:
                _unreachable.Add(unreachable.Member.Address);
                WillNotAnswer(unreachable.Member.Address);
                return true;

            case ClusterEvent.ReachableMember reachable:
                _unreachable.Remove(reachable.Member.Address);
                return true;

            default:
                return message is ClusterEvent.IClusterDomainEvent;
        }
    }

    /// <summary>Nodes with rooms, other than this one, that may answer.</summary>
    private IEnumerable<Address> Reachable() => _members.Values
        .Where(member => member.Status is MemberStatus.Up or MemberStatus.WeaklyUp or MemberStatus.Leaving or MemberStatus.Exiting)
        .Select(member => member.Address)
        .Where(address => !address.Equals(_cluster.SelfAddress) && !_unreachable.Contains(address));

    /// <summary>Nodes where a room may go on.</summary>
    private IEnumerable<Address> Others() => Reachable().Where(address =>
        _members[address].Status == MemberStatus.Up && !(_world.View.Nodes.TryGetValue(address, out var report) && report.IsDraining));

    private ActorSelection HostAt(Address node) => Context.ActorSelection(new RootActorPath(node) / "user" / Name);

    private void Report()
    {
        var peers = _rooms.Values.Sum(room => room.Here) + _gateways.Values.Sum(gateway => gateway.Peers);
        var report = new NodeReport(_door, _rooms.Count + _gateways.Count, peers, _world.Settings.Rooms.Max, _isDraining);
        _world.View.Nodes = _world.View.Nodes.SetItem(_cluster.SelfAddress, report);
        foreach (var node in Reachable())
            HostAt(node).Tell(report);
        CountSpread();
        SpreadDoors();
    }

    /// <summary>A client whose room is gone with its node asks another node's door; so it must know some before. Doors of nodes that died are forgotten with them.</summary>
    private void SpreadDoors()
    {
        if (IsDown)
            return;
        string[] doors = [.. _world.View.Nodes.Values.Where(node => !node.IsDraining && node.Door.Length > 0).Select(node => node.Door).Order(StringComparer.Ordinal).Take(MostDoors)];
        if (doors.SequenceEqual(_doors))
            return;
        _doors = doors;
        foreach (var room in _rooms.Values)
            room.Manager.Tell(new TellServers(doors));
        foreach (var gateway in _gateways.Values)
            gateway.Manager.Tell(new TellServers(doors));
    }

    private void Heard(NodeReport report)
    {
        var node = Sender.Path.Address;
        if (_members.ContainsKey(node))
            _world.View.Nodes = _world.View.Nodes.SetItem(node, report);
    }

    /// <summary>A room that was handed over opens as soon as somebody asks for it: a node that goes away has another one ask.</summary>
    private void Wake(string key)
    {
        var others = Others().ToArray();
        if (!_isDraining || others.Length == 0)
            _world.Region.Tell(new WakeRoom(key));
        else
            HostAt(others[_nextOther++ % others.Length]).Tell(new WakeRoom(key));
    }
}

/// <summary>From the door's keeper: it is open.</summary>
internal sealed record DoorOpened(string Endpoint) : IHostMessage;
