using System.Net;
using System.Security.Cryptography;
using Akka.Actor;
using Akka.Event;
using Peer.Actors.Transport;
using Peer.Protocol;
using Peer.Protocol.Crypto;
using Peer.Protocol.Delivery;
using Peer.Protocol.Handshake;
using Peer.Protocol.Links;

namespace Peer.Actors.Connections;

/// <summary>One connection to one remote peer: its keys, acknowledgements, losses, pacing and datagrams. Its sequencers are its children.</summary>
internal sealed partial class Connection : UntypedActor, ILinkListener
{
    /// <summary>Control messages under way; they take no credit, so this alone bounds them.</summary>
    private const long ControlWindow = 4 << 20;

    /// <summary>What frames ahead of their turn may cost beside their payloads, all sequences together.</summary>
    private const long EarlyBytes = 16 << 20;

    /// <summary>Microseconds between two challenges of one address.</summary>
    private const long ChallengeInterval = 200_000;

    /// <summary>Largest batch that leaves in one system call.</summary>
    private const int BatchBytes = 64_000;

    private readonly Member _member;
    private readonly IActorRef _manager;
    private IActorRef _transport;
    private readonly PeerRuntime _runtime;
    private readonly IngressGauge _ingress = new();
    private readonly ByteBudget _partials;
    private ByteBudget _reliable;
    private readonly ByteBudget _early = new(EarlyBytes);
    private readonly Dictionary<SequenceKey, SequencerLine> _sequencers = [];
    private readonly List<FramesArrived> _arrivals = [];
    private readonly List<FramesDone> _departures = [];
    private readonly List<SubmitRuns> _submissions = [];
    private readonly List<OutboundFrame> _ready = [];
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly DeadlineTimer _timer;
    private IDatagramSender _sender;
    private Destination _destination;
    private PeerLink? _link;
    private IPEndPoint? _candidate;
    private ulong _challenge;
    private long _challengeAgain;
    private DisconnectInfo? _ending;
    private DisconnectInfo _farewell = DisconnectInfo.Of(DisconnectReason.ShuttingDown);
    private int _unflushed;
    private long _flushDeadline = long.MaxValue;
    private readonly long _statisticsInterval;
    private IPEndPoint? _receivingFrom;
    private long _publishedAt = long.MinValue / 2;
    private long _publishAt = long.MaxValue;
    private bool _stopping;
    private bool _closedTold;

    public Connection(Member member, IActorRef transport, IDatagramSender sender, Destination destination, PeerRuntime runtime, ByteBudget partials)
    {
        _member = member;
        _manager = Context.Parent;
        _transport = transport;
        _sender = sender;
        _destination = destination;
        _runtime = runtime;
        _partials = new ByteBudget(runtime.Settings.PartialPerConnection, partials);
        _reliable = new ByteBudget(runtime.Settings.Link.ReceiveWindow);
        _statisticsInterval = Clock.Micros(runtime.Settings.StatisticsInterval);
        _timer = new DeadlineTimer(runtime, Context.System.Scheduler, Self, TimerElapsed.Instance);
        _transport.Tell(new Register(member.ConnectionId, Self, _ingress));
    }

    /// <summary>A connection that answers an admitted HELLO.</summary>
    public static Props Accepting(
        Member member, IActorRef transport, IDatagramSender sender, Destination destination, PeerRuntime runtime, ByteBudget partials, Acceptance acceptance) =>
        runtime.Place(Producer<Connection>.Props(() => new Connection(member, transport, sender, destination, runtime, partials, acceptance)));

    /// <summary>A connection that says HELLO itself.</summary>
    public static Props Dialling(
        Member member, IActorRef transport, IDatagramSender sender, PeerRuntime runtime, ByteBudget partials, Dial dial) =>
        runtime.Place(Producer<Connection>.Props(() => new Connection(member, transport, sender, runtime, partials, dial)));

    /// <summary>A sequencer that fails takes its connection with it: restarted, it would have lost its window and the two ends would disagree.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    protected override void OnReceive(object message) => Unhandled(message);

    protected override void PreRestart(Exception reason, object message) => PostStop();

    protected override void PostStop()
    {
        _timer.Cancel();
        _transport.Tell(new Unregister(_member.ConnectionId));
        SendFarewell();
        if (_link is { } link)
            _member.Publish(link.Statistics(Now));
        _link?.Dispose();
        DropAttempts();
        DropRedial();
        ForgetDialling();
        ForgetAnew();
        CryptographicOperations.ZeroMemory(_ticket?.Secret);
    }

    void ILinkListener.FrameArrived(in InboundFrame frame) => FramesArrived.For(frame.Key, _arrivals).Items.Add(frame);

    void ILinkListener.FrameDone(OutboundFrame frame) => FramesDone.For(frame.Key, _departures).Items.Add(frame);

    private long Now => _runtime.Clock.Now;

    private void Establish(SessionKeys keys, bool isServer, ulong remoteId, long sendCredit)
    {
        _link = new PeerLink(_runtime.Settings.Link, keys, isServer, remoteId, sendCredit, this, Now);
        keys.Dispose();
    }

    private void UseTransport(IActorRef transport)
    {
        if (transport.Equals(_transport))
            return;
        _transport = transport;
        _transport.Tell(new Register(_member.ConnectionId, Self, _ingress));
        foreach (var attempt in _attempts)
            _transport.Tell(new Register(attempt.ConnectionId, Self, _ingress));
        if (_redialId != 0)
            _transport.Tell(new Register(_redialId, Self, _ingress));
    }

    private SequencerLine SequencerFor(SequenceKey key)
    {
        if (_sequencers.TryGetValue(key, out var line))
            return line;
        // Control messages must pass even while nobody reads: they have a window of their own.
        var reliable = key.IsControl ? new ByteBudget(ControlWindow) : _reliable;
        line = new SequencerLine(_runtime.IsSingleThreaded);
        var props = Sequencer.Props(key, _member, _manager, _runtime, new InboundBudgets(_partials, reliable, _early), line);
        line.Actor = Context.ActorOf(props, NameOf(key));
        Context.Watch(line.Actor);
        _sequencers.Add(key, line);
        return line;
    }
}
