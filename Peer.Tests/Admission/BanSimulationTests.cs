using System.Net;
using Akka.Actor;
using Peer.Actors;
using Peer.Protocol;
using Peer.TestKit;
using Peer.Tests.Simulations;

namespace Peer.Tests.Admission;

/// <summary>How long a ban holds, at both ports of a server, on the simulation's clock.</summary>
public sealed class BanSimulationTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(500);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_ban_holds_until_its_time_and_no_longer(bool enet)
    {
        using var simulation = new Simulation(31);
        var (serverHost, guestHost) = (simulation.Host("server"), simulation.Host("guest"));
        var manager = serverHost.Manager(new PeerRole.Server(new IPEndPoint(IPAddress.Any, 7777))
        {
            ENet = new ENetOptions(),
            ENetBind = new IPEndPoint(IPAddress.Any, 7778),
        });
        manager.Tell(new Ban(new IPNetwork(guestHost.Address, 32), TimeSpan.FromSeconds(60)));

        simulation.RunFor(TimeSpan.FromSeconds(59));
        var early = Join(guestHost);
        Assert.True(simulation.RunUntil(() => early.Told.Count > 0, Moment));
        Assert.Equal([$"failed {DisconnectReason.Banned}"], early.Told);
        var other = Join(simulation.Host("other"));
        Assert.True(simulation.RunUntil(() => other.IsConnected, Moment));

        simulation.RunFor(TimeSpan.FromSeconds(1));
        var late = Join(guestHost);
        Assert.True(simulation.RunUntil(() => late.IsConnected, Moment));

        Player Join(SimulatedHost host) => enet ? Player.JoinENet(host, serverHost) : Player.Join(host, serverHost);
    }
}
