using Akka.Actor;
using Akka.Configuration;
using Peer.Protocol;

namespace Peer.Actors.Facade;

/// <summary>The runtime of production: managers in a given actor system, or in one of its own that starts with the first of them.</summary>
internal sealed class ActorSystemRuntime : IPeerRuntime
{
    private readonly ActorSystem? _given;
    private readonly Config _config;
    private ActorSystem? _own;

    public ActorSystemRuntime(ActorSystem given)
    {
        _given = given;
        _config = Config.Empty;
    }

    public ActorSystemRuntime(Config config) => _config = config;

    public TimeSpan StartTimeout { get; } = TimeSpan.FromSeconds(5);

    public TimeSpan CloseTimeout { get; } = TimeSpan.FromSeconds(3);

    public int MaxMessageBytes => 16 * 1024 * 1024;

    public bool RelaySupported => true;

    public IRandomSource Random => SystemRandomSource.Instance;

#pragma warning disable RS0030 // The default of the settings is the one place that may name the system's clock.
    public TimeProvider Time => TimeProvider.System;
#pragma warning restore RS0030

    public IPollWaiter Waiter => BlockingPollWaiter.Instance;

    private ActorSystem System => _given ?? (_own ??= ActorSystem.Create("actor-peer", _config));

    public Inbox CreateInbox() => new(Time);

    public IActorRef Start(PeerRole role, int? maxPeers, Inbox inbox, Outbox outbox) => System.ActorOf(Props.Create(() => new PeerManager()));

    public void Dispose()
    {
        // Not awaited: the ports are free since Stopped, and a caller on one of its threads could wait for ever.
        _ = _own?.Terminate();
        _own = null;
    }
}
