using System.Collections.Concurrent;
using System.Net;
using Akka.Actor;
using Akka.Configuration;
using Peer.Actors;

namespace Peer.Tests.Spanning;

/// <summary>A room on several actor systems in this process that know each other over Akka.Remote, on loopback; every message between actors is serialized.</summary>
internal sealed class RemoteNodes : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly List<ActorSystem> _systems = [];

    public RemoteNodes(int gateways, string config = "")
    {
        for (var i = 0; i <= gateways; i++)
        {
            _systems.Add(ActorSystem.Create("node", ConfigurationFactory.ParseString(config)
                .WithFallback(ConfigurationFactory.ParseString("""
                    akka {
                      loglevel = WARNING, stdout-loglevel = OFF, log-dead-letters = off, coordinated-shutdown.run-by-clr-shutdown-hook = off
                      actor { provider = remote, serialize-messages = on, serialization-settings.allow-unregistered-types = false }
                      remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
                    }
                    actorpeer.strands.count = 1
                    """))
                .WithFallback(ActorPeer.DefaultConfig)));
        }

        Add(_systems[0], new PeerRole.Server(new IPEndPoint(IPAddress.Loopback, 0)) { Spans = true });
        var address = ((ExtendedActorSystem)_systems[0]).Provider.DefaultAddress;
        var path = Managers[0].Path.ToSerializationFormatWithAddress(address);
        foreach (var system in _systems.Skip(1))
            Add(system, new PeerRole.Server(new IPEndPoint(IPAddress.Loopback, 0)) { Home = ((ExtendedActorSystem)system).Provider.ResolveActorRef(path) });
    }

    public List<IActorRef> Managers { get; } = [];

    public List<int> Ports { get; } = [];

    /// <summary>What the home was told.</summary>
    public ConcurrentQueue<IPeerEvent> Told { get; } = new();

    public IEnumerable<PacketReceived> Packets => Told.OfType<PacketReceived>();

    public void Dispose()
    {
        foreach (var system in _systems)
            system.Terminate().Wait(Patience);
    }

    private void Add(ActorSystem system, PeerRole.Server role)
    {
        var listening = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var isHome = role.Home is null;
        var ear = system.ActorOf(Props.Create(() => new Ear(listening, isHome ? Told : null)));
        var manager = system.ActorOf(PeerManager.Props(system, role), "room");
        manager.Tell(new Subscribe(ear));
        Managers.Add(manager);
        Assert.True(listening.Task.Wait(Patience), "it listens");
        Ports.Add(listening.Task.Result);
    }

    private sealed class Ear(TaskCompletionSource<int> listening, ConcurrentQueue<IPeerEvent>? told) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is Listening up)
                listening.TrySetResult(up.Local.Port);
            if (message is IPeerEvent happened)
                told?.Enqueue(happened);
        }
    }
}
