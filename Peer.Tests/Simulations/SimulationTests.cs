using Peer.Protocol;
using Peer.TestKit;
using Peer.TestKit.Network;
using Xunit.Abstractions;

namespace Peer.Tests.Simulations;

public sealed class SimulationTests(ITestOutputHelper output)
{
    [Fact]
    public void A_seed_gives_the_same_trace_again()
    {
        var first = Play(7);
        Assert.Equal(first, Play(7));
        Assert.NotEqual(first.Hash, Play(8).Hash);
    }

    [Fact]
    public void Nothing_reliable_is_lost_on_a_bad_link()
    {
        var played = Play(11);
        Assert.Equal(200, played.Received);
    }

    private (ulong Hash, int Received, long Micros) Play(ulong seed)
    {
        using var simulation = new Simulation(seed);
        simulation.Network.Default = new LinkConditions { Latency = TimeSpan.FromMilliseconds(30), Jitter = TimeSpan.FromMilliseconds(10), Loss = 0.1, Duplication = 0.05, Corruption = 0.02 };
        var server = simulation.Host("server").Serve(7777);
        var client = simulation.Host("client").Join(simulation.Host("server"), 7777);
        Assert.True(simulation.RunUntil(() => Connected(client), TimeSpan.FromSeconds(10)));
        for (var i = 0; i < 200; i++)
        {
            client.SetTargetPeer(1);
            Assert.Equal(Error.Ok, client.PutPacket(BitConverter.GetBytes(i)));
            simulation.RunFor(TimeSpan.FromMilliseconds(16));
        }

        var received = 0;
        simulation.RunUntil(
            () =>
            {
                server.Poll(TimeSpan.Zero);
                while (server.TryGetPacket(out var packet))
                    Assert.Equal(received++, BitConverter.ToInt32(packet.Payload.Span));
                return received == 200;
            },
            TimeSpan.FromSeconds(20));
        output.WriteLine($"{simulation.Time.Elapsed} {simulation.Network.Datagrams} datagrams, {simulation.Events} events");
        return (simulation.TraceHash, received, simulation.Time.Now);
    }

    private static bool Connected(Peer.Actors.ActorMultiplayerPeer client)
    {
        client.Poll(TimeSpan.Zero);
        return client.GetConnectionStatus() == ConnectionStatus.Connected;
    }
}
