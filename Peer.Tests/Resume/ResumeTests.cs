using Peer.TestKit.Network;

namespace Peer.Tests.Resume;

public sealed class ResumeTests
{
    private static readonly LinkConditions Bad = new()
    {
        Latency = TimeSpan.FromMilliseconds(30), Loss = 0.1, Duplication = 0.05, Reordering = 0.1, ReorderDelay = TimeSpan.FromMilliseconds(20),
    };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void An_outage_beyond_the_time_out_loses_and_repeats_nothing_and_nobody_hears_of_a_leave(ulong seed)
    {
        using var journey = new Journey(seed, clients: 3, weather: Bad);
        var id = journey.Client(0).Id;
        journey.Run(3);
        journey.Cut(0, 15);
        Assert.Contains($"~{id}", journey.Server.Told);
        Assert.Contains("~1", journey.Client(0).Told);
        Assert.True(journey.Client(0).IsConnected);
        journey.Until(() => journey.Server.Told[^1] == $"={id}" && journey.Client(0).Told[^1] == "=1", "the client is back");
        journey.Run(3);
        journey.Settle();
        journey.NobodyLeft();
        Assert.Equal(id, journey.Client(0).Id);
        Assert.True(journey.Client(0).Fleeting > 0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_outage_of_one_direction_is_survived_by_both(bool serverIsMute)
    {
        using var journey = new Journey(4, clients: 2, weather: Bad);
        var (server, client) = (journey.Server.Host, journey.Client(0).Host);
        journey.Simulation.Network.Partition([serverIsMute ? server : client], [serverIsMute ? client : server], oneWay: true);
        journey.Run(15);
        journey.Simulation.Network.Heal();
        journey.Run(5);
        journey.Settle();
        journey.NobodyLeft();
        Assert.Contains(journey.Server.Told.Concat(journey.Client(0).Told), told => told[0] == '=');
    }

    [Fact]
    public void A_client_comes_back_again_and_again_from_wherever_it_is()
    {
        using var journey = new Journey(5, clients: 2, weather: Bad, padding: 2_000);
        for (var time = 1; time <= 6; time++)
        {
            journey.Cut(0, 14);
            journey.Client(0).Host.ChangeAddress();
            journey.Until(() => journey.Client(0).Told.Count(told => told == "=1") == time, "the client is back");
            journey.Run(time % 3 * 0.02);
        }

        journey.Run(2);
        journey.Settle();
        journey.NobodyLeft();
        Assert.Equal(6, journey.Server.Told.Count(told => told[0] == '~'));
    }

    [Fact]
    public void All_clients_at_once_come_back_after_the_servers_line_was_down()
    {
        using var journey = new Journey(6, clients: 6, weather: Bad, pace: 0.2);
        journey.Simulation.Network.Partition([journey.Server.Host], journey.All.Skip(1).Select(client => client.Host));
        journey.Run(16);
        journey.Simulation.Network.Heal();
        journey.Until(() => journey.All.Skip(1).All(client => client.Told[^1] == "=1"), "all are back");
        journey.Run(3);
        journey.Settle();
        journey.NobodyLeft();
    }

    [Fact]
    public void A_frozen_server_goes_on_with_its_clients()
    {
        using var journey = new Journey(7, clients: 2);
        journey.Server.Host.Freeze();
        journey.Run(14);
        journey.Server.Host.Thaw();
        journey.Until(() => journey.All.Skip(1).All(client => client.Told[^1] == "=1"), "all are back");
        journey.Run(3);
        journey.Settle();
        journey.NobodyLeft();
    }

    [Fact]
    public void More_than_the_window_passes_over_many_interruptions()
    {
        // The window is given back many times over, so that a count that was begun anew would be found out.
        using var journey = new Journey(8, clients: 2, weather: Bad, padding: 15_000, config: """
            actorpeer.connection { idle-timeout = 2s, keep-alive = 500ms, receive-window = 256KiB }
            actorpeer.delivery.max-message = 128KiB
            actorpeer.resume.held-per-peer = 32MiB
            """);
        for (var time = 1; time <= 12; time++)
        {
            journey.Run(3);
            journey.Cut(time % 2, 3);
        }

        journey.Run(5);
        journey.Settle();
        journey.NobodyLeft();
        Assert.True(journey.Server.Told.Count(told => told[0] == '=') >= 6, journey.Story());
    }

    [Fact]
    public void When_the_grace_time_is_over_the_client_has_left()
    {
        using var journey = new Journey(9, clients: 2);
        var id = journey.Client(0).Id;
        journey.Cut(0, 25);
        journey.Run(2);
        Assert.Equal($"-{id} Timeout", journey.Server.Told[^1]);
        Assert.Equal($"-{id} Timeout", journey.Client(1).Told[^1]);
        Assert.Equal("out", journey.Client(0).Told[^1]);
        Assert.Equal("-1 Timeout", journey.Client(0).Told[^2]);
        Assert.False(journey.Client(0).IsConnected);
        Assert.Empty(journey.Simulation.Errors);
    }

    [Fact]
    public void Without_a_grace_time_a_time_out_is_the_end()
    {
        using var journey = new Journey(10, clients: 1, config: "actorpeer.resume.grace = 0s");
        journey.Cut(0, 14);
        journey.Run(1);
        Assert.Equal("out", journey.Client(0).Told[^1]);
        Assert.DoesNotContain(journey.Server.Told, told => told[0] == '~');
    }

    [Fact]
    public void A_client_that_is_away_holds_no_more_than_its_share()
    {
        using var journey = new Journey(11, clients: 2, padding: 20_000, config: "actorpeer.resume.held-per-peer = 100KiB");
        var id = journey.Client(0).Id;
        journey.Cut(0, 17);
        Assert.Equal($"-{id} Timeout", journey.Server.Told[^1]);
        journey.Run(10);
        Assert.Equal("out", journey.Client(0).Told[^1]);
        Assert.True(journey.Client(1).IsConnected);
        Assert.Empty(journey.Simulation.Errors);
    }

    [Fact]
    public void Of_too_many_who_are_away_the_longest_away_has_left()
    {
        using var journey = new Journey(12, clients: 3, pace: 0.5, config: "actorpeer.resume.held-peers = 1");
        var (first, second) = (journey.Client(0).Id, journey.Client(1).Id);
        journey.Simulation.Network.Partition([journey.Server.Host], [journey.Client(0).Host]);
        journey.Run(3);
        journey.Simulation.Network.Partition([journey.Server.Host], [journey.Client(1).Host]);
        journey.Run(12);
        journey.Simulation.Network.Heal();
        journey.Run(10);
        Assert.Contains($"-{first} Timeout", journey.Server.Told);
        Assert.Contains($"={second}", journey.Server.Told);
        Assert.DoesNotContain($"-{second} Timeout", journey.Server.Told);
    }

    [Fact]
    public void A_server_that_closes_does_not_wait_for_those_who_are_away()
    {
        using var journey = new Journey(13, clients: 2);
        journey.Simulation.Network.Partition([journey.Server.Host], [journey.Client(0).Host]);
        journey.Run(13);
        journey.Server.Peer.Close();
        journey.Simulation.Network.Heal();
        journey.Until(() => journey.All.Skip(1).All(client => client.Told[^1] == "out"), "both have lost their server", 15);
    }

    [Fact]
    public void A_server_may_disconnect_a_client_that_is_away_and_a_client_may_give_up()
    {
        using var journey = new Journey(14, clients: 2);
        var (kicked, leaver) = (journey.Client(0).Id, journey.Client(1).Id);
        journey.Simulation.Network.Partition([journey.Server.Host], [journey.Client(0).Host, journey.Client(1).Host]);
        journey.Run(14);
        journey.Server.Peer.DisconnectPeer(kicked);
        journey.Client(1).Peer.Close();
        journey.Run(1);
        Assert.Contains($"-{kicked} Kicked", journey.Server.Told);
        journey.Simulation.Network.Heal();
        journey.Run(2);
        Assert.Equal("out", journey.Client(0).Told[^1]);
        journey.Run(10);
        Assert.Contains($"-{leaver} Timeout", journey.Server.Told);
        Assert.Empty(journey.Simulation.Errors);
    }
}
