using Akka.Actor;
using Akka.Configuration;
using Peer.Actors.Transport;
using Peer.Protocol;

namespace Peer.Actors.Facade;

/// <summary>The runtime of production: managers in a given actor system, or in one of its own that starts with the first of them.</summary>
internal sealed class ActorSystemRuntime : IPeerRuntime
{
    /// <summary>
    /// A system that its user never asked for speaks when something is wrong, and not before; what Ctrl+C means is the program's own business. Strands keep
    /// the time that matters, so Akka's scheduler need not wake a thread a hundred times a second.
    /// </summary>
    private static readonly Config Quiet = ConfigurationFactory.ParseString("""
        akka { loglevel = WARNING, stdout-loglevel = WARNING, log-dead-letters = off }
        akka.coordinated-shutdown.run-by-clr-shutdown-hook = off
        akka.scheduler.tick-duration = 100ms
        """);

    private readonly ActorSystem? _given;
    private readonly Config _config;
    private ActorSystem? _own;

    public ActorSystemRuntime(ActorSystem given)
    {
        _given = given;
        _config = Config.Empty;
    }

    public ActorSystemRuntime(Config config) => _config = config;

    public TimeSpan StartTimeout => Runtime.Settings.Facade.StartTimeout;

    public TimeSpan CloseTimeout => Runtime.Settings.FlushTimeout + Runtime.Settings.CloseTimeout + TimeSpan.FromSeconds(2);

    public int MaxMessageBytes => Runtime.Settings.MaxMessageBytes;

    public bool RelaySupported => Runtime.Settings.Server.Relay;

    public IRandomSource Random => _given is null ? SystemRandomSource.Instance : Runtime.Random;

    public TimeProvider Time => Runtime.Clock.Provider;

    public IPollWaiter Waiter => Runtime.Seams.Waiter ?? BlockingPollWaiter.Instance;

    private ActorSystem System => _given ?? (_own ??= ActorSystem.Create("actor-peer", _config.WithFallback(Quiet).WithFallback(ActorPeer.DefaultConfig)));

    private PeerRuntime Runtime => ActorPeer.Get(System).Runtime;

    public Inbox CreateInbox()
    {
        var facade = Runtime.Settings.Facade;
        return new Inbox(Time, (int)facade.Spin.TotalMicroseconds, facade.UnreliableInboxBytes);
    }

    public StartedManager Start(PeerRole role, int? maxPeers, Inbox inbox, Outbox outbox)
    {
        var runtime = Runtime;
        if (maxPeers is { } most)
            runtime = runtime with { Settings = runtime.Settings with { Server = runtime.Settings.Server with { MaxPeers = most } } };
        runtime = runtime.ForManager();
        return new StartedManager(System.ActorOf(ManagerActor.Props(role, runtime, inbox, outbox, new TransportCounters())), runtime.Seams.Waiter is null ? runtime.Lead : null);
    }

    public void Dispose()
    {
        // Not awaited: the ports are free since Stopped, and a caller on one of its threads could wait for ever.
        _ = _own?.Terminate();
        _own = null;
    }
}
