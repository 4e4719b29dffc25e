using System.Collections.Immutable;
using System.Net;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Event;
using Peer.Actors;
using Peer.Cluster.Hosts;
using Peer.Cluster.Messages;
using Peer.Protocol;

namespace Peer.Cluster.Rooms;

/// <summary>
/// A room as the cluster knows it: opens with what its former incarnation left, says where it is, and goes when it is told to. Its child is the game's logic; its
/// server belongs to the node's host and outlives it.
/// </summary>
internal sealed partial class RoomEntity : UntypedActor, IWithTimers
{
    private const int MostPorts = 64;

    private readonly RoomWorld _world;
    private readonly string _key;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly List<IActorRef> _askers = [];
    private IActorRef _logic = ActorRefs.Nobody;
    private IActorRef _manager = ActorRefs.Nobody;
    private RoomClaimed? _claimed;
    private ImmutableSortedDictionary<string, RoomValue> _properties = ImmutableSortedDictionary<string, RoomValue>.Empty;
    private string _endpoint = "";
    private int _peers;
    private int _peersHere;
    private int _ports;

    /// <summary>Why there is no room; null for one that was open.</summary>
    private RoomDenied? _denied;

    /// <summary>The game's word on it, asked once: what serves the room is made for one answer or the other.</summary>
    private bool _spans;

    public RoomEntity(RoomWorld world, string key)
    {
        _world = world;
        _key = key;
        Become(Opening);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(RoomWorld world, string key) => Producer<RoomEntity>.Props(() => new RoomEntity(world, key));

    /// <summary>Logic that fails is over, and the room with it: started anew it would not know who is there.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    protected override void PreStart()
    {
        if (!RoomKey.IsValid(_key) || !_world.Options.MayOpen(_key))
        {
            _denied = new RoomDenied(_key, DisconnectReason.Refusing, "there is no such room");
            Become(Refusing);
            Timers.StartSingleTimer(nameof(Overdue), Overdue.Instance, _world.Settings.Rooms.ClaimTimeout);
            return;
        }

        Timers.StartSingleTimer(nameof(Overdue), Overdue.Instance, _world.Settings.Rooms.OpenTimeout);
        _world.Host.Tell(new ClaimRoom(_key));
    }

    protected override void OnReceive(object message) => Unhandled(message);

    /// <summary>First the place and the state, then the logic, then the server.</summary>
    private void Opening(object message)
    {
        switch (message)
        {
            case FindRoom:
                Await();
                break;

            case ClaimRefused refused:
                Deny(DisconnectReason.Full, refused.Text);
                break;

            case RoomClaimed claimed:
                _claimed = claimed;
                _spans = _world.Options.Spans(_key);
                _logic = Context.ActorOf(_world.Options.Logic(_key), "logic");
                Context.Watch(_logic);
                _logic.Tell(new OpenRoom(_key, Self, claimed.IsMoved, claimed.Logic));
                break;

            case RoomReady when _claimed is not null && _ports == 0:
                MakeServer();
                break;

            case RoomRefused refused:
                Deny(DisconnectReason.Refusing, refused.Text);
                break;

            case ServerMade made:
                _manager = made.Manager;
                break;

            case Listening listening:
                _manager = Sender;
                Serve(listening.Local);
                break;

            case CouldNotStart failed when _ports >= Math.Min(MostPorts, _world.Settings.Rooms.Ports.First == 0 ? 1 : _world.Settings.Rooms.Ports.Count):
                _log.Error("Room {0} has no port: {1}", _key, failed.Cause);
                Deny(DisconnectReason.Full, "this node has no port left");
                break;

            case CouldNotStart:
                MakeServer();
                break;

            case Overdue:
                Deny(DisconnectReason.Refusing, "the room did not open in time");
                break;

            case Terminated:
                Deny(DisconnectReason.InternalError, "the room's logic failed");
                break;

            case RoomStop:
                _world.Host.Tell(new RoomGone(_key));
                Context.Stop(Self);
                break;

            default:
                Always(message);
                break;
        }
    }

    private void Await()
    {
        if (_askers.Count < _world.Settings.Rooms.Waiting)
            _askers.Add(Sender);
    }

    private void MakeServer()
    {
        _ports++;
        _world.Host.Tell(new MakeServer(_key, _logic, _claimed!.Server, _spans));
    }

    private void Serve(IPEndPoint local)
    {
        _claimed = null;
        Timers.Cancel(nameof(Overdue));
        _endpoint = _world.Advertised(local.Port);
        Become(Serving);
        _world.Host.Tell(new RoomServes(_key, _endpoint));
        TellNews();
        WatchForEmptiness();
        foreach (var asker in _askers)
            asker.Tell(At);
        _askers.Clear();
    }

    /// <summary>The room is forgotten, and whoever waits is told why. Its shard hears first: a question that follows the refusal is for the next actor.</summary>
    private void Deny(DisconnectReason reason, string text)
    {
        _denied = new RoomDenied(_key, reason, text);
        _world.Host.Tell(new RoomGone(_key));
        Passivate();
        foreach (var asker in _askers)
            asker.Tell(_denied);
        _askers.Clear();
    }

    private void Passivate()
    {
        Timers.CancelAll();
        if (_isToldToStop)
        {
            Context.Stop(Self);
            return;
        }

        Become(Refusing);
        Context.Parent.Tell(new Passivate(RoomDone.Instance));
    }

    /// <summary>There is no room here, and soon there will be no actor.</summary>
    private void Refusing(object message)
    {
        switch (message)
        {
            case FindRoom when _denied is not null:
                Sender.Tell(_denied);
                break;

            case FindRoom:
                Await();
                break;

            case Overdue:
                Passivate();
                break;

            case RoomDone or RoomStop:
                HandBack();
                Context.Stop(Self);
                break;

            default:
                break;
        }
    }

    /// <summary>Whoever came too late for a room that was open gets the next one. Not before the end: then the shard has heard of it, and no question comes here twice.</summary>
    private void HandBack()
    {
        foreach (var asker in _askers)
            _world.Region.Tell(new FindRoom(_key), asker);
        _askers.Clear();
    }

    private void Always(object message)
    {
        switch (message)
        {
            case SetRoomProperty set:
                SetProperty(set);
                break;

            case RoomStop:
                _isToldToStop = true;
                break;

            case PeerConnected:
                _peers++;
                break;

            case PeerDisconnected:
                _peers--;
                break;

            case WakeRoom or Overdue or EmptyTooLong or IPeerEvent or IHostMessage or IRoomMessage or FindRoom:
                break;

            default:
                Unhandled(message);
                break;
        }
    }

    private void SetProperty(SetRoomProperty set)
    {
        if (set.Value is not { } value)
        {
            _properties = _properties.Remove(set.Name);
        }
        else if (set.Name.Length > 32 || !RoomKey.IsValid(set.Name) || (!_properties.ContainsKey(set.Name) && _properties.Count >= _world.Settings.Rooms.MaxProperties))
        {
            _log.Warning("Property {0} of room {1} is not told: its name is not legal, or there are too many", set.Name, _key);
            return;
        }
        else
        {
            _properties = _properties.SetItem(set.Name, value);
        }

        if (_endpoint.Length > 0)
            TellNews();
    }

    private void TellNews() => _world.Host.Tell(new RoomNews(_key, _peers, _spans ? _peersHere : _peers, _properties));

    private RoomAt At => new(_key, _endpoint, _spans ? _manager.Path.ToSerializationFormatWithAddress(Akka.Cluster.Cluster.Get(Context.System).SelfAddress) : "");

    private sealed record Overdue : INoSerializationVerificationNeeded
    {
        public static Overdue Instance { get; } = new();
    }
}

/// <summary>To a room, from its shard or its host: go elsewhere.</summary>
internal sealed record RoomStop : INoSerializationVerificationNeeded, IDeadLetterSuppression
{
    public static RoomStop Instance { get; } = new();
}

/// <summary>To a room that asked for it: nothing is under way to it any more.</summary>
internal sealed record RoomDone : INoSerializationVerificationNeeded, IDeadLetterSuppression
{
    public static RoomDone Instance { get; } = new();
}
