using Akka.Actor;
using Akka.Event;
using Peer.Actors;
using Peer.Cluster.Messages;
using Peer.Protocol;

namespace Peer.Cluster.Hosts;

/// <summary>
/// Rooms that span nodes. Whoever asks this node's door for one is served here: by its server, where that is on this node, or else by a gateway to it, which is opened for the first one who asks
/// and closes when nobody has been there for a while.
/// </summary>
internal sealed partial class RoomHost
{
    /// <summary>Ports of a range that are tried for a gateway.</summary>
    private const int MostGatewayPorts = 64;

    private static readonly long AskAgainAfter = Clock.Micros(TimeSpan.FromMilliseconds(400));

    private readonly Dictionary<string, HostedGateway> _gateways = [];
    private readonly Dictionary<IActorRef, HostedGateway> _gatewayOf = [];
    private readonly Dictionary<string, SoughtRoom> _sought = [];

    /// <summary>Gateways are as much work as rooms.</summary>
    private bool IsFull => _rooms.Count + _gateways.Count >= _world.Settings.Rooms.Max;

    private bool HeardOfGateways(object message)
    {
        switch (message)
        {
            case ShowRoom show:
                Show(show.Key);
                return true;

            case RoomAt at:
                Found(at);
                return true;

            case RoomDenied denied:
                if (_sought.Remove(denied.Key, out var sought))
                    Tell(sought.Askers, denied);
                return true;

            case IPeerEvent happened:
                if (_gatewayOf.TryGetValue(Sender, out var gateway))
                    Heard(gateway, happened);
                return true;

            default:
                return false;
        }
    }

    private void Show(string key)
    {
        if (_rooms.TryGetValue(key, out var room) && room.Endpoint.Length > 0)
        {
            Sender.Tell(new RoomAt(key, room.Endpoint));
        }
        else if (_gateways.TryGetValue(key, out var gateway))
        {
            gateway.IdleSince = _awake.Now;
            if (gateway.IsLinked)
                Sender.Tell(new RoomAt(key, gateway.Endpoint));
            else
                Await(gateway.Askers);
        }
        else
        {
            Seek(key);
        }
    }

    private void Seek(string key)
    {
        var now = _awake.Now;
        if (!_sought.TryGetValue(key, out var sought))
            _sought.Add(key, sought = new SoughtRoom(now + Clock.Micros(_world.Settings.Door.Timeout)));
        Await(sought.Askers);
        if (now < sought.AskAgainAt)
            return;
        sought.AskAgainAt = now + AskAgainAfter;
        _world.Region.Tell(new FindRoom(key));
    }

    private void Await(List<IActorRef> askers)
    {
        if (askers.Count < _world.Settings.Rooms.Waiting)
            askers.Add(Sender);
    }

    /// <summary>The region has told where the room's server is.</summary>
    private void Found(RoomAt at)
    {
        if (!_sought.Remove(at.Key, out var sought))
            return;
        var home = at.Home.Length == 0 ? ActorRefs.Nobody : ((ExtendedActorSystem)Context.System).Provider.ResolveActorRef(at.Home);
        if (home.IsNobody() || home.Path.Address.HasLocalScope || home.Path.Address.Equals(_cluster.SelfAddress) || IsFull || _isDraining || IsDown)
        {
            Tell(sought.Askers, new RoomAt(at.Key, at.Endpoint));
            return;
        }

        var now = _awake.Now;
        var gateway = new HostedGateway(at.Key, home, at.Endpoint, now + Clock.Micros(_world.Settings.Rooms.OpenTimeout)) { Askers = sought.Askers, IdleSince = now };
        _gateways.Add(at.Key, gateway);
        Context.Watch(home);
        Open(gateway);
    }

    private void Open(HostedGateway gateway)
    {
        gateway.Ports++;
        gateway.Manager = Context.ActorOf(_world.Gateway(gateway.Key, gateway.Home, _world.Settings.Rooms.Ports.At(_servers++)));
        _gatewayOf.Add(gateway.Manager, gateway);
        Context.Watch(gateway.Manager);
        gateway.Manager.Tell(new TellServers(_doors));
        gateway.Manager.Tell(new Subscribe(Self) { Packets = false });
    }

    private void Heard(HostedGateway gateway, IPeerEvent happened)
    {
        switch (happened)
        {
            case Listening listening:
                gateway.Endpoint = _world.Advertised(listening.Local.Port);
                break;

            case GatewayLinked:
                gateway.IsLinked = true;
                gateway.IdleSince = _awake.Now;
                Tell(gateway.Askers, new RoomAt(gateway.Key, gateway.Endpoint));
                break;

            case CouldNotStart when gateway.Endpoint.Length == 0 && gateway.Ports < Math.Min(MostGatewayPorts, _world.Settings.Rooms.Ports.First == 0 ? 1 : _world.Settings.Rooms.Ports.Count):
                _gatewayOf.Remove(gateway.Manager);
                Open(gateway);
                break;

            case CouldNotStart failed:
                GiveUp(gateway, failed.Cause);
                break;

            case PeerConnected:
                gateway.Peers++;
                break;

            case PeerDisconnected:
                gateway.Peers--;
                gateway.IdleSince = _awake.Now;
                break;

            case HandedOver handed:
                MoveWithHome(gateway, isHandedOver: handed.Cause.Length == 0);
                break;
        }
    }

    /// <summary>There is no gateway here; the home takes clients, too.</summary>
    private void GiveUp(HostedGateway gateway, string cause)
    {
        _log.Warning("There is no gateway to room {0} on this node: {1}", gateway.Key, cause);
        Forget(gateway);
        Context.Stop(gateway.Manager);
        Tell(gateway.Askers, new RoomAt(gateway.Key, gateway.HomeEndpoint));
    }

    private void Forget(HostedGateway gateway)
    {
        _gateways.Remove(gateway.Key);
        _gatewayOf.Remove(gateway.Manager);
        Context.Unwatch(gateway.Home);
    }

    /// <summary>The room goes to another node. Its clients here come back through this node's door, which opens a gateway to the new home; or through another one if this node goes, too.</summary>
    private void MoveWithHome(HostedGateway gateway, bool isHandedOver)
    {
        Forget(gateway);
        _abandoned.Add(gateway.Manager);
        if (isHandedOver && _door.Length > 0 && !_isDraining && !IsDown)
            gateway.Manager.Tell(new Migrate(_door));
        else
            SendAway(gateway.Manager, isHandedOver);
    }

    /// <summary>This node goes: clients are sent to other doors, and the rest of their rooms takes them for away.</summary>
    private void EmptyGateways()
    {
        foreach (var gateway in _gateways.Values.ToArray())
        {
            Forget(gateway);
            if (!gateway.IsLinked)
            {
                Context.Stop(gateway.Manager);
                Tell(gateway.Askers, new RoomAt(gateway.Key, gateway.HomeEndpoint));
                continue;
            }

            _abandoned.Add(gateway.Manager);
            gateway.Manager.Tell(HandOver.Instance);
        }
    }

    /// <summary>A gateway that has lost its home has ended; one that has not been let in yet is waiting for nobody.</summary>
    private bool GatewayGone(IActorRef actor)
    {
        if (_gatewayOf.TryGetValue(actor, out var ended))
        {
            Forget(ended);
            return true;
        }

        var orphans = _gateways.Values.Where(gateway => gateway.Home.Equals(actor)).ToArray();
        foreach (var orphan in orphans)
        {
            if (orphan.IsLinked)
                continue;
            Forget(orphan);
            Context.Stop(orphan.Manager);
        }

        return orphans.Length > 0;
    }

    private void LookAfterGateways(long now)
    {
        foreach (var (key, sought) in _sought)
        {
            if (now >= sought.Deadline)
                _sought.Remove(key);
        }

        foreach (var gateway in _gateways.Values.ToArray())
        {
            if (!gateway.IsLinked && now >= gateway.Deadline)
            {
                GiveUp(gateway, "its home does not let it in");
            }
            else if (gateway.IsLinked && gateway.Peers == 0 && now >= gateway.IdleSince + Clock.Micros(_world.Settings.Rooms.EmptyAfter))
            {
                Forget(gateway);
                gateway.Manager.Tell(new Leave(DisconnectInfo.Of(DisconnectReason.Closed)));
            }
        }
    }

    /// <summary>Of a room that spans nodes, its server knows who is on this one.</summary>
    private void CountSpread()
    {
        foreach (var room in _rooms.Values)
        {
            if (room.Spans && room.Endpoint.Length > 0)
                room.Manager.Tell(GetCounters.Instance, room.Entity);
        }
    }

    private static void Tell(List<IActorRef> askers, INodeMessage answer)
    {
        foreach (var asker in askers)
            asker.Tell(answer);
        askers.Clear();
    }
}
