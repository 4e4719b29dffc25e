using System.Net;
using Akka.Actor;
using Akka.Configuration;
using Peer.Actors;
using Peer.TestKit;
using Peer.TestKit.Network;
using Peer.Tests.Resume;

namespace Peer.Tests.Spanning;

/// <summary>A room that spans hosts: its home on the first, gateways on the others, clients at each, and everybody talks to everybody.</summary>
internal sealed class SpanJourney : IDisposable
{
    public static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private const string Config = """
        actorpeer.resume { ticket-keys = ["AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="] }
        """;

    private readonly List<Traveller> _clients = [];
    private readonly List<IActorRef> _managers = [];
    private readonly IActorRef _room;
    private bool _isQuiet;

    public SpanJourney(ulong seed, int gateways, int clientsEach, double loss = 0, string config = "", int padding = 20_000)
    {
        Simulation = new Simulation(seed, ConfigurationFactory.ParseString(config).WithFallback(ConfigurationFactory.ParseString(Config)));
        Simulation.Network.Default = new LinkConditions { Latency = TimeSpan.FromMilliseconds(20), Loss = loss, Reordering = loss, ReorderDelay = TimeSpan.FromMilliseconds(10) };
        var home = Simulation.Host("node0");
        _room = home.ActorOf(Props.Create(() => new RoomActor(Memory, Heard.Add)));
        _managers.Add(home.Manager(new PeerRole.Server(new IPEndPoint(IPAddress.Any, Traveller.Port)) { Spans = true }, _room));
        for (var i = 1; i <= gateways; i++)
            _managers.Add(StartGateway(i));
        Simulation.RunFor(TimeSpan.FromMilliseconds(100));
        for (var node = 0; node <= gateways; node++)
        {
            for (var i = 0; i < clientsEach; i++)
                Join(node, padding);
        }

        Until(() => _clients.TrueForAll(one => one.Told.Count(told => told[0] == '+') == _clients.Count), "all have heard of each other");
        foreach (var client in _clients)
            client.Talk(TimeSpan.FromMilliseconds(50), () => _isQuiet);
        Simulation.Every(TimeSpan.FromMilliseconds(50), () =>
        {
            _room.Tell("speak");
            return !_isQuiet;
        });
    }

    public Simulation Simulation { get; }

    public RoomMemory Memory { get; } = new();

    /// <summary>What the room was told beside joins, leaves and packets.</summary>
    public List<object> Heard { get; } = [];

    public IReadOnlyList<Traveller> Clients => _clients;

    public IReadOnlyList<IActorRef> Managers => _managers;

    public IActorRef Room => _room;

    public Traveller Join(int node, int padding = 0, bool expectsGaps = false)
    {
        var guest = Simulation.Host($"client{_clients.Count}");
        var client = new Traveller(guest, guest.Join(Simulation.Host($"node{node}"), Traveller.Port), padding) { ExpectsGaps = expectsGaps };
        _clients.Add(client);
        return client;
    }

    public IActorRef StartGateway(int node, IActorRef? home = null) =>
        Simulation.Host($"node{node}").Manager(new PeerRole.Server(new IPEndPoint(IPAddress.Any, Traveller.Port)) { Home = home ?? _managers[0] });

    public IActorRef StartHome(int node) =>
        Simulation.Host($"node{node}").Manager(new PeerRole.Server(new IPEndPoint(IPAddress.Any, Traveller.Port)) { Spans = true, Adopt = true }, _room);

    public void Forget(Traveller client) => _clients.Remove(client);

    public void Quiet() => _isQuiet = true;

    public void Run(double seconds) => Simulation.RunFor(seconds * Second);

    public void Until(Func<bool> condition, string what, double seconds = 60) =>
        Assert.True(Simulation.RunUntil(condition, seconds * Second), $"did not happen: {what}\n{Story()}");

    /// <summary>Everybody falls silent, and then everybody has heard everything, once and in order.</summary>
    public void Settle()
    {
        Quiet();
        Until(() => Enumerable.Range(0, 3).All(channel => _clients.TrueForAll(one =>
            one.Heard(1, channel) == Memory.Said.GetValueOrDefault((one.Id, channel))
            && Memory.Heard.GetValueOrDefault((one.Id, channel)) == one.Said(channel)
            && _clients.TrueForAll(other => one == other || one.Heard(other.Id, channel) == other.Said(channel)))), "everybody has heard everything");
        NoComplaints();
    }

    public void NoComplaints()
    {
        Assert.Empty(Memory.Complaints);
        Assert.All(_clients, client => Assert.Empty(client.Complaints));
        Assert.Empty(Simulation.Errors);
    }

    public string Story() => string.Join('\n', _clients.Select(one =>
        $"{one.Host.Name} {one.Id}: {string.Join(", ", one.Told)} {one.Why} {string.Join("; ", one.Complaints.Take(2))} said {one.Said(0)} unacknowledged {one.Unacknowledged} missing {one.Missing};"
        + $" heard {string.Join(", ", _clients.Where(other => other != one).Select(other => one.Heard(other.Id, 0)))}, of the room {one.Heard(1, 0)}/{Memory.Said.GetValueOrDefault((one.Id, 0))},"
        + $" by the room {Memory.Heard.GetValueOrDefault((one.Id, 0))}"))
        + $"\nroom: {string.Join(", ", Memory.Told)} {string.Join("; ", Memory.Complaints.Take(2))} {string.Join(", ", Heard.Select(heard => heard.GetType().Name))}"
        + $"\n{string.Join("; ", Simulation.Errors.Select(error => error.ToString()))}";

    public void Dispose() => Simulation.Dispose();
}
