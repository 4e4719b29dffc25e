using Peer.Actors;
using Peer.Protocol;
using Peer.TestKit;
using Peer.Tests.Stories;
using Xunit.Abstractions;

namespace Peer.Tests.Attacks;

/// <summary>Clocks that are set, and clocks that have run for a long time.</summary>
public sealed class ClockAttacks(ITestOutputHelper output)
{
    [Fact]
    [Trait("Attack", "22")]
    public void A_wall_clock_that_jumps_disturbs_no_connection_and_lets_no_token_in_twice()
    {
        var port = Arena.FreePort();
        var clock = new ShiftedTime();
        using var fortress = new Fortress(
            output, TokenAttacks.Settings(port), port: port, setup: new ActorPeerSetup { TimeProvider = clock }, ticket: () => new ClientOptions { Token = TokenAttacks.Token(port).ToString() });
        var token = TokenAttacks.Token(port).ToString();
        var owner = fortress.Welcomes(new ClientOptions { Token = token });
        foreach (var hours in (int[])[-1, 1, -24 * 400, 24 * 400, 0])
        {
            clock.Wall = TimeSpan.FromHours(hours);
            fortress.Undisturbed();
            var refused = fortress.Arena.Fail(port, new ClientOptions { Token = token });
            Assert.Contains(refused.Peer.LastDisconnect.Reason, (DisconnectReason[])[DisconnectReason.TokenUsed, DisconnectReason.TokenExpired]);
        }

        Assert.True(owner.IsConnected);
        fortress.Welcomes(new ClientOptions { Token = TokenAttacks.Token(port).ToString() });
    }

    [Theory]
    [InlineData(24.855, "2^31 milliseconds")]
    [InlineData(49.7102, "2^32 milliseconds")]
    [InlineData(0.04971, "2^32 microseconds")]
    [InlineData(36_500, "a hundred years")]
    [Trait("Attack", "22")]
    public void A_server_that_has_run_for_so_long_goes_on(double days, string what)
    {
        using var simulation = new Simulation(3);
        simulation.RunFor(TimeSpan.FromDays(days) - TimeSpan.FromSeconds(4));
        var server = Simulations.Player.Serve(simulation.Host("server"));
        var client = Simulations.Player.Join(simulation.Host("client"), server.Host);
        Assert.True(simulation.RunUntil(() => client.IsConnected && server.Told.Count == 1, TimeSpan.FromSeconds(2)), what);
        server.Count(client.Peer.GetUniqueId(), 300, TimeSpan.FromMilliseconds(40));
        client.Count(1, 300, TimeSpan.FromMilliseconds(40));
        simulation.RunFor(TimeSpan.FromSeconds(20));
        Assert.Equal(Enumerable.Range(0, 300), server.Got);
        Assert.Equal(Enumerable.Range(0, 300), client.Got);
        Assert.Equal(["+1", "in"], client.Told);
        Assert.Empty(simulation.Errors);
    }
}
