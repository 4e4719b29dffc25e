using Peer.Actors;
using Peer.Protocol;
using Xunit.Abstractions;

namespace Peer.Tests.Stories;

public sealed class StatisticsStories(ITestOutputHelper output)
{
    [Fact]
    public void Figures_of_a_connection_are_finite_and_count_up()
    {
        using var arena = new Arena(output, "actorpeer.connection.statistics-interval = 10ms");
        var server = arena.Serve();
        var clients = arena.JoinMany(server, 2);
        var before = PeerStatistics.Empty;
        for (var round = 0; round < 3; round++)
        {
            Assert.Equal(Error.Ok, server.Put(SizeStories.Pattern(20_000, round), clients[0].Id));
            Assert.Equal(Error.Ok, clients[0].Say("hello", 1));
            arena.Until(
                () => server.Peer.GetPeerStatistics(clients[0].Id) is var now
                    && now.BytesSent >= before.BytesSent + 20_000 && now.PacketsSent > before.PacketsSent
                    && now.BytesReceived > before.BytesReceived && now.PacketsReceived > before.PacketsReceived && now.RoundTripMs > 0,
                "the figures rise");
            before = server.Peer.GetPeerStatistics(clients[0].Id);
            Assert.InRange(before.RoundTripMs, 0.001, 5000);
            Assert.InRange(before.JitterMs, 0, 5000);
            Assert.InRange(before.Loss, 0, 1);
            Assert.InRange(before.DatagramSize, 1200, 65_000);
            Assert.Equal(0, before.PacketsRejected);
            Assert.InRange(before.PacketsLost, 0, before.PacketsSent);
            Assert.InRange(before.QueueTimesMs[0], 0, 5000);
        }

        arena.Until(() => clients[0].Peer.GetPeerStatistics(1).BytesReceived >= 60_000, "the client counts too");
        Assert.Equal(PeerStatistics.Empty, clients[0].Peer.GetPeerStatistics(clients[1].Id));
        Assert.Throws<ArgumentException>(() => server.Peer.GetPeerStatistics(1));
    }

    [Fact]
    public void Variables_cross_the_wire()
    {
        using var arena = new Arena(output);
        var server = arena.Serve();
        var client = arena.Join(server);
        server.Reads = false;
        Assert.Equal(Error.Ok, client.Peer.PutVar(new Dictionary<string, int[]> { ["scores"] = [3, 1, 4] }));
        Assert.Equal(Error.Ok, client.Peer.PutVar("text"));
        arena.Until(() => server.Peer.GetAvailablePacketCount() == 2, "both arrive");

        Assert.Equal([3, 1, 4], server.Peer.GetVar<Dictionary<string, int[]>>()!["scores"]);
        Assert.Equal(0, server.Peer.GetVar<int>());
        Assert.Equal(Error.InvalidData, server.Peer.GetPacketError());
        client.Peer.EncodeBufferMaxSize = 1024;
        Assert.Equal(Error.OutOfMemory, client.Peer.PutVar(new byte[2000]));
        Assert.Equal(Error.Ok, client.Say("usable"));
        arena.Until(() => server.Peer.GetAvailablePacketCount() == 1, "it arrives");
    }

    [Fact]
    public void An_offline_peer_is_a_server_without_company()
    {
        using var peer = new OfflineMultiplayerPeer();

        Assert.Equal(ConnectionStatus.Connected, peer.GetConnectionStatus());
        Assert.Equal(1, peer.GetUniqueId());
        Assert.True(peer.IsServer());
        Assert.False(peer.IsServerRelaySupported());
        Assert.Equal(Error.Ok, peer.PutPacket([1]));
        peer.Poll();
        Assert.Equal(0, peer.GetAvailablePacketCount());
        Assert.InRange(peer.GenerateUniqueId(), 2, int.MaxValue);
    }

    [Fact]
    public void Unique_ids_are_never_0_or_1_or_in_use()
    {
        using var arena = new Arena(output);
        var server = arena.Serve();
        var client = arena.Join(server);
        for (var i = 0; i < 1000; i++)
        {
            var id = client.Peer.GenerateUniqueId();
            Assert.InRange(id, 2, int.MaxValue);
            Assert.NotEqual(client.Id, id);
        }
    }
}
