using System.Diagnostics.CodeAnalysis;
using System.Net;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Akka.IO;

namespace Peer.Actors.Transport;

/// <summary>
/// Owns one UDP port: binds it through Akka.IO, tells arrivals to their connections, gives its owner (the parent) the way out,
/// rebuilds a lost socket on the same port and frees the port on every way out.
/// </summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "An actor disposes what it owns in PostStop.")]
internal sealed class UdpTransport : UntypedActor, IWithTimers
{
    private static readonly TimeSpan BindPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ClosePatience = TimeSpan.FromSeconds(1);

    private readonly TransportSettings _settings;
    private readonly TransportCounters _counters;
    private readonly IInboundRouter _router;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly IActorRef _owner = Context.Parent;

    private IPEndPoint _bind;
    private bool _receiveOffload;
    private DatagramChannel? _channel;
    private Udp.Bind? _command;
    private IActorRef? _listener;
    private IDisposable? _sender;
    private readonly RebindPause _pause;

    public UdpTransport(TransportSettings settings, IPEndPoint bind, TransportCounters counters, IngressGauge? strangers)
    {
        _settings = settings;
        _bind = bind;
        _counters = counters;
        _pause = new RebindPause(settings, Context.System.Scheduler);
        _router = InboundRouters.Of(settings.Wire, _owner, counters, settings.IngressLimitBytes, strangers);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <param name="settings">What every socket of this transport gets.</param>
    /// <param name="bind">Address and port; port 0 takes a free one and keeps it over rebuilds.</param>
    /// <param name="counters">Where the transport counts; the caller keeps and reads it.</param>
    /// <param name="strangers">When given, bounds the bytes of <see cref="Stranger"/> messages that wait at the owner, which must call Leave for each.</param>
    public static Props Props(TransportSettings settings, IPEndPoint bind, TransportCounters counters, IngressGauge? strangers = null) =>
        Producer<UdpTransport>.Props(() => new UdpTransport(settings, bind, counters, strangers));

    protected override void PreStart()
    {
        Become(Binding);
        if (ReceiveBuffers.Problem(Context.System.Settings.Config, out _receiveOffload) is { } problem) Refuse(problem);
        else Open();
    }

    /// <summary>Also runs before a restart. The port must be free once this actor is gone.</summary>
    protected override void PostStop() => Release();

    protected override void OnReceive(object message) => Unhandled(message);

    private void Binding(object message)
    {
        switch (message)
        {
            case Udp.Bound bound when IsCurrent(bound):
                GoLive((IPEndPoint)bound.LocalAddress);
                break;
            default:
                if (BindProblem(message) is { } cause) Refuse(cause);
                else Always(message);
                break;
        }
    }

    private void Live(object message)
    {
        switch (message)
        {
            case Udp.Received received:
                if (received.Sender is not IPEndPoint from) break;
                var bytes = ReceivedBytes.Take(received.Data, out var buffer);
                _router.Deliver(buffer, bytes, from);
                break;
            case Terminated ended when ended.ActorRef.Equals(_listener):
                _listener = null;
                Lose("Akka.IO's listener ended");
                break;
            case Udp.CommandFailed failed when ReferenceEquals(failed.Cmd, _command):
                Lose("Akka.IO gave the socket up");
                break;
            default:
                Always(message);
                break;
        }
    }

    private void Rebuilding(object message)
    {
        switch (message)
        {
            case RebindDue:
                Open();
                break;
            case Udp.Bound bound when IsCurrent(bound):
                GoLive((IPEndPoint)bound.LocalAddress);
                break;
            default:
                if (BindProblem(message) is { } cause) WaitToRebind(cause);
                else Always(message);
                break;
        }
    }

    private void Closing(object message)
    {
        switch (message)
        {
            case Terminated ended when ended.ActorRef.Equals(_listener):
                _listener = null;
                Leave();
                break;
            case PatienceOver:
                Leave();
                break;
        }
    }

    // The cases that mean the same in every state but the last.
    private void Always(object message)
    {
        switch (message)
        {
            case Register register:
                _router.Register(register.ConnectionId, register.Connection, register.Gauge);
                break;
            case Unregister unregister:
                _router.Unregister(unregister.ConnectionId);
                break;
            case CloseTransport:
                Close();
                break;
            case ChannelOpened opened when ReferenceEquals(opened.Channel, _channel):
                _listener = Context.Watch(Sender);
                break;

            // Echoes of an attempt given up, and what a failed bind says after it has said that it failed (a Bound without an address).
            case Udp.Event or Udp.Unbound or ChannelOpened or ChannelFailed or PatienceOver or RebindDue or Terminated:
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    // Bound carries nothing that says which attempt it answers; its sender does.
    private bool IsCurrent(Udp.Bound bound) => bound.LocalAddress is IPEndPoint && Sender.Equals(_listener);

    private string? BindProblem(object message) => message switch
    {
        Udp.CommandFailed failed when ReferenceEquals(failed.Cmd, _command) => Explain(),
        ChannelFailed failed when ReferenceEquals(failed.Channel, _channel) => BindFailure.Word(_bind, failed.Cause),
        Terminated ended when ended.ActorRef.Equals(_listener) => "Akka.IO's listener ended while binding",
        PatienceOver => $"Akka.IO did not answer within {BindPatience.TotalSeconds:0} s",
        _ => null,
    };

    private string Explain()
    {
        // The listener stops itself now; an Unbind would end as a dead letter.
        if (_listener is not null) Context.Unwatch(_listener);
        _listener = null;
        var channel = _channel!;
        channel.Dispose();
        return BindFailure.Explain(_bind, channel.Open);
    }

    private void Open()
    {
        var dual = _settings.DualStack && _bind.Address.Equals(IPAddress.IPv6Any);
        _channel = new DatagramChannel(Self, _settings, dual, _receiveOffload && _settings.Wire == Wire.Native);
        _command = new Udp.Bind(Self, _bind, [_channel]);
        Timers.StartSingleTimer(PatienceOver.Instance, PatienceOver.Instance, BindPatience);
        try
        {
            Context.System.Udp().Tell(_command);
        }
        catch (Exception refusal) when (refusal is ConfigurationException or ArgumentException or TypeLoadException)
        {
            Self.Tell(new ChannelFailed(_channel, refusal));
        }
    }

    private void GoLive(IPEndPoint local)
    {
        Timers.Cancel(PatienceOver.Instance);
        _bind = new IPEndPoint(_bind.Address, local.Port);
        _pause.Opened();
        var channel = _channel!;
        IDatagramSender sender;
        if (_settings.SendPath == SendPath.AkkaIo)
        {
            var slow = new AkkaIoSender(_listener!, channel.Reach, _counters);
            (_sender, sender) = (slow, slow);
        }
        else
        {
            var fast = new SocketSender(channel.Socket!, channel.Reach, channel.SendOffload, _counters);
            (_sender, sender) = (fast, fast);
        }

        Become(Live);
        _owner.Tell(new TransportUp(local, sender, _settings.SendPath == SendPath.CapturedSocket && channel.SendOffload));
    }

    private void Lose(string cause)
    {
        _counters.Rebinds.Increment();
        _pause.Lost();
        Become(Rebuilding);
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

    private void Refuse(string cause)
    {
        Release();
        _owner.Tell(new TransportBindFailed(cause));
        Context.Stop(Self);
    }

    // The listener is asked first: a socket that vanishes under it would be logged as an error.
    private void Close()
    {
        Become(Closing);
        _sender?.Dispose();
        if (_listener is null)
        {
            Leave();
            return;
        }

        _listener.Tell(Udp.Unbind.Instance, ActorRefs.Nobody);
        Timers.StartSingleTimer(PatienceOver.Instance, PatienceOver.Instance, ClosePatience);
    }

    private void Leave()
    {
        Release();
        _owner.Tell(TransportClosed.Instance);
        Context.Stop(Self);
    }

    private void Release()
    {
        Timers.CancelAll();
        _sender?.Dispose();
        _sender = null;
        if (_listener is not null)
        {
            Context.Unwatch(_listener);
            _listener.Tell(Udp.Unbind.Instance, ActorRefs.Nobody);
            _listener = null;
        }

        _channel?.Dispose();
        _channel = null;
        _command = null;
    }

    private sealed record PatienceOver : ITransportMessage, IDeadLetterSuppression
    {
        public static PatienceOver Instance { get; } = new();
    }
}
