using System.Net;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Peer.Actors;
using Peer.Protocol;
using Peer.TestKit.Network;
using Peer.TestKit.Time;

namespace Peer.TestKit;

/// <summary>
/// A network of hosts with real peers, in one thread, under virtual time, from one seed: every actor, timer and random draw happens on the thread that
/// calls <see cref="RunFor"/>, in the same order each time.
/// </summary>
public sealed class Simulation : IDisposable
{
    private const string OnCaller = """
        {
          type = "Peer.Actors.Dispatch.ChainDispatcherConfigurator, Peer.Actors"
          throughput = 1000
          on-caller = on
        }
        """;

    private readonly EventQueue _events;
    private readonly Dictionary<string, SimulatedHost> _hosts = [];

    /// <summary>An empty network.</summary>
    /// <param name="seed">Everything random follows from it.</param>
    /// <param name="config">HOCON for the actor system, over the simulation's own; null for none.</param>
    public Simulation(ulong seed, Config? config = null)
    {
        Seed = seed;
        Time = new VirtualTime();
        _events = new EventQueue(Time);
        Random = new SeededSource(seed);
        Network = new SimulatedNetwork(_events, new SeededSource(seed ^ 0x6e6574776f726b));
        var all = (config ?? Config.Empty).WithFallback(OwnConfig).WithFallback(ActorPeer.DefaultConfig);
        var setup = ActorSystemSetup.Create(
            BootstrapSetup.Create().WithConfig(all),
            new ActorPeerSetup
            {
                TimeProvider = Time,
                Random = Random,
                Seams = new PeerSeams { Transport = Network.TransportProps, Waiter = new SimulationWaiter(this) },
            });
        System = VirtualScheduler.Within(_events, () => ActorSystem.Create("simulation", setup));
    }

    /// <summary>The seed.</summary>
    public ulong Seed { get; }

    /// <summary>The clock of everybody.</summary>
    public VirtualTime Time { get; }

    /// <summary>The one actor system that all hosts live in; a test's own actors and probes may live in it too.</summary>
    public ActorSystem System { get; }

    /// <summary>The links between the hosts.</summary>
    public SimulatedNetwork Network { get; }

    /// <summary>The simulation's own source of chance; a test that draws from it stays replayable.</summary>
    public IRandomSource Random { get; }

    /// <summary>Events that have happened; grows with the work that the simulation does.</summary>
    public long Events => _events.Happened;

    private static Config OwnConfig => ConfigurationFactory.ParseString($$"""
        akka {
          loglevel = WARNING
          stdout-loglevel = WARNING
          log-dead-letters = off
          scheduler.implementation = "Peer.TestKit.Time.VirtualScheduler, Peer.TestKit"
          coordinated-shutdown.run-by-clr-shutdown-hook = off
          coordinated-shutdown.exit-clr = off
          actor.default-dispatcher = {{OnCaller}}
          actor.internal-dispatcher = {{OnCaller}}
        }
        actorpeer.dispatcher = akka.actor.default-dispatcher
        """);

    /// <summary>The host of that name; made, with an address of its own, when it is named first.</summary>
    public SimulatedHost Host(string name)
    {
        if (!_hosts.TryGetValue(name, out var host))
        {
            var address = new IPAddress([10, 0, (byte)(_hosts.Count / 250), (byte)((_hosts.Count % 250) + 1)]);
            _hosts.Add(name, host = new SimulatedHost(this, name, address));
        }

        return host;
    }

    /// <summary>Lets virtual time pass.</summary>
    public void RunFor(TimeSpan time) => RunUntil(() => false, time);

    /// <summary>Lets virtual time pass until the condition holds; false when it does not within the limit.</summary>
    public bool RunUntil(Func<bool> condition, TimeSpan limit)
    {
        var end = Time.Now + (long)limit.TotalMicroseconds;
        while (!condition())
        {
            if (Time.Now >= end && _events.NextDue > end)
                return false;
            _events.Advance(end);
            while (_events.Step(Time.Now))
            {
            }
        }

        return true;
    }

    /// <summary>Plans something for a moment from now.</summary>
    public void After(TimeSpan delay, Action happen) => _events.In((long)delay.TotalMicroseconds, happen);

    /// <summary>Repeats something, first one interval from now, until it returns false.</summary>
    public void Every(TimeSpan interval, Func<bool> happen) => After(interval, () =>
    {
        if (happen())
            Every(interval, happen);
    });

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var host in _hosts.Values)
            host.Dispose();
        var end = System.Terminate();
        RunUntil(() => end.IsCompleted, TimeSpan.FromSeconds(60));
    }
}
