using System.Net;
using Akka.Actor;
using Akka.Event;
using Peer.Actors.Connections;
using Peer.Actors.ENet;
using Peer.Actors.Facade;
using Peer.Actors.Telemetry;
using Peer.Actors.Transport;
using Peer.Protocol;
using Peer.Protocol.Crypto;
using Peer.Protocol.Delivery;
using Peer.Protocol.Handshake;
using Peer.Protocol.Routing;
using Error = Peer.Protocol.Error;
using Inbox = Peer.Actors.Facade.Inbox;

namespace Peer.Actors;

/// <summary>
/// One peer of a game: server, client or mesh peer. Generates IDs, admits newcomers, routes by target peer, relays, and keeps the order of events.
/// Supervises the transport and a connection for each remote peer.
/// </summary>
internal sealed partial class ManagerActor : UntypedActor
{
    private readonly PeerRole _role;
    private readonly PeerRuntime _runtime;
    private readonly Inbox? _inbox;
    private readonly Outbox? _outbox;
    private readonly TransportCounters _transportCounters;
    private readonly ManagerBook _book;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly HashSet<IActorRef> _subscribers = [];

    /// <summary>Subscribers who leave packets to others.</summary>
    private readonly HashSet<IActorRef> _observers = [];
    private readonly Dictionary<int, Member> _peers = [];
    private readonly Dictionary<IActorRef, Member> _members = [];
    private readonly HashSet<Member> _unopened = [];
    private readonly ByteBudget _partials;
    private readonly IngressGauge _strangers = new();
    private DisconnectInfo? _leaving;
    private bool _refusing;
    private bool _hasStarted;

    public ManagerActor(PeerRole role, PeerRuntime runtime, Inbox? inbox, Outbox? outbox, TransportCounters counters)
    {
        _role = role;
        _runtime = runtime;
        _inbox = inbox;
        _outbox = outbox;
        _transportCounters = counters;
        _partials = new ByteBudget(runtime.Settings.PartialTotal);
        _roster = new RelayRoster(this, HoldBytes);
        _applicationId = HandshakeFormat.ApplicationId(runtime.Settings.Application);
        _ticketKeys = NewTicketKeys();
        _gate = NewGate();
        _limits = new AdmissionLimits(runtime.Settings.Server, runtime.Random, runtime.Clock.Now);
        _hook = (role as PeerRole.Server)?.Admission;
        _port = new ManagerPort(runtime, Context);
        _enet = NewENetPort();
        _book = new ManagerBook(role, runtime.Settings.Application, _counters, counters) { ENet = _enet };
        _enetTick = new DeadlineTimer(runtime, Context.System.Scheduler, Self, ENetTick.Instance);
        _answerOverdue = new DeadlineTimer(runtime, Context.System.Scheduler, Self, AnswerOverdue.Instance);
        _renewal = new DeadlineTimer(runtime, Context.System.Scheduler, Self, TicketsDue.Instance);
        _returnsDue = new DeadlineTimer(runtime, Context.System.Scheduler, Self, ReturnsDue.Instance);
        _spanDue = new DeadlineTimer(runtime, Context.System.Scheduler, Self, SpanDue.Instance);
        _flushDue = new DeadlineTimer(runtime, Context.System.Scheduler, Self, FlushSpans.Instance);
        _overdue = new DeadlineTimer(runtime, Context.System.Scheduler, Self, CloseOverdue.Instance);
        Become(Starting);
    }

    public static Props Props(PeerRole role, PeerRuntime runtime, Inbox? inbox, Outbox? outbox, TransportCounters counters) =>
        runtime.Place(Producer<ManagerActor>.Props(() => new ManagerActor(role, runtime, inbox, outbox, counters)));

    /// <summary>What fails is over: a connection for good, the transport to be made anew on its port.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ =>
    {
        if (_members.TryGetValue(Sender, out var failed))
            failed.HasFailed = true;
        return Directive.Stop;
    });

    protected override void PreStart()
    {
        _hasStarted = true;
        if (_role is not PeerRole.Server { LeavesWithSystem: false })
            _runtime.Managers.Add(Self);
        Books.Enter(_book);
        if (Bind is { } bind)
            Open(_port, bind);
        else
            ResolveServer((PeerRole.Client)_role);
    }

    protected override void PreRestart(Exception reason, object message)
    {
        // A manager that fails has lost its roster: starting over would leave both sides with different worlds, so it ends and says so.
        var info = DisconnectInfo.Of(DisconnectReason.InternalError, $"the peer manager failed: {reason.Message}");
        _roster.Clear(info);
        foreach (var member in _peers.Values)
        {
            if (member.IsOpen)
                Announce(new PeerDisconnected(member.Id, info));
        }

        if (_role is PeerRole.Client)
            Announce(new ServerDisconnected(info));
        Context.Stop(Self);
        base.PreRestart(reason, message);
    }

    protected override void PostRestart(Exception reason)
    {
        // Not PreStart: this instance only waits to be stopped, and must not bind the port again.
    }

    protected override void PostStop()
    {
        _overdue.Cancel();
        _enetTick.Cancel();
        _enet?.Gate.Dispose();
        _port.Cancel();
        _enet?.Port?.Cancel();
        _renewal.Cancel();
        _returnsDue.Cancel();
        _spanDue.Cancel();
        _flushDue.Cancel();
        StopAsking();

        // However it ended, this is what a reader waits for.
        if (_hasStarted)
            Announce(Stopped.Instance);
        _runtime.Managers.Remove(Self);
        Books.Leave(_book);
    }

    protected override void OnReceive(object message) => Unhandled(message);

    private IPEndPoint? Bind => _role switch
    {
        PeerRole.Server server => server.Bind,
        PeerRole.Mesh mesh => mesh.Bind,
        _ => null,
    };

    /// <summary>This peer's own ID; 0 while a client has none.</summary>
    private int _ownId;

    /// <summary>The socket is being bound, or the server's name looked up.</summary>
    private void Starting(object message)
    {
        switch (message)
        {
            case ServerResolved resolved:
                _endpoints = resolved.Endpoints;
                Open(_port, LocalBind(resolved.Endpoints));
                break;

            case ResolveFailed failed:
                Fail(failed.Cause);
                break;

            case AttemptRefused refused:
                Fail(refused.Why);
                break;

            case TransportUp up when PortOf(Sender) is { } port:
                Opened(port, up);
                if (port == _port && _enet is { Port: { } second, Bind: { } bind })
                {
                    Open(second, bind);
                    break;
                }

                Announce(new Listening(_port.Local!));
                Start();
                break;

            case TransportBindFailed failed:
                Fail(failed.Cause);
                break;

            case AddMeshPeer add:
                _introductions.Add(add);
                break;

            default:
                Always(message);
                break;
        }
    }

    /// <summary>Traffic.</summary>
    private void Running(object message)
    {
        switch (message)
        {
            case RunsArrived arrived:
                Receive(arrived);
                break;

            case Doorbell:
                DrainOutbox();
                break;

            case Stranger stranger:
                Greet(stranger);
                break;

            case ENetStranger stranger:
                GreetENet(stranger);
                break;

            case ConnectionOpened opened:
                Opened(opened);
                break;

            case ConnectionClosed closed:
                Closed(closed.Member, closed.Info);
                break;

            case Send send:
                SendOne(send);
                break;

            case Kick kick:
                Disconnect(kick);
                break;

            case HandOver handOver:
                BeginHandover(Sender, handOver.AwaitsLastWord);
                break;

            case AddMeshPeer add:
                Dial(add);
                break;

            case MeshPeerResolved resolved:
                Dial(resolved.Peer, resolved.Endpoints);
                break;

            case ResolveFailed failed:
                _log.Warning("{0}", failed.Cause);
                break;

            default:
                Always(message);
                break;
        }
    }

    private void Always(object message)
    {
        switch (message)
        {
            case Subscribe subscribe:
                (subscribe.Packets ? _subscribers : _observers).Add(subscribe.Subscriber);
                Context.Watch(subscribe.Subscriber);
                TellWhatIs(subscribe.Subscriber);
                break;

            case Unsubscribe unsubscribe:
                _subscribers.Remove(unsubscribe.Subscriber);
                _observers.Remove(unsubscribe.Subscriber);
                Context.Unwatch(unsubscribe.Subscriber);
                break;

            case RefuseNewConnections refuse:
                _refusing = refuse.Refuse;
                break;

            case TransportUp up when PortOf(Sender) is { } port:
                Opened(port, up);
                break;

            case TransportDown down:
                _log.Warning("The transport failed and is being rebuilt: {0}", down.Cause);
                break;

            case TransportBindFailed failed:
                _log.Warning("{0}", failed.Cause);
                break;

            case PortDue due:
                TakeOver(due.Port);
                break;

            case Leave leave:
                BeginLeaving(leave.Info);
                break;

            case Terminated terminated:
                Gone(terminated.ActorRef);
                break;

            case Send send:
                Sender.Tell(new SendFailed(send, Error.Unconfigured));
                break;

            case Doorbell:
                DrainOutbox(isConnected: false);
                break;

            default:
                if (!Administer(message) && !Resume(message) && !AdministerENet(message) && !Span(message))
                    Unhandled(message);
                break;
        }
    }

    private void Start()
    {
        Become(Running);
        switch (_role)
        {
            case PeerRole.Server server:
                _ownId = PeerIds.Server;
                if (System.Text.Encoding.UTF8.GetByteCount(server.Room) > TicketSeal.MaxRoomLength)
                {
                    Fail($"the name of a room has at most {TicketSeal.MaxRoomLength} bytes");
                    break;
                }

                AwaitReturns();
                JoinSpan(server);
                if (server.State is { IsEmpty: false } state && !TryTakeOver(state))
                    Fail("the state of another server cannot be taken over: it cannot be read, or it is of another version");
                break;

            case PeerRole.Mesh mesh:
                _ownId = mesh.Id;
                foreach (var add in _introductions)
                    Dial(add);
                _introductions.Clear();
                break;

            case PeerRole.Client when _enet is not null:
                DialENet(0, _endpoints, PeerIds.Generate(_runtime.Random, static _ => false), PeerIds.Server);
                break;

            case PeerRole.Client client:
                Dial(client);
                break;
        }
    }

    /// <summary>An actor stopped: a subscriber, the transport, or a connection that failed without a word.</summary>
    private void Gone(IActorRef actor)
    {
        if (_subscribers.Remove(actor) | _observers.Remove(actor))
            return;
        ReleaseSlot(actor);
        if (PortOf(actor) is { } port)
        {
            Lost(port);
            return;
        }

        if (LoseGateway(actor))
            return;
        if (_members.TryGetValue(actor, out var member))
            Closed(member, DisconnectInfo.Of(DisconnectReason.InternalError, "the connection failed"));
    }
}
