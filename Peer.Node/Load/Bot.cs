using System.Diagnostics;
using Akka.Actor;
using Peer.Actors;
using Peer.Protocol;

namespace Peer.Node.Load;

/// <summary>A client that talks to its room, keeps books, and connects anew when it has lost its server.</summary>
internal sealed class Bot : UntypedActor, IWithTimers
{
    private const int PeerIdOfServer = MultiplayerPeer.TargetPeerServer;

    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(10);

    private readonly BotPlan _plan;
    private readonly LoadCounters _counters;
    private readonly BotBook _book;
    private readonly Random _random;
    private readonly long[] _numbers = new long[3];
    private IActorRef _manager = ActorRefs.Nobody;
    private long _dialledAt;
    private long _lastTick;
    private double _due;
    private bool _isIn;
    private bool _isToLeave;
    private bool _isGoing;

    public Bot(BotPlan plan, LoadCounters counters)
    {
        _plan = plan;
        _counters = counters;
        _book = new BotBook { Bot = plan.Number, Room = plan.Room };
        _random = new Random(plan.Seed);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private static long UnixMs => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    protected override void PreStart()
    {
        var interval = TimeSpan.FromSeconds(1 / _plan.Rate) is var pace && pace > Shortest ? pace : Shortest;
        Timers.StartPeriodicTimer(nameof(Turn), Turn.Instance, interval * _random.NextDouble(), interval);
        Timers.StartSingleTimer(nameof(Connect), Connect.Instance, _plan.Begin);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case PacketReceived packet:
                Hear(packet);
                break;

            case Turn:
                Talk();
                break;

            case Connect:
                Dial();
                break;

            case ConnectionSucceeded succeeded:
                _isIn = true;
                _lastTick = 0;
                _book.Ids.Add(succeeded.UniqueId);
                _book.Note(UnixMs, "connected", succeeded.UniqueId);
                _counters.Connected(Stopwatch.GetElapsedTime(_dialledAt));
                break;

            case PeerInterrupted:
                _book.Note(UnixMs, "interrupted");
                Interlocked.Increment(ref _counters.Interrupted);
                break;

            case PeerResumed:
                _book.Note(UnixMs, "resumed", _book.Ids[^1]);
                Interlocked.Increment(ref _counters.Resumed);
                break;

            case PeerRestarted restarted:
                _book.Note(UnixMs, "restarted", _book.Ids[^1], $"{restarted.Unacknowledged} unacknowledged");
                Interlocked.Increment(ref _counters.Restarted);
                break;

            case PeerConnected joined when joined.Peer != PeerIdOfServer:
                _book.Note(UnixMs, "joined", joined.Peer);
                break;

            case PeerDisconnected left when left.Peer != PeerIdOfServer:
                _book.Note(UnixMs, "left", left.Peer, $"{left.Info.Reason}");
                break;

            case ConnectionFailed failed:
                Lost("failed", failed.Info);
                break;

            case ServerDisconnected lost:
                Lost("lost", lost.Info);
                break;

            case CouldNotStart failed:
                Lost("failed", DisconnectInfo.Of(DisconnectReason.NoAnswer, failed.Cause));
                break;

            case SendFailed failed:
                Unsend(failed.Command);
                break;

            case FallSilent:
                Timers.Cancel(nameof(Turn));
                Timers.Cancel(nameof(Connect));
                _isToLeave = true;
                break;

            case GoHome:
                GoAway();
                break;

            case Terminated gone when gone.ActorRef.Equals(_manager):
                _manager = ActorRefs.Nobody;
                if (_isGoing)
                    HandIn();
                break;
        }
    }

    private void Dial()
    {
        _dialledAt = Stopwatch.GetTimestamp();
        var server = _plan.Servers[(_plan.Number + _book.Life + _book.Of("failed").Count()) % _plan.Servers.Count];
        var role = new PeerRole.Client(server.Host, server.Port);
        _manager = Context.ActorOf(PeerManager.Props(Context.System, role));
        _manager.Tell(new Subscribe(Self));
        Context.Watch(_manager);
    }

    /// <summary>The way back in is a new life: numbers begin anew, and so does everybody's account of it.</summary>
    private void Lost(string what, DisconnectInfo info)
    {
        _book.Note(UnixMs, what, 0, $"{info.Reason} {info.Text}".TrimEnd());
        if (_isIn)
        {
            Interlocked.Increment(ref _counters.Lost);
            _book.SentReliable.Add(0);
            Array.Clear(_numbers);
        }
        else
        {
            Interlocked.Increment(ref _counters.Failed);
        }

        _isIn = false;
        if (!_isToLeave)
            Timers.StartSingleTimer(nameof(Connect), Connect.Instance, TimeSpan.FromMilliseconds(250 + _random.Next(500)));
    }

    private void Talk()
    {
        if (!_isIn)
            return;
        var now = Stopwatch.GetTimestamp();
        if (_lastTick == 0)
            _lastTick = now;
        _due = Math.Min(_due + (Stopwatch.GetElapsedTime(_lastTick, now).TotalSeconds * _plan.Rate), Math.Max(1, _plan.Rate));
        _lastTick = now;
        for (; _due >= 1; _due--)
            Say(_plan.Mix.Pick(_random.Next(100)));
    }

    private void Say(TransferMode mode)
    {
        var number = ++_numbers[(int)mode];
        var message = new BotMessage(_plan.Number, _book.Life, number, Stopwatch.GetTimestamp());
        switch (mode)
        {
            case TransferMode.Reliable:
                _book.SentReliable[^1] = number;
                break;
            case TransferMode.UnreliableOrdered:
                _book.SentOrdered++;
                break;
            default:
                _book.SentUnreliable++;
                break;
        }

        Interlocked.Increment(ref _counters.Sent);
        _manager.Tell(new Send(MultiplayerPeer.TargetPeerBroadcast, message.Encode(_plan.Size), 1, mode));
    }

    /// <summary>The queue was full: it was never sent, and nobody will miss it.</summary>
    private void Unsend(Send send)
    {
        Interlocked.Decrement(ref _counters.Sent);
        if (!BotMessage.TryDecode(send.Payload.Span, out var message))
            return;
        switch (send.Mode)
        {
            case TransferMode.Reliable:
                _book.Refused.Add([message.Life, message.Number]);
                break;
            case TransferMode.UnreliableOrdered:
                _book.SentOrdered--;
                break;
            default:
                _book.SentUnreliable--;
                break;
        }
    }

    private void Hear(PacketReceived packet)
    {
        if (!BotMessage.TryDecode(packet.Payload.Span, out var message))
        {
            _book.Strange++;
            return;
        }

        switch (packet.Mode)
        {
            case TransferMode.Reliable:
                _book.HearReliable(message);
                break;
            case TransferMode.UnreliableOrdered:
                _book.HearOrdered(message);
                break;
            default:
                _book.HeardUnreliable++;
                break;
        }

        _counters.Heard(Stopwatch.GetElapsedTime(message.SentAt));
    }

    private void GoAway()
    {
        _isGoing = true;
        if (_manager.IsNobody())
            HandIn();
        else
            _manager.Tell(new Leave(DisconnectInfo.Of(DisconnectReason.Closed)));
    }

    private void HandIn()
    {
        Context.Parent.Tell(_book);
        Context.Stop(Self);
    }

    private sealed record Turn
    {
        public static Turn Instance { get; } = new();
    }

    private sealed record Connect
    {
        public static Connect Instance { get; } = new();
    }

    /// <summary>Say nothing more, listen.</summary>
    public sealed record FallSilent
    {
        public static FallSilent Instance { get; } = new();
    }

    /// <summary>Leave, and hand in the book.</summary>
    public sealed record GoHome
    {
        public static GoHome Instance { get; } = new();
    }
}

/// <summary>What one bot is to do.</summary>
internal sealed record BotPlan(int Number, string Room, IReadOnlyList<ServerAddress> Servers, double Rate, int Size, ModeMix Mix, int Seed, TimeSpan Begin);
