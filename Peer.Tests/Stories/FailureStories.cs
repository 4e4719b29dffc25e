using Akka.Actor;
using Peer.Protocol;
using Xunit.Abstractions;

namespace Peer.Tests.Stories;

public sealed class FailureStories(ITestOutputHelper output)
{
    [Theory]
    [InlineData("akka-io", "/system/IO-UDP-FF/*")]
    [InlineData("akka-io", "/user/*/$*")]
    [InlineData("own-socket", "/user/*/$*")]
    public async Task A_transport_that_is_killed_is_rebuilt_and_nothing_is_lost(string receivePath, string path)
    {
        var config = $"akka.loglevel = OFF, actorpeer.transport.receive-path = {receivePath}";
        using var arena = new Arena(output, config);
        var island = arena.NewSystem(config);
        var server = arena.Serve();
        var client = arena.Join(server, system: island);
        var port = server.Peer.LocalPort;
        var sent = 0;

        foreach (var system in (ActorSystem[])[arena.System, island, arena.System])
        {
            for (var i = 0; i < 500; i++, sent++)
            {
                Assert.Equal(Error.Ok, client.Say($"{sent}", 1));
                Assert.Equal(Error.Ok, server.Say($"{sent}", client.Id));
                if (i == 250)
                    (await system.ActorSelection(path).ResolveOne(TimeSpan.FromSeconds(30))).Tell(Kill.Instance);
            }

            arena.Until(() => server.Packets.Count == sent && client.Packets.Count == sent, "all arrive all the same");
        }

        var expected = Enumerable.Range(0, sent).Select(i => $"{i}").ToArray();
        Assert.Equal(expected, server.Heard(client.Id));
        Assert.Equal(expected, client.Heard(1));
        Assert.Equal(port, server.Peer.LocalPort);
        Assert.True(arena.Join(server).IsConnected, "newcomers find the port");
    }

    [Theory]
    [InlineData("connection-{0}")]
    [InlineData("connection-{0}/sequencer-*")]
    public void A_failure_inside_a_connection_ends_that_one_alone_with_a_reason_at_both_ends(string path)
    {
        using var arena = new Arena(output, "akka.loglevel = OFF");
        var island = arena.NewSystem("akka.loglevel = OFF");
        var server = arena.Serve(system: island);
        var clients = arena.JoinMany(server, 3);
        var id = clients[0].Id;
        Assert.Equal(Error.Ok, server.Say("hello"));
        arena.Until(() => clients.All(client => client.Packets.Count == 1), "all hear the server");

        island.ActorSelection("/user/*/" + string.Format(null, path, id)).Tell(Kill.Instance);
        arena.Until(() => clients[0].Signals.Contains("server gone") && server.Signals.Contains($"-{id}") && clients[1].Signals.Contains($"-{id}"), "all hear of it");
        Assert.Equal(DisconnectReason.InternalError, server.Peer.LastDisconnect.Reason);
        Assert.Equal(DisconnectReason.InternalError, clients[0].Peer.LastDisconnect.Reason);
        Assert.Equal(DisconnectReason.InternalError, clients[1].Peer.LastDisconnect.Reason);

        Assert.Equal(Error.Ok, clients[1].Say("still here"));
        arena.Until(() => server.Packets.Count == 1 && clients[2].Packets.Count == 2, "the others go on");
        Assert.Equal(Error.Ok, clients[0].Peer.CreateClient("127.0.0.1", server.Peer.LocalPort));
        arena.Until(() => clients[0].IsConnected && clients[1].Knows(clients[0].Id), "it may come back");
    }

    [Fact]
    public void A_client_whose_connection_fails_hears_of_it_and_so_does_the_server()
    {
        using var arena = new Arena(output, "akka.loglevel = OFF");
        var island = arena.NewSystem("akka.loglevel = OFF");
        var server = arena.Serve();
        var client = arena.Join(server, system: island);
        var id = client.Id;
        island.ActorSelection("/user/*/connection-1").Tell(Kill.Instance);
        arena.Until(() => client.Signals.Contains("server gone") && server.Signals.Contains($"-{id}"), "both hear of it");

        Assert.Equal(DisconnectReason.InternalError, client.Peer.LastDisconnect.Reason);
        Assert.Equal(DisconnectReason.InternalError, server.Peer.LastDisconnect.Reason);
        Assert.Equal(ConnectionStatus.Disconnected, client.Peer.GetConnectionStatus());
    }

    [Fact]
    public void A_manager_that_fails_ends_its_peer_and_tells_the_others()
    {
        using var arena = new Arena(output, "akka.loglevel = OFF, actorpeer.connection.idle-timeout = 10s");
        var island = arena.NewSystem("akka.loglevel = OFF");
        var server = arena.Serve(system: island);
        var clients = arena.JoinMany(server, 2);
        var ids = clients.Select(client => client.Id).ToArray();
        island.ActorSelection("/user/*").Tell(Kill.Instance);
        arena.Until(() => clients.All(client => client.Signals.Contains("server gone")) && ids.All(id => server.Signals.Contains($"-{id}")), "all hear of it");

        arena.Until(() => server.Peer.GetConnectionStatus() == ConnectionStatus.Disconnected, "the server is over");
        Assert.Equal(Error.Ok, server.Peer.CreateServer(0));
        Assert.True(server.IsConnected);
    }
}
