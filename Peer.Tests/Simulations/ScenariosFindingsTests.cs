using Peer.Actors;
using Peer.Protocol;
using Peer.TestKit;
using Peer.TestKit.Network;

namespace Peer.Tests.Simulations;

/// <summary>What sweeps found, each cut down to its story; docs/simulation-findings.md lists them with their seeds.</summary>
public sealed class ScenariosFindingsTests
{
    private const int Port = 7000;

    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(20);

    [Fact]
    public void A_client_behind_a_new_address_is_found_again_when_the_first_path_challenge_is_lost()
    {
        using var simulation = new Simulation(1);
        var (serverHost, clientHost) = (simulation.Host("server"), simulation.Host("client"));
        var server = Polled(serverHost, serverHost.Serve(Port));
        var client = Polled(clientHost, clientHost.Join(serverHost, Port));
        Assert.True(simulation.RunUntil(() => client.GetConnectionStatus() == ConnectionStatus.Connected, TimeSpan.FromSeconds(5)));

        var challenged = false;
        simulation.Network.Set(serverHost, clientHost, new LinkConditions { Loss = 1 });
        simulation.Network.Carried += transit => challenged |= transit.To.Address.Equals(clientHost.Address);
        clientHost.ChangeAddress();
        client.SetTargetPeer(1);
        Assert.Equal(Error.Ok, client.PutPacket([1]));
        Assert.True(simulation.RunUntil(() => challenged, TimeSpan.FromSeconds(5)));
        simulation.RunFor(TimeSpan.FromMilliseconds(500));
        simulation.Network.Set(serverHost, clientHost, null);

        server.SetTargetPeer(client.GetUniqueId());
        Assert.Equal(Error.Ok, server.PutPacket([2]));
        Assert.True(simulation.RunUntil(() => client.GetAvailablePacketCount() == 1, TimeSpan.FromSeconds(5)));
        simulation.RunFor(TimeSpan.FromSeconds(15));
        Assert.Equal(ConnectionStatus.Connected, client.GetConnectionStatus());
    }

    private static ActorMultiplayerPeer Polled(SimulatedHost host, ActorMultiplayerPeer peer)
    {
        host.Every(Beat, () =>
        {
            peer.Poll(TimeSpan.Zero);
            return true;
        });
        return peer;
    }
}
