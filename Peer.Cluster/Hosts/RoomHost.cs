using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Peer.Actors;
using Peer.Cluster.Listing;
using Peer.Cluster.Messages;

namespace Peer.Cluster.Hosts;

/// <summary>
/// One for each node: parent of its rooms' servers, which outlive their rooms when these move on; keeper of what rooms hand over; and the node's voice among
/// the hosts of the cluster.
/// </summary>
internal sealed partial class RoomHost : UntypedActor, IWithTimers
{
    public const string Name = "peer-rooms";

    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(250);

    private readonly RoomWorld _world;
    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly AwakeTime _awake = new(ActorPeer.Get(Context.System).Runtime.Clock, Beat);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<string, HostedRoom> _rooms = [];
    private readonly Dictionary<string, KeptRoom> _kept = [];
    private readonly Dictionary<string, StateClaim> _claims = [];
    private readonly List<IActorRef> _drainAskers = [];
    private long _claimsMade;
    private long _servers;
    private bool _isDraining;

    public RoomHost(RoomWorld world) => _world = world;

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(RoomWorld world) => Producer<RoomHost>.Props(() => new RoomHost(world));

    /// <summary>A server that fails stops by itself.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    protected override void PreStart()
    {
        _cluster.Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.IReachabilityEvent));
        Timers.StartPeriodicTimer(nameof(HostBeat), HostBeat.Instance, Beat);
        Timers.StartPeriodicTimer(nameof(ReportDue), ReportDue.Instance, TimeSpan.Zero, _world.Settings.ReportInterval);
    }

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ClaimRoom claim:
                Claim(claim.Key);
                break;

            case MakeServer make:
                Make(make);
                break;

            case RoomServes serves:
                Serves(serves);
                break;

            case RoomNews news when Of(news.Key) is { } room:
                (room.Peers, room.Here, room.Properties) = (news.Peers, news.Here, news.Properties);
                break;

            case MayMove may:
                Sender.Tell(new MoveDecided(Others().Any() && !IsDown));
                break;

            case KeepRoom keep:
                Keep(keep);
                break;

            case RoomGone gone when Of(gone.Key) is { } room:
                Forget(room);
                break;

            case StateWanted or NoState or StateOffered or ChunkWanted or StateChunk or RoomMoved or WakeRoom:
                Converse((INodeMessage)message);
                break;

            case NodeReport report:
                Heard(report);
                break;

            case RoomsWanted wanted:
                List(wanted.Query);
                break;

            case OccupiedWanted wanted:
                TellOccupied(wanted.Peers);
                break;

            case HostBeat:
                LookAfter();
                break;

            case ReportDue:
                Report();
                break;

            case BeginDraining:
                Drain();
                break;

            case AwaitDrained:
                _drainAskers.Add(Sender);
                TellDrained();
                break;

            case HandedOver handed when _abandoned.Contains(Sender):
                SendAway(Sender, isHandedOver: handed.Cause.Length == 0);
                break;

            case Terminated terminated:
                Gone(terminated.ActorRef);
                break;

            case DoorOpened opened:
                _door = opened.Endpoint;
                Report();
                break;

            default:
                if (!HeardOfGateways(message) && !HeardOfMembers(message) && message is not (RoomNews or RoomGone))
                    Unhandled(message);
                break;
        }
    }

    /// <summary>The room of the sender; null when another incarnation has taken its place.</summary>
    private HostedRoom? Of(string key) => _rooms.TryGetValue(key, out var room) && room.Entity.Equals(Sender) ? room : null;

    private void Claim(string key)
    {
        if (_rooms.TryGetValue(key, out var former))
        {
            if (former.Entity.Equals(Sender))
                return;

            // It failed, and its successor was faster than the news of it.
            End(former);
        }

        if (IsFull)
        {
            Sender.Tell(new ClaimRefused("this node is full"));
            return;
        }

        _rooms.Add(key, new HostedRoom(key, Sender));
        Context.Watch(Sender);
        if (_kept.TryGetValue(key, out var kept) && !kept.HasMoved)
        {
            _rooms[key].Before = Self;
            Answer(key, kept.State);
            return;
        }

        Search(key);
    }

    private void Make(MakeServer make)
    {
        if (Of(make.Key) is not { } room)
            return;
        room.Spans = make.Spans;
        room.Manager = Context.ActorOf(_world.Server(make.Key, make.State, _world.Settings.Rooms.Ports.At(_servers++), make.Spans));
        Context.Watch(room.Manager);
        make.Logic.Tell(new Rooms.RoomServer(room.Manager));
        room.Manager.Tell(new TellServers(_doors));
        room.Manager.Tell(new Subscribe(make.Logic));
        room.Manager.Tell(new Subscribe(room.Entity) { Packets = false });
        Sender.Tell(new ServerMade(room.Manager));
    }

    private void Serves(RoomServes serves)
    {
        if (Of(serves.Key) is not { } room)
            return;
        room.Endpoint = serves.Endpoint;
        room.Before.Tell(new RoomMoved(room.Key, room.Endpoint));
        room.Before = ActorRefs.Nobody;
    }

    private void Gone(IActorRef actor)
    {
        if (GatewayGone(actor))
            return;
        if (_abandoned.Remove(actor))
        {
            TellDrained();
            return;
        }

        foreach (var kept in _kept.Values)
        {
            if (!kept.Manager.Equals(actor))
                continue;
            _kept.Remove(kept.Key);
            TellDrained();
            return;
        }

        foreach (var room in _rooms.Values)
        {
            if (!room.Entity.Equals(actor))
                continue;
            // Its shard may have ended before the node was told that it has lost a partition.
            _log.Warning("Room {0} ended without a word; its players are sent to a door", room.Key);
            _rooms.Remove(room.Key);
            _claims.Remove(room.Key);
            Abandon(room);
            TellDrained();
            return;
        }
    }

    /// <summary>Another incarnation has taken its place here.</summary>
    private void End(HostedRoom room)
    {
        room.Manager.Tell(new Leave(Protocol.DisconnectInfo.Of(Protocol.DisconnectReason.InternalError, "the room failed")));
        room.Endpoint = "";
        room.Manager = ActorRefs.Nobody;
        Forget(room);
    }

    private void Forget(HostedRoom room)
    {
        Context.Unwatch(room.Entity);
        _claims.Remove(room.Key);
        _rooms.Remove(room.Key);

        // A server that was to go on with somebody's clients has not had them yet, and must not send them away.
        if (room.Endpoint.Length == 0 && !room.Manager.IsNobody())
            Context.Stop(room.Manager);
        TellDrained();
    }

    private void Drain()
    {
        _isDraining = true;
        Sender.Tell(BeginDraining.Instance);
        if (IsDown)
            Abandon();
        else
            Report();
        EmptyGateways();
    }

    private void TellDrained()
    {
        if (_rooms.Count > 0 || _kept.Count > 0 || _abandoned.Count > 0)
            return;
        foreach (var asker in _drainAskers)
            asker.Tell(Drained.Instance);
        _drainAskers.Clear();
    }

    internal sealed record HostBeat : INoSerializationVerificationNeeded
    {
        public static HostBeat Instance { get; } = new();
    }

    private sealed record ReportDue : INoSerializationVerificationNeeded
    {
        public static ReportDue Instance { get; } = new();
    }
}
