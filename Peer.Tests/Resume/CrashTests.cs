using System.Globalization;
using Akka.Configuration;
using Peer.Actors;
using Peer.TestKit;
using Peer.TestKit.Network;

namespace Peer.Tests.Resume;

/// <summary>A server that crashes, and another one with the same ticket keys in its place.</summary>
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
    [InlineData(3, 0.2)]
    public void After_a_crash_clients_are_back_with_their_ids_and_nobody_hears_of_a_leave_or_a_join(ulong seed, double loss)
    {
        Begin(seed, 4, loss);
        Quiet();
        var ids = _clients.Select(client => client.Id).ToArray();
        CrashAndServe(after: 2);
        AwaitReturns();
        Assert.Equal(ids, _clients.Select(client => client.Id));
        Assert.True(_simulation.RunUntil(() => _server.Told.Count == ids.Length, 5 * Second), Story());
        Assert.Equal(ids.Order(), _server.Told.Select(told => int.Parse(told.AsSpan(1), CultureInfo.InvariantCulture)).Order());
        Assert.All(_clients, client => Assert.Equal(0, client.Unacknowledged));
        TalkAndHear(channel: 5, 50);
        _simulation.RunFor(25 * Second);
        TalkAndHear(channel: 6, 50);
        NobodyHasHeardOfLeavesOrJoins();
    }

    [Theory]
    [InlineData(4, 0.0)]
    [InlineData(5, 0.1)]
    [InlineData(6, 0.1)]
    public void What_clients_say_before_they_notice_is_reported_and_what_they_say_in_the_gap_arrives_at_all_who_come_back(ulong seed, double loss)
    {
        Begin(seed, 4, loss, expectsGaps: true);
        CrashAndServe(after: 1);
        Assert.True(_simulation.RunUntil(() => _clients.TrueForAll(client => client.Told.Contains("~1")), 20 * Second), Story());
        _isQuiet = true;
        foreach (var client in _clients)
        {
            for (var i = 0; i < 20; i++)
                Assert.Equal(Protocol.Error.Ok, client.Say(7));
        }

        AwaitReturns();
        Heard(channel: 7, 20, byServer: true);
        Assert.All(_clients, client => Assert.True(client.Unacknowledged > 0, Story()));
        Assert.Contains(_clients, client => client.Missing > 0);
        TalkAndHear(channel: 5, 50);
        NobodyHasHeardOfLeavesOrJoins();
    }

    [Fact]
    public void Whoever_does_not_come_back_within_the_grace_time_has_left()
    {
        Begin(7, 4, 0.05);
        Quiet();
        var lost = _clients[3];
        var id = lost.Id;
        lost.Host.Crash();
        _clients.RemoveAt(3);
        CrashAndServe(after: 0);
        AwaitReturns();
        Assert.All(_clients, client => Assert.DoesNotContain(client.Told, told => told[0] == '-'));
        _simulation.RunFor(20 * Second);
        Assert.All(_clients, client => Assert.Equal($"-{id} Timeout", Assert.Single(client.Told, told => told[0] == '-')));
        TalkAndHear(channel: 5, 20);
    }

    [Fact]
    public void Newcomers_get_in_while_others_are_awaited_and_everybody_hears_of_each_other()
    {
        Begin(8, 3, 0.05);
        Quiet();
        var old = _clients.ToArray();
        CrashAndServe(after: 0);
        var guest = _simulation.Host("newcomer");
        var newcomer = new Traveller(guest, guest.Join(_simulation.Host("server"), Traveller.Port));
        Assert.True(_simulation.RunUntil(() => newcomer.IsConnected && _server.Told.Contains($"+{newcomer.Id}"), 5 * Second), Story());
        newcomer.TalkOn(8, 30);
        _server.TalkOn(8, 30);
        Assert.True(_simulation.RunUntil(() => Array.TrueForAll(old, client => client.Told.Contains("!1")), 40 * Second), Story());
        Assert.True(_simulation.RunUntil(() => Array.TrueForAll(old, client => client.Told.Contains($"+{newcomer.Id}") && newcomer.Told.Contains($"+{client.Id}")), 10 * Second), Story());
        foreach (var client in old)
        {
            // What the server said to all is for those who come back; what the newcomer said too, since they have not left.
            Assert.True(_simulation.RunUntil(() => client.Heard(newcomer.Id, 8) == 30 && client.Heard(1, 8) == 30, 10 * Second), Story());
        }

        _simulation.RunFor(25 * Second);
        _clients.Add(newcomer);
        TalkAndHear(channel: 5, 20);
        Assert.All(_clients, client => Assert.DoesNotContain(client.Told, told => told[0] == '-'));
    }

    [Fact]
    public void A_server_that_crashes_again_and_again_keeps_its_clients()
    {
        Begin(9, 3, 0.1);
        Quiet();
        var ids = _clients.Select(client => client.Id).ToArray();
        for (var time = 1; time <= 3; time++)
        {
            CrashAndServe(after: time);
            AwaitReturns(time);
            TalkAndHear(channel: 10 + time, 20);
        }

        Assert.Equal(ids, _clients.Select(client => client.Id));
        NobodyHasHeardOfLeavesOrJoins();
    }

    [Fact]
    public void Interruptions_after_a_crash_are_survived_as_before_it()
    {
        Begin(10, 2, 0.05);
        Quiet();
        CrashAndServe(after: 0);
        AwaitReturns();
        _simulation.RunFor(2 * Second);
        _simulation.Network.Partition([_simulation.Host("server")], [_clients[0].Host]);
        foreach (var client in _clients)
            client.TalkOn(6, 40);
        _simulation.RunFor(14 * Second);
        _simulation.Network.Heal();
        Assert.True(_simulation.RunUntil(() => _clients[0].Told[^1] == "=1", 20 * Second), Story());
        Heard(channel: 6, 40, byServer: true);
        NobodyHasHeardOfLeavesOrJoins();
    }

    [Fact]
    public void A_server_that_does_not_adopt_lets_nobody_in_by_a_ticket_that_it_does_not_know()
    {
        Begin(11, 2, 0, config: Adopting.Replace("adopt = on", "adopt = off", StringComparison.Ordinal));
        Quiet();
        CrashAndServe(after: 0);
        _simulation.RunFor(30 * Second);
        Assert.All(_clients, client => Assert.Equal("out", client.Told[^1]));
        Assert.Empty(_server.Told);
    }

    [Fact]
    public void Who_comes_when_too_much_was_said_is_refused_and_not_told_half()
    {
        Begin(12, 2, 0, config: Adopting + "\nactorpeer.resume.held-per-peer = 1KiB");
        Quiet();
        CrashAndServe(after: 0);
        _server.TalkOn(5, 20);
        _simulation.RunFor(30 * Second);
        Assert.All(_clients, client => Assert.Equal("out", client.Told[^1]));
        Assert.Empty(_server.Told);
    }

    public void Dispose() => _simulation?.Dispose();

    private void Begin(ulong seed, int clients, double loss, string config = Adopting, bool expectsGaps = false)
    {
        _simulation = new Simulation(seed, ConfigurationFactory.ParseString(config));
        _simulation.Network.Default = new LinkConditions { Latency = TimeSpan.FromMilliseconds(25), Loss = loss };
        var host = _simulation.Host("server");
        _server = new Traveller(host, host.Serve(Traveller.Port));
        for (var i = 0; i < clients; i++)
        {
            var guest = _simulation.Host($"client{i}");
            _clients.Add(new Traveller(guest, guest.Join(host, Traveller.Port)) { ExpectsGaps = expectsGaps });
        }

        Assert.True(_simulation.RunUntil(() => _clients.TrueForAll(client => client.Told.Count == clients), 20 * Second));
        foreach (var client in _clients)
            client.Talk(TimeSpan.FromMilliseconds(50), () => _isQuiet);
        _simulation.RunFor(3 * Second);
    }

    /// <summary>Nothing is under way.</summary>
    private void Quiet()
    {
        _isQuiet = true;
        _simulation.RunFor(2 * Second);
        foreach (var client in _clients)
            client.Told.Clear();
    }

    private void CrashAndServe(double after)
    {
        var host = _simulation.Host("server");
        host.Crash();
        host.Restart();
        _simulation.RunFor(after * Second);
        _server = new Traveller(host, host.Serve(Traveller.Port)) { ExpectsGaps = _clients[0].ExpectsGaps };
    }

    private void AwaitReturns(int times = 1) =>
        Assert.True(_simulation.RunUntil(() => _clients.TrueForAll(client => client.Told.Count(told => told == "!1") == times), 40 * Second), Story());

    private void TalkAndHear(int channel, int numbers)
    {
        foreach (var client in _clients)
            client.TalkOn(channel, numbers);
        _server.TalkOn(channel, numbers);
        Heard(channel, numbers, byServer: true);
        Assert.True(_simulation.RunUntil(() => _clients.TrueForAll(one => one.Heard(1, channel) == numbers), 30 * Second), Story());
    }

    /// <summary>Everybody hears so many numbers of everybody else, once and in order.</summary>
    private void Heard(int channel, int numbers, bool byServer)
    {
        Assert.True(_simulation.RunUntil(() => _clients.TrueForAll(one => (!byServer || _server.Heard(one.Id, channel) == numbers)
            && _clients.TrueForAll(other => one == other || one.Heard(other.Id, channel) == numbers)), 30 * Second), Story(channel));
        Assert.All(_clients, client => Assert.Empty(client.Complaints));
        Assert.Empty(_server.Complaints);
        Assert.Empty(_simulation.Errors);
    }

    private void NobodyHasHeardOfLeavesOrJoins()
    {
        _simulation.RunFor(25 * Second);
        Assert.All(_clients, client => Assert.DoesNotContain(client.Told.SkipWhile(told => told[0] == '+'), told => told[0] is '+' or '-' or 'o'));
    }

    private string Story(int channel = 0) => string.Join('\n', _clients.Append(_server).Select(one =>
        $"{one.Host.Name} {one.Id}: {string.Join(", ", one.Told)} {one.Why} {string.Join("; ", one.Complaints.Take(2))} said {one.Said(channel)} on {channel},"
        + $" heard {string.Join(", ", _clients.Append(_server).Where(other => other != one).Select(other => one.Heard(other.Id, channel)))}; missing {one.Missing} lost {one.Unacknowledged}"));
}
