using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Event;
using Peer.Actors.Threads;

namespace Peer.Actors.Transport;

/// <summary>
/// Owns one UDP port on a socket of its own, which its strand reads, or the caller who polls: no datagram waits for a thread to be woken, and none is
/// copied on its way from the kernel. Otherwise as <see cref="UdpTransport"/>, whose messages it answers.
/// </summary>
internal sealed class SocketTransport : UntypedActor, IWithTimers
{
    private readonly TransportSettings _settings;
    private readonly TransportCounters _counters;
    private readonly IInboundRouter _router;
    private readonly Lead _lead;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly IActorRef _owner = Context.Parent;
    private readonly IActorRef _self = Context.Self;
    private readonly RebindPause _pause;

    private IPEndPoint _bind;
    private Socket? _socket;
    private SocketReader? _reader;
    private SocketSender? _sender;

    public SocketTransport(TransportSettings settings, IPEndPoint bind, TransportCounters counters, IngressGauge? strangers, Lead lead)
    {
        _settings = settings;
        _bind = bind;
        _counters = counters;
        _lead = lead;
        _pause = new RebindPause(settings, Context.System.Scheduler);
        _router = InboundRouters.Of(settings.Wire, _owner, counters, settings.IngressLimitBytes, strangers);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <param name="settings">What every socket of this transport gets.</param>
    /// <param name="bind">Address and port; port 0 takes a free one and keeps it over rebuilds.</param>
    /// <param name="counters">Where the transport counts; the caller keeps and reads it.</param>
    /// <param name="strangers">When given, bounds the bytes of <see cref="Stranger"/> messages that wait at the owner, which must call Leave for each.</param>
    /// <param name="lead">Who may read the socket; the actor must run on its strand.</param>
    public static Props Props(TransportSettings settings, IPEndPoint bind, TransportCounters counters, IngressGauge? strangers, Lead lead) =>
        Producer<SocketTransport>.Props(() => new SocketTransport(settings, bind, counters, strangers, lead));

    protected override void PreStart()
    {
        if (TryOpen() is not { } problem)
            return;
        _owner.Tell(new TransportBindFailed(problem));
        Context.Stop(Self);
    }

    /// <summary>Also runs before a restart. The port must be free once this actor is gone.</summary>
    protected override void PostStop() => Release();

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Register register:
                _router.Register(register.ConnectionId, register.Connection, register.Gauge);
                break;

            case Unregister unregister:
                _router.Unregister(unregister.ConnectionId);
                break;

            case SocketLost lost when lost.Socket == _socket:
                Lose(lost.Why);
                break;

            case RebindDue:
                if (TryOpen() is { } problem)
                    WaitToRebind(problem);
                break;

            case CloseTransport:
                Release();
                _owner.Tell(TransportClosed.Instance);
                Context.Stop(Self);
                break;

            case SocketLost:
                break;

            default:
                Unhandled(message);
                break;
        }
    }

    /// <returns>Null when datagrams flow, else why they cannot.</returns>
    private string? TryOpen()
    {
        Socket? socket = null;
        try
        {
            socket = SocketTuning.Open(_bind.AddressFamily, _settings.DualStack && _bind.Address.Equals(IPAddress.IPv6Any));
            var (reach, offload) = SocketTuning.Apply(socket, _settings, receiveOffload: _settings.Wire == Wire.Native);
            socket.Blocking = false;
            socket.Bind(_bind);
            var local = (IPEndPoint)socket.LocalEndPoint!;
            _bind = new IPEndPoint(_bind.Address, local.Port);
            _socket = socket;
            void Lost(string why) => _self.Tell(new SocketLost(socket, why), ActorRefs.NoSender);
            _sender = new SocketSender(socket, reach, offload, _counters, Lost);
            _reader = new SocketReader(socket, _router, _counters, Lost);
            _lead.Attach(_reader);
            _pause.Opened();
            _owner.Tell(new TransportUp(local, _sender, offload));
            return null;
        }
        catch (SocketException refusal)
        {
            socket?.Dispose();
            return BindFailure.Word(_bind, refusal);
        }
    }

    private void Lose(string cause)
    {
        _counters.Rebinds.Increment();
        _pause.Lost();
        Release();
        _owner.Tell(new TransportDown(cause));
        WaitToRebind(cause);
    }

    private void WaitToRebind(string cause)
    {
        Release();
        var wait = _pause.Next();
        _log.Warning("UDP {0} is down, next attempt in {1} ms: {2}", _bind, wait.TotalMilliseconds, cause);
        Timers.StartSingleTimer(RebindDue.Instance, RebindDue.Instance, wait);
    }

    private void Release()
    {
        Timers.CancelAll();
        _sender?.Dispose();
        _sender = null;
        if (_reader is not null)
            _lead.Detach(_reader);
        _reader = null;
        _socket?.Dispose();
        _socket = null;
    }

    private sealed record SocketLost(Socket Socket, string Why) : ITransportMessage, IDeadLetterSuppression;
}
