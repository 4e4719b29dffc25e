using Akka.Actor;
using Peer.Actors;
using Peer.TestKit;
using Peer.TestKit.Network;
using Xunit.Abstractions;

namespace Peer.Tests.Simulations;

public sealed class BusyNetworkTests(ITestOutputHelper output)
{
    private static readonly LinkConditions Rough = new()
    {
        Latency = TimeSpan.FromMilliseconds(40),
        Jitter = TimeSpan.FromMilliseconds(15),
        Loss = 0.03,
        BurstBegins = 0.005,
        Duplication = 0.02,
        Reordering = 0.02,
        Corruption = 0.01,
    };

    [Fact]
    public void Eight_peers_with_all_kinds_of_trouble_give_the_same_trace_for_the_same_seed()
    {
        var first = Play(21, TimeSpan.FromSeconds(40));
        Assert.Equal(first, Play(21, TimeSpan.FromSeconds(40)));
        Assert.NotEqual(first.Hash, Play(22, TimeSpan.FromSeconds(40)).Hash);
    }

    [Fact]
    public void What_users_see_is_part_of_the_trace()
    {
        Assert.Equal(Hash(true), Hash(true));
        Assert.NotEqual(Hash(true), Hash(false));

        static ulong Hash(bool read)
        {
            using var simulation = new Simulation(1);
            var server = simulation.Host("server").Serve(7777);
            simulation.Host("client").Join(simulation.Host("server"), 7777);
            simulation.RunFor(TimeSpan.FromSeconds(1));
            if (read)
                server.Poll(TimeSpan.Zero);
            return simulation.TraceHash;
        }
    }

    [Fact]
    public void Those_who_watch_see_each_signal_and_packet_once()
    {
        using var simulation = new Simulation(2);
        var seen = new List<IPeerEvent>();
        var server = Player.Serve(simulation.Host("server"));
        simulation.Seen += sighting =>
        {
            if (sighting.Host == server.Host)
                seen.Add(sighting.Event);
        };
        var client = Player.Join(simulation.Host("client"), server.Host);
        simulation.RunUntil(() => client.IsConnected, TimeSpan.FromSeconds(5));
        for (var i = 0; i < 3; i++)
            client.Send(MultiplayerPeer.TargetPeerServer, i);
        simulation.RunFor(TimeSpan.FromSeconds(1));
        Assert.IsType<PeerConnected>(seen[0]);
        Assert.Equal([0, 1, 2], seen.Skip(1).Select(told => BitConverter.ToInt32(((PacketReceived)told).Payload.Span)));
    }

    private Played Play(ulong seed, TimeSpan time)
    {
        using var simulation = new Simulation(seed);
        simulation.Network.Default = Rough;
        var server = Player.Serve(simulation.Host("server"));
        var clients = Enumerable.Range(1, 7).Select(i => Player.Join(simulation.Host($"client{i}"), server.Host)).ToList();
        foreach (var client in clients)
            client.Count(MultiplayerPeer.TargetPeerBroadcast, int.MaxValue, TimeSpan.FromMilliseconds(100));
        server.Count(MultiplayerPeer.TargetPeerBroadcast, int.MaxValue, TimeSpan.FromMilliseconds(100));
        simulation.Every(TimeSpan.FromSeconds(3), () =>
        {
            Trouble(simulation, clients[simulation.Random.Below(clients.Count)].Host, server.Host);
            return true;
        });
        simulation.RunFor(time);
        Assert.Empty(simulation.Errors);
        output.WriteLine($"{simulation.TraceHash:x}: {simulation.Network.Datagrams} datagrams, {simulation.Events} events, {server.Got.Count} packets at the server");
        return new Played(simulation.TraceHash, simulation.Network.Datagrams, simulation.Events, server.Got.Count);
    }

    private static void Trouble(Simulation simulation, SimulatedHost client, SimulatedHost server)
    {
        switch (simulation.Random.Below(4))
        {
            case 0:
                client.Freeze();
                simulation.After(TimeSpan.FromSeconds(2), client.Thaw);
                break;
            case 1:
                client.ChangeAddress();
                break;
            case 2:
                simulation.Network.Partition([client], [server], oneWay: simulation.Random.Chance(0.5));
                simulation.After(TimeSpan.FromSeconds(2), simulation.Network.Heal);
                break;
            default:
                client.Crash();
                client.Restart();
                Player.Join(client, server).Count(MultiplayerPeer.TargetPeerBroadcast, int.MaxValue, TimeSpan.FromMilliseconds(100));
                break;
        }
    }

    private readonly record struct Played(ulong Hash, long Datagrams, long Events, int Packets);
}
