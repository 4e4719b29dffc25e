using Akka.Configuration;
using Peer.Actors;
using Peer.TestKit;
using Peer.TestKit.Network;

namespace Peer.Tests.Resume;

/// <summary>A server and clients that all talk to each other over a simulated network, while connections are interrupted.</summary>
internal sealed class Journey : IDisposable
{
    public static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly List<Traveller> _all = [];
    private bool _isQuiet;

    public Journey(ulong seed, int clients = 2, string config = "", LinkConditions? weather = null, int padding = 20_000, double pace = 0.05)
    {
        Simulation = new Simulation(seed, ConfigurationFactory.ParseString(config));
        Simulation.Network.Default = weather ?? new LinkConditions { Latency = TimeSpan.FromMilliseconds(30) };
        var host = Simulation.Host("server");
        Server = new Traveller(host, host.Serve(Traveller.Port), padding);
        _all.Add(Server);
        for (var i = 0; i < clients; i++)
        {
            var guest = Simulation.Host($"client{i}");
            _all.Add(new Traveller(guest, guest.Join(host, Traveller.Port), padding));
        }

        Assert.True(Simulation.RunUntil(() => _all.TrueForAll(one => one.Told.Count(told => told[0] == '+') == clients), 20 * Second), Story());
        foreach (var one in _all)
            one.Talk(TimeSpan.FromSeconds(pace), () => _isQuiet);
    }

    public Simulation Simulation { get; }

    public Traveller Server { get; }

    public IReadOnlyList<Traveller> All => _all;

    public Traveller Client(int index) => _all[index + 1];

    public void Run(double seconds) => Simulation.RunFor(seconds * Second);

    /// <summary>Nothing passes between the server and a client for so long.</summary>
    public void Cut(int client, double seconds, bool oneWay = false)
    {
        Simulation.Network.Partition([Server.Host], [Client(client).Host], oneWay);
        Run(seconds);
        Simulation.Network.Heal();
    }

    public void Until(Func<bool> condition, string what, double seconds = 60) =>
        Assert.True(Simulation.RunUntil(condition, seconds * Second), $"did not happen: {what}\n{Story()}");

    /// <summary>Everybody falls silent, and then everybody has heard everything, once and in order.</summary>
    public void Settle()
    {
        _isQuiet = true;
        Until(
            () => _all.TrueForAll(one => _all.TrueForAll(other => one == other || Enumerable.Range(0, 3).All(channel => one.Heard(other.Id, channel) == other.Said(channel)))),
            "everybody has heard everything");
        Assert.All(_all, one => Assert.Empty(one.Complaints));
        Assert.Empty(Simulation.Errors);
    }

    /// <summary>Nobody has heard that anybody left.</summary>
    public void NobodyLeft() => Assert.All(_all, one => Assert.DoesNotContain(one.Told, told => told[0] == '-' || told == "out"));

    public string Story() => string.Join('\n', _all.Select(one => $"{one.Host.Name} {one.Id}: {string.Join(", ", one.Told)} {one.Why} {string.Join("; ", one.Complaints.Take(3))}"
        + $" said {one.Said(0)}, heard {string.Join(", ", _all.Where(other => other != one).Select(other => $"{other.Host.Name} {one.Heard(other.Id, 0)}/{one.Heard(other.Id, 1)}/{one.Heard(other.Id, 2)}"))}"));


    public void Dispose() => Simulation.Dispose();

}
