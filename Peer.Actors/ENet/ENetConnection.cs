using System.Net;
using System.Buffers;
using System.Buffers.Binary;
using Akka.Actor;
using Akka.Event;
using Peer.Actors.Connections;
using Peer.Actors.Transport;
using Peer.Protocol;
using Peer.Protocol.Admission;
using Peer.Protocol.Delivery;
using Peer.Protocol.ENet;
using Peer.Protocol.Handshake;

namespace Peer.Actors.ENet;

/// <summary>What a connection that asks for an ENet connection itself needs.</summary>
/// <param name="Endpoints">Addresses to try, in order.</param>
/// <param name="OwnId">The peer ID that it draws for itself.</param>
/// <param name="ExpectedPeerId">The other end's: 1 for a server, its own for a mesh peer.</param>
internal sealed record ENetDial(IReadOnlyList<IPEndPoint> Endpoints, int OwnId, int ExpectedPeerId);

/// <summary>
/// One ENet connection to one remote peer, under the same manager as the native ones and with the same messages. ENet orders and acknowledges inside of its
/// channels, which share one window, so they are parts of the core and not actors.
/// </summary>
internal sealed partial class ENetConnection : UntypedActor, IENetListener
{
    private const int BatchBytes = 64_000;

    private readonly Member _member;
    private readonly ENetGuest _guest;
    private readonly ENetPort _port;
    private readonly PeerRuntime _runtime;
    private readonly IActorRef _manager = Context.Parent;
    private readonly IngressGauge _ingress = new();
    private readonly IngressRate? _ingressRate;
    private readonly DeadlineTimer _timer;
    private readonly ENetBudgets _budgets;
    private readonly long _statisticsInterval;
    private readonly ENetDial? _dial;
    private readonly int _ownId;
    private IActorRef _transport;
    private IDatagramSender _sender;
    private Destination _destination;
    private ENetPeer _peer;
    private DisconnectInfo? _ending;
    private int _endpoint;
    private long _counted;
    private long _deadline = long.MaxValue;
    private long _publishedAt = long.MinValue / 2;
    private long _publishAt = long.MaxValue;
    private bool _openedTold;
    private bool _closedTold;

    /// <summary>A connection that its client has confirmed, with the datagram that did it.</summary>
    public ENetConnection(Member member, ENetPort port, IActorRef transport, IDatagramSender sender, PeerRuntime runtime, int ownId, PendingConnect confirmed, byte[] first)
        : this(member, port, transport, sender, Destination.Of(confirmed.From), runtime, ownId)
    {
        var server = runtime.Settings.Server;
        if (server.IngressDatagramsPerSecond > 0 || server.IngressBytesPerSecond > 0)
            _ingressRate = new IngressRate(server.IngressDatagramsPerSecond, server.IngressBytesPerSecond);
        _peer = new ENetPeer(port.Settings, this, _budgets, confirmed, Now);
        TellOpened();
        _peer.Receive(first, Now);
        HandUp();
        Work(Now);
    }

    public ENetConnection(Member member, ENetPort port, IActorRef transport, IDatagramSender sender, PeerRuntime runtime, ENetDial dial)
        : this(member, port, transport, sender, Destination.Of(dial.Endpoints[0]), runtime, dial.OwnId)
    {
        _dial = dial;
        _peer = Dial();
        Work(Now);
    }

    private ENetConnection(Member member, ENetPort port, IActorRef transport, IDatagramSender sender, Destination destination, PeerRuntime runtime, int ownId)
    {
        _member = member;
        _guest = member.Guest!;
        _port = port;
        _transport = transport;
        _sender = sender;
        _destination = destination;
        _runtime = runtime;
        _ownId = ownId;
        _peer = null!;
        var settings = runtime.Settings;
        _budgets = new ENetBudgets(
            new ByteBudget(2L * settings.MaxMessageBytes, port.Partials), new ByteBudget(settings.PartialPerConnection, port.Partials), settings.Link.ReceiveWindow);
        _statisticsInterval = Clock.Micros(settings.StatisticsInterval);
        _timer = new DeadlineTimer(runtime, Context.System.Scheduler, Self, TimerElapsed.Instance);
        _transport.Tell(new Register(_guest.Slot, Self, _ingress));
    }

    public static Props Accepting(
        Member member, ENetPort port, IActorRef transport, IDatagramSender sender, PeerRuntime runtime, int ownId, PendingConnect confirmed, byte[] first) =>
        runtime.Place(Producer<ENetConnection>.Props(() => new ENetConnection(member, port, transport, sender, runtime, ownId, confirmed, first)));

    public static Props Dialling(Member member, ENetPort port, IActorRef transport, IDatagramSender sender, PeerRuntime runtime, ENetDial dial) =>
        runtime.Place(Producer<ENetConnection>.Props(() => new ENetConnection(member, port, transport, sender, runtime, dial)));

    private long Now => _runtime.Clock.Now;

    private ENetDialect Dialect => _port.Options.Dialect;

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Inbound inbound:
                Receive(inbound);
                break;

            case Forward forward:
                Submit(forward);
                break;

            case TimerElapsed:
                _timer.Elapsed();
                Work(Now);
                break;

            case CreditConsumed consumed:
                _peer.Consumed(consumed.Bytes);
                break;

            case RelayedPeerLeft left:
                _leaves.Enqueue((left.Peer, _peer.LastQueued));
                Work(Now);
                break;

            case EndConnection end:
                BeginEnding(end);
                break;

            case ShareBandwidth share:
                _peer.LimitThrottle(share.ThrottleLimit);
                if (share.IncomingLimit is { } incoming)
                    _peer.TellBandwidth(incoming, _port.Settings.OutgoingBandwidth);
                Work(Now);
                break;

            case UseTimeouts use:
                _peer.Timeouts = use.Timeouts;
                break;

            case UseSender use:
                _sender = use.Sender;
                if (!use.Transport.Equals(_transport))
                {
                    _transport = use.Transport;
                    _transport.Tell(new Register(_guest.Slot, Self, _ingress));
                }

                break;

            default:
                Unhandled(message);
                break;
        }
    }

    protected override void PreRestart(Exception reason, object message) => PostStop();

    protected override void PostStop()
    {
        _timer.Cancel();
        _transport.Tell(new Unregister(_guest.Slot));
        if (_peer is { State: ENetState.Connected or ENetState.DisconnectLater })
        {
            // Stopped from outside, or by a failure: said once, it is better than a time-out.
            _peer.DisconnectNow((uint)(_member.HasFailed ? DisconnectReason.InternalError : DisconnectReason.ShuttingDown));
            Transmit(Now);
        }

        if (_peer is not null)
            _member.Publish(_peer.Statistics());
        _peer?.Dispose();
        foreach (var writer in _arrivals)
            writer.Take().Release();
        _member.Gauge.Remove(_counted);
    }

    private ENetPeer Dial()
    {
        var dial = _dial!;
        Span<byte> drawn = stackalloc byte[4];
        _runtime.Random.Fill(drawn);
        _deadline = Now + Clock.Micros(_runtime.Settings.ConnectTimeout);
        return new ENetPeer(
            _port.Settings, this, _budgets, _guest.Slot, BinaryPrimitives.ReadUInt32BigEndian(drawn), _port.Settings.Channels, (uint)dial.OwnId, Now);
    }
}
