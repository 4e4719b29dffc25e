using System.Globalization;
using System.Net;
using Akka.Actor;
using Peer.Actors;
using Peer.TestKit;
using Peer.TestKit.Network;

namespace Peer.Lab.Scale.Simulated;

/// <summary>All players, in networks so far from each node as chance will have it.</summary>
internal sealed class SimulatedCrowd
{
    /// <summary>Networks that bots come from, each behind a prefix of its own.</summary>
    private const int MostHomes = 240;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    private readonly Simulation _simulation;
    private readonly SimulatedCluster _cluster;
    private readonly RoomLedger _ledger;
    private readonly SimulatedHost[] _homes;
    private readonly List<IActorRef> _bots = [];

    public SimulatedCrowd(Simulation simulation, SimulatedCluster cluster, RoomLedger ledger)
    {
        _simulation = simulation;
        _cluster = cluster;
        _ledger = ledger;
        Census = new BotCensus(ledger.Bots, () => simulation.Time.Elapsed);
        _homes = [.. Enumerable.Range(0, Math.Clamp(ledger.Bots / 4, 1, MostHomes)).Select(Home)];
    }

    public BotCensus Census { get; }

    /// <summary>Whether they go on talking.</summary>
    public bool Talks { get; set; }

    /// <summary>One more begins to connect, by the next door.</summary>
    public void Join(int number)
    {
        var home = _homes[number % _homes.Length];
        var door = _cluster.Nodes[number % _cluster.Nodes.Count].Door;
        var bot = home.ActorOf(SimulatedBot.Props(number, _ledger, Census));
        home.UnheardManager(new PeerRole.Client(door.Address.ToString(), door.Port) { Room = _cluster.KeyOf(_ledger.RoomOf(number)) }, bot);
        _bots.Add(bot);
    }

    /// <summary>From now on each has its turn once in an interval, spread over its ticks.</summary>
    public void BeginTalking(double rate)
    {
        Talks = true;
        var ticks = Math.Max(1, (long)Math.Round(1 / (rate * Tick.TotalSeconds)));
        _simulation.Every(Tick, () =>
        {
            var turn = _simulation.Time.Now / (Tick.Ticks / TimeSpan.TicksPerMicrosecond) % ticks;
            for (var bot = (int)turn; bot < _bots.Count && Talks; bot += (int)ticks)
                _bots[bot].Tell(SimulatedBot.Speak.Instance, ActorRefs.NoSender);
            return Talks;
        });
    }

    private SimulatedHost Home(int number)
    {
        var home = _simulation.Host(string.Create(CultureInfo.InvariantCulture, $"home{number}"), new IPAddress([10, 1, (byte)number, 1]));
        foreach (var node in _cluster.Nodes)
        {
            _simulation.Network.SetBoth(home, node.Host, new LinkConditions
            {
                Latency = TimeSpan.FromMilliseconds(5 + _simulation.Random.Below(45)),
                Jitter = TimeSpan.FromMilliseconds(2),
                Loss = 0.01,
                Mtu = 1472,
            });
        }

        return home;
    }
}
