using System.Net;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Dispatch;
using Peer.Actors;
using Peer.TestKit.Network;
using Peer.TestKit.Time;

namespace Peer.TestKit;

/// <summary>
/// A network of hosts with real peers, in one thread, under virtual time, from one seed: every actor, timer and random draw happens on the thread that
/// calls <see cref="RunFor"/>, in the same order each time.
/// </summary>
public sealed partial class Simulation : IDisposable
{
    private const string OnCaller = """
        {
          type = "Peer.TestKit.Time.CallerDispatcherConfigurator, Peer.TestKit"
        }
        """;

    private readonly EventQueue _events;
    private readonly TraceDigest _trace = new();
    private readonly Dictionary<string, SimulatedHost> _hosts = [];
    private readonly List<Akka.Event.Error> _errors = [];
    private int _facades;
    private int _names;
    private bool _isOver;

    /// <summary>An empty network.</summary>
    /// <param name="seed">Everything random follows from it.</param>
    /// <param name="config">HOCON for the actor system, over the simulation's own; null for none.</param>
    public Simulation(ulong seed, Config? config = null)
    {
        Seed = seed;
        Time = new VirtualTime();
        _events = new EventQueue(Time);
        Random = new SeededSource(seed);
        Network = new SimulatedNetwork(_events, seed, _trace);
        var all = (config ?? Config.Empty).WithFallback(OwnConfig).WithFallback(ActorPeer.DefaultConfig);
        var setup = ActorSystemSetup.Create(
            BootstrapSetup.Create().WithConfig(all),
            new ActorPeerSetup
            {
                TimeProvider = Time,
                Random = new SeededSource(seed ^ SeededSource.Hash("peers without a host")),
                Seams = new PeerSeams
                {
                    Transport = (bind, counters, strangers, wire) => Network.TransportProps(null, bind, counters, strangers, wire),
                    Waiter = new SimulationWaiter(this),
                    IsSingleThreaded = true,
                },
            });
        System = VirtualScheduler.Within(_events, () => ActorSystem.Create("simulation", setup));
        Work = ((VirtualScheduler)System.Scheduler).Work;
        Runtime = ActorPeer.Get(System).Runtime;
        System.EventStream.Subscribe(System.ActorOf(Props.Create(() => new ErrorCollector(_errors)), "errors"), typeof(Akka.Event.Error));
    }

    /// <summary>The seed.</summary>
    public ulong Seed { get; }

    /// <summary>The clock of everybody.</summary>
    public VirtualTime Time { get; }

    /// <summary>The one actor system that all hosts live in; a test's own actors and probes may live in it too.</summary>
    public ActorSystem System { get; }

    /// <summary>The links between the hosts.</summary>
    public SimulatedNetwork Network { get; }

    /// <summary>The test's own source of chance: one that draws from it stays replayable, and disturbs nobody else's draws.</summary>
    public SeededSource Random { get; }

    /// <summary>The hosts, in the order in which they were named first.</summary>
    public IReadOnlyCollection<SimulatedHost> Hosts => _hosts.Values;

    /// <summary>What actors logged as an error, exceptions that they threw above all: a good simulation ends with none that it did not expect.</summary>
    public IReadOnlyList<Akka.Event.Error> Errors => _errors;

    /// <summary>Events that have happened; grows with the work that the simulation does.</summary>
    public long Events => _events.Happened;

    /// <summary>
    /// A digest of all that happened so far, datagrams with their times and fates, and the signals and packets that users took: the same for the same seed,
    /// on any machine.
    /// </summary>
    public ulong TraceHash => _trace.Value;

    /// <summary>Told of each signal and packet in the moment in which a facade reads it, or a subscriber of a <see cref="SimulatedHost.Manager"/> is told.</summary>
    public event Action<Sighting>? Seen;

    internal WorkQueue Work { get; }

    internal PeerRuntime Runtime { get; }

    private static Config OwnConfig => ConfigurationFactory.ParseString($$"""
        akka {
          loglevel = WARNING
          stdout-loglevel = WARNING
          log-dead-letters = off
          scheduler.implementation = "Peer.TestKit.Time.VirtualScheduler, Peer.TestKit"
          coordinated-shutdown.run-by-clr-shutdown-hook = off
          coordinated-shutdown.run-by-actor-system-terminate = off
          coordinated-shutdown.exit-clr = off
          actor.default-dispatcher = {{OnCaller}}
          actor.internal-dispatcher = {{OnCaller}}
          test.test-actor.dispatcher = {{OnCaller}}
          test.calling-thread-dispatcher = {{OnCaller}}
        }
        actorpeer.dispatcher = akka.actor.default-dispatcher
        """);

    /// <summary>The host of that name; made, with an address of its own, when it is named first.</summary>
    /// <param name="name">Letters, digits, dashes.</param>
    public SimulatedHost Host(string name)
    {
        return _hosts.TryGetValue(name, out var host) ? host : Host(name, new IPAddress([10, 0, (byte)(_hosts.Count / 250), (byte)((_hosts.Count % 250) + 1)]));
    }

    /// <summary>A new host in a network of its own choice.</summary>
    internal SimulatedHost Host(string name, IPAddress address)
    {
        if (!ActorPath.IsValidPathElement(name))
            throw new ArgumentException($"'{name}' cannot be the name of a host: letters, digits and dashes can", nameof(name));
        var host = new SimulatedHost(this, name, address);
        var dispatchers = System.Dispatchers;
        dispatchers.RegisterConfigurator(
            host.DispatcherId, new CallerDispatcherConfigurator(dispatchers.DefaultDispatcherConfig, dispatchers.Prerequisites, host));
        _hosts.Add(name, host);
        return host;
    }

    internal int NextFacade() => ++_facades;

    internal string NameOn(SimulatedHost host) => $"{host.Name}-{++_names}";
}
