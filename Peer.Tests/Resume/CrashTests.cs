using Akka.Configuration;
using Peer.Actors;
using Peer.TestKit;
using Peer.TestKit.Network;

namespace Peer.Tests.Resume;

/// <summary>A server that crashes, and another one with the same ticket key in its place.</summary>
public sealed class CrashTests : IDisposable
{
    private const string Adopting = """
        actorpeer.resume { adopt = on, ticket-keys = ["AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="] }
        """;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly List<Traveller> _clients = [];
    private Simulation _simulation = null!;
    private Traveller _server = null!;
    private bool _isQuiet;

    [Theory]
    [InlineData(1, 0.0)]
    [InlineData(2, 0.1)]
    public void After_a_crash_clients_are_back_with_their_ids_and_told_what_is_lost(ulong seed, double loss)
    {
        Begin(seed, 4, loss, Adopting);
        var ids = _clients.Select(client => client.Id).ToArray();
        CrashAndServe();
        Assert.True(_simulation.RunUntil(() => _clients.TrueForAll(client => client.Told.Count(told => told[0] == '+') == 7), 40 * Second), Story());
        Assert.Equal(ids, _clients.Select(client => client.Id));
        Assert.All(_clients, client => Assert.Contains("!1", client.Told));
        Assert.All(_clients, client => Assert.Equal(3, client.Told.Count(told => told[0] == '-')));
        Assert.DoesNotContain(_clients, client => client.Told.Contains("out"));
        Assert.Equal(ids.Order(), _server.Told.Select(told => int.Parse(told.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture)).Order());

        // What is said from here on is heard by everybody, once and in order.
        foreach (var client in _clients)
            client.TalkOn(5, 50);
        _server.TalkOn(5, 50);
        Assert.True(_simulation.RunUntil(() => _clients.TrueForAll(one => one.Heard(1, 5) == 50 && _server.Heard(one.Id, 5) == 50
            && _clients.TrueForAll(other => one == other || one.Heard(other.Id, 5) == 50)), 30 * Second), Story());
        Assert.All(_clients, client => Assert.Empty(client.Complaints));
        Assert.Empty(_simulation.Errors);
    }

    [Fact]
    public void Interruptions_after_a_crash_are_survived_as_before_it()
    {
        Begin(3, 2, 0.05, Adopting);
        CrashAndServe();
        Assert.True(_simulation.RunUntil(() => _clients.TrueForAll(client => client.Told.Contains("!1")), 40 * Second), Story());
        _simulation.RunFor(2 * Second);
        _simulation.Network.Partition([_simulation.Host("server")], [_clients[0].Host]);
        foreach (var client in _clients)
            client.TalkOn(6, 40);
        _simulation.RunFor(13 * Second);
        _simulation.Network.Heal();
        Assert.True(_simulation.RunUntil(() => _clients[0].Told[^1] == "=1" && _clients[1].Heard(_clients[0].Id, 6) == 40 && _clients[0].Heard(_clients[1].Id, 6) == 40, 30 * Second), Story());
        Assert.All(_clients, client => Assert.Empty(client.Complaints));
    }

    [Fact]
    public void A_server_that_does_not_adopt_lets_nobody_in_by_a_ticket_that_it_does_not_know()
    {
        Begin(4, 2, 0, Adopting.Replace("adopt = on", "adopt = off", StringComparison.Ordinal));
        CrashAndServe();
        _simulation.RunFor(30 * Second);
        Assert.All(_clients, client => Assert.Equal("out", client.Told[^1]));
        Assert.Empty(_server.Told);
    }

    public void Dispose() => _simulation?.Dispose();

    private void Begin(ulong seed, int clients, double loss, string config)
    {
        _simulation = new Simulation(seed, ConfigurationFactory.ParseString(config));
        _simulation.Network.Default = new LinkConditions { Latency = TimeSpan.FromMilliseconds(25), Loss = loss };
        var host = _simulation.Host("server");
        _server = new Traveller(host, host.Serve(Traveller.Port));
        for (var i = 0; i < clients; i++)
        {
            var guest = _simulation.Host($"client{i}");
            _clients.Add(new Traveller(guest, guest.Join(host, Traveller.Port)));
        }

        Assert.True(_simulation.RunUntil(() => _clients.TrueForAll(client => client.Told.Count == clients), 20 * Second));
        foreach (var client in _clients)
            client.Talk(TimeSpan.FromMilliseconds(50), () => _isQuiet);
        _simulation.RunFor(2 * Second);
        _isQuiet = true;
        _simulation.RunFor(Second);
    }

    private void CrashAndServe()
    {
        var host = _simulation.Host("server");
        host.Crash();
        host.Restart();
        _server = new Traveller(host, host.Serve(Traveller.Port));
    }

    private string Story() => string.Join('\n', _clients.Select(client => $"{client.Host.Name} {client.Id}: {string.Join(", ", client.Told)} {client.Why} {string.Join("; ", client.Complaints.Take(2))}"))
        + $"\nserver: {string.Join(", ", _server.Told)}";
}
