using Peer.Protocol;
using Xunit.Abstractions;

namespace Peer.Tests.Stories;

public sealed class LeavingStories(ITestOutputHelper output)
{
    [Fact]
    public void A_kick_lets_a_thousand_queued_reliable_packets_go_first()
    {
        using var arena = new Arena(output);
        var server = arena.Serve();
        var client = arena.Join(server);
        var other = arena.Join(server);
        var id = client.Id;
        for (var i = 0; i < 1000; i++)
            Assert.Equal(Error.Ok, server.Say($"{i}", id, i % 7));
        server.Peer.DisconnectPeer(id);
        arena.Until(() => client.Signals.Contains("server gone") && server.Signals.Contains($"-{id}") && other.Signals.Contains($"-{id}"), "all hear of it");

        Assert.Equal(1000, client.Packets.Count);
        for (var channel = 0; channel < 7; channel++)
            Assert.Equal(Enumerable.Range(0, 1000).Where(i => i % 7 == channel).Select(i => $"{i}"), client.Packets.Where(packet => packet.Channel == channel).Select(packet => packet.Text));
        Assert.True(client.Log.LastIndexOf("packet 1") < client.Log.IndexOf("-1"), "packets come before the end");
        Assert.Equal(["+1", "succeeded", $"+{other.Id}", $"-{other.Id}", "-1", "server gone"], client.Signals);
        Assert.All(client.Reasons, info => Assert.Equal(DisconnectReason.Kicked, info.Reason));
        Assert.Equal(DisconnectReason.Kicked, Assert.Single(server.Reasons).Reason);
        Assert.Equal(DisconnectReason.Kicked, Assert.Single(other.Reasons).Reason);
        Assert.Equal(ConnectionStatus.Disconnected, client.Peer.GetConnectionStatus());
        Assert.Equal(0, client.Id);
        Assert.Equal(Error.Unconfigured, client.Say("too late"));
        Assert.True(other.IsConnected);
    }

    [Fact]
    public void A_forced_kick_ends_at_once()
    {
        using var arena = new Arena(output);
        var server = arena.Serve();
        var client = arena.Join(server);
        var id = client.Id;
        server.Peer.DisconnectPeer(id, force: true);
        arena.Until(() => client.Signals.Contains("server gone") && server.Signals.Contains($"-{id}"), "both hear of it");

        Assert.Equal(DisconnectReason.Kicked, client.Peer.LastDisconnect.Reason);
        Assert.Equal(DisconnectReason.Kicked, server.Peer.LastDisconnect.Reason);
        server.Peer.DisconnectPeer(id);
        Assert.Throws<ArgumentException>(() => server.Peer.GetPeerStatistics(id));
    }

    [Fact]
    public void All_can_be_disconnected_and_the_server_goes_on()
    {
        using var arena = new Arena(output);
        var server = arena.Serve();
        var clients = arena.JoinMany(server, 3);
        var ids = clients.Select(client => client.Id).ToArray();
        foreach (var id in ids)
            server.Peer.DisconnectPeer(id);
        arena.Until(() => ids.All(id => server.Signals.Contains($"-{id}")) && clients.All(client => client.Signals.Contains("server gone")), "all are gone");

        Assert.Equal(Error.InvalidParameter, server.Say("nobody", ids[0]));
        Assert.Equal(Error.Ok, server.Say("an empty room"));
        Assert.True(arena.Join(server).IsConnected);
    }

    [Fact]
    public void A_client_that_closes_is_gone_in_the_ordinary_way_and_its_last_packets_arrive()
    {
        using var arena = new Arena(output);
        var server = arena.Serve();
        var clients = arena.JoinMany(server, 2);
        var id = clients[0].Id;
        for (var i = 0; i < 500; i++)
            Assert.Equal(Error.Ok, clients[0].Say($"{i}", 0, i % 5));
        clients[0].Peer.Close();

        Assert.Equal(ConnectionStatus.Disconnected, clients[0].Peer.GetConnectionStatus());
        Assert.Equal(0, clients[0].Id);
        arena.Until(() => server.Signals.Contains($"-{id}") && clients[1].Signals.Contains($"-{id}"), "they hear of it");
        Assert.Equal(500, server.Heard(id).Count());
        Assert.Equal(500, clients[1].Heard(id).Count());
        Assert.Equal(DisconnectReason.Closed, server.Peer.LastDisconnect.Reason);
        Assert.Equal(DisconnectReason.Closed, clients[1].Peer.LastDisconnect.Reason);
        Assert.DoesNotContain("server gone", clients[0].Signals);
    }

    [Fact]
    public void A_client_may_leave_by_disconnecting_the_server()
    {
        using var arena = new Arena(output);
        var server = arena.Serve();
        var client = arena.Join(server);
        var id = client.Id;
        client.Peer.DisconnectPeer(1);
        arena.Until(() => server.Signals.Contains($"-{id}"), "the server hears of it");

        Assert.Equal(DisconnectReason.Closed, server.Peer.LastDisconnect.Reason);
        Assert.Equal(ConnectionStatus.Disconnected, client.Peer.GetConnectionStatus());
    }

    [Fact]
    public void When_the_server_closes_the_client_is_disconnected_inside_the_handler_and_can_still_take_packets()
    {
        using var arena = new Arena(output);
        var server = arena.Serve();
        var client = arena.Join(server);
        client.Reads = false;
        var status = ConnectionStatus.Connected;
        var info = DisconnectInfo.None;
        client.Peer.ServerDisconnected += () =>
        {
            status = client.Peer.GetConnectionStatus();
            info = client.Peer.LastDisconnect;
        };
        for (var i = 0; i < 100; i++)
            Assert.Equal(Error.Ok, server.Say($"{i}"));
        server.Peer.Close();
        Assert.Equal(ConnectionStatus.Disconnected, server.Peer.GetConnectionStatus());
        arena.Until(() => client.Signals.Contains("server gone"), "the client hears of it");

        Assert.Equal(ConnectionStatus.Disconnected, status);
        Assert.Equal(DisconnectReason.Closed, info.Reason);
        Assert.Equal(100, client.Peer.GetAvailablePacketCount());
        for (var i = 0; i < 100; i++)
            Assert.Equal($"{i}", System.Text.Encoding.UTF8.GetString(client.Peer.GetPacket()));
        Assert.Equal(["+1", "succeeded", "-1", "server gone"], client.Signals);
    }

    [Fact]
    public void A_server_whose_system_is_shut_down_says_so()
    {
        using var arena = new Arena(output);
        var island = arena.NewSystem("");
        var server = arena.Serve(system: island);
        var client = arena.Join(server);
        Arena.Shut(island);
        arena.Until(() => client.Signals.Contains("server gone"), "the client hears of it");

        Assert.Equal(DisconnectReason.ShuttingDown, client.Peer.LastDisconnect.Reason);
        arena.Until(() => server.Signals.Count == 2, "the server hears of it itself");
        Assert.Equal(ConnectionStatus.Disconnected, server.Peer.GetConnectionStatus());
    }

    [Fact]
    public void Handlers_may_close_their_own_peer()
    {
        using var arena = new Arena(output);
        var server = arena.Serve();
        var client = arena.Dial(server.Peer.LocalPort);
        client.Peer.ConnectionSucceeded += client.Peer.Close;
        arena.Until(() => server.Signals.Count == 2, "it came and went");

        Assert.Equal(["+1", "succeeded"], client.Signals);
        Assert.Equal(ConnectionStatus.Disconnected, client.Peer.GetConnectionStatus());
    }

    [Fact]
    public void After_dispose_every_call_throws()
    {
        using var arena = new Arena(output);
        var server = arena.Serve();
        server.End();

        Assert.Throws<ObjectDisposedException>(() => server.Peer.Poll(TimeSpan.Zero));
        Assert.Throws<ObjectDisposedException>(() => server.Say("hello"));
        Assert.Throws<ObjectDisposedException>(() => server.Peer.CreateServer(0));
    }
}
