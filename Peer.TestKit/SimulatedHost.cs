using System.Net;
using Akka.Actor;
using Akka.Dispatch;
using Peer.Actors;
using Peer.Actors.Settings;
using Peer.TestKit.Network;

namespace Peer.TestKit;

/// <summary>
/// A machine of the simulated network: it has an address, and peers and actors live on it. Its program may be frozen, as by a debugger or a garbage collection,
/// or crash and start again.
/// </summary>
public sealed partial class SimulatedHost
{
    private readonly Simulation _simulation;
    private readonly Queue<IRunnable> _held = new();
    private HostLife _life;
    private bool _isStarting;

    internal SimulatedHost(Simulation simulation, string name, IPAddress address)
    {
        _simulation = simulation;
        Name = name;
        Address = address;
        DispatcherId = $"simulation.host.{name}";
        Random = new SeededSource(simulation.Seed ^ SeededSource.Hash(name));
        _life = new HostLife(this);
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Its address.</summary>
    public IPAddress Address { get; }

    /// <summary>Changes the settings of managers that are made on this host from now on; null for the system's.</summary>
    public Func<ActorPeerSettings, ActorPeerSettings>? Settings { get; set; }

    /// <summary>Whether its program is stopped, see <see cref="Freeze"/>.</summary>
    public bool IsFrozen { get; private set; }

    /// <summary>False from a <see cref="Crash"/> to the next <see cref="Restart"/>.</summary>
    public bool IsUp => !_life.IsOver;

    /// <summary>Whether its actors wait for their turn.</summary>
    internal bool IsHolding => IsFrozen || _isStarting;

    /// <summary>Runs each turn of its actors, for whoever measures what they cost; null: nobody does.</summary>
    internal Action<IRunnable>? Meter { get; set; }

    internal string DispatcherId { get; }

    /// <summary>Where its peers draw keys and IDs from.</summary>
    internal SeededSource Random { get; }

    internal Simulation Simulation => _simulation;

    /// <summary>A peer on this host, not active yet: an ordinary facade over ordinary actors.</summary>
    /// <exception cref="InvalidOperationException">The host is down.</exception>
    public ActorMultiplayerPeer NewPeer() => Alive().NewPeer();

    /// <summary>A peer on this host that speaks ENet, not active yet.</summary>
    /// <exception cref="InvalidOperationException">The host is down.</exception>
    public ENetMultiplayerPeer NewENetPeer() => Alive().NewENetPeer();

    /// <summary>A server on this host.</summary>
    /// <param name="port">Its port.</param>
    /// <param name="options">The rest; null for the defaults. Any address means this host's.</param>
    /// <exception cref="InvalidOperationException">The host is down, or cannot serve there.</exception>
    public ActorMultiplayerPeer Serve(int port, ServerOptions? options = null)
    {
        var peer = NewPeer();
        var error = peer.CreateServer(port, options);
        return error == Protocol.Error.Ok ? peer : throw new InvalidOperationException($"{Name} cannot serve on port {port}: {peer.LastErrorText}");
    }

    /// <summary>A client on this host that has begun to connect.</summary>
    /// <param name="server">The server's host.</param>
    /// <param name="port">The server's port.</param>
    /// <param name="options">The rest; null for the defaults.</param>
    /// <exception cref="InvalidOperationException">The host is down, or the options are not legal.</exception>
    public ActorMultiplayerPeer Join(SimulatedHost server, int port, ClientOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(server);
        var peer = NewPeer();
        var error = peer.CreateClient(server.Address.ToString(), port, options);
        return error == Protocol.Error.Ok ? peer : throw new InvalidOperationException($"{Name} cannot join {server.Name}: {peer.LastErrorText}");
    }

    /// <summary>A real <see cref="PeerManager"/> on this host, for users who are actors.</summary>
    /// <param name="role">What it is; any address means this host's.</param>
    /// <param name="subscribers">Who is told everything from <see cref="Listening"/> on; others may <see cref="Subscribe"/> later.</param>
    /// <exception cref="InvalidOperationException">The host is down.</exception>
    public IActorRef Manager(PeerRole role, params ReadOnlySpan<IActorRef> subscribers) => Alive().Manager(role, subscribers);

    /// <summary>The same for one of very many: what its subscribers are told is not part of the trace, nor shown to <see cref="Simulation.Seen"/>.</summary>
    internal IActorRef UnheardManager(PeerRole role, params IActorRef[] subscribers) => Alive().UnheardManager(role, subscribers);

    /// <summary>An actor of the user's own that lives on this host: frozen with it, and gone in a crash.</summary>
    /// <param name="props">How to make it.</param>
    /// <param name="name">Its name in the system; null for a new one.</param>
    /// <exception cref="InvalidOperationException">The host is down.</exception>
    public IActorRef ActorOf(Props props, string? name = null) => Alive().ActorOf(props, name);

    /// <summary>Plans something that the host's program does, once: late if the host is frozen then, never after a crash.</summary>
    public void After(TimeSpan delay, Action happen) => Alive().After(delay, happen);

    /// <summary>
    /// Plans something that the host's program does again and again, first one interval from now, until it returns false: its main loop.
    /// Beats that a freeze swallows are not made up for, and a crash ends it.
    /// </summary>
    public void Every(TimeSpan interval, Func<bool> happen) => Alive().Every(interval, happen);

    private HostLife Alive() => IsUp ? _life : throw new InvalidOperationException($"{Name} is down");
}
