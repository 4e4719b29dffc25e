using Peer.Actors;
using Peer.Protocol;
using Xunit.Abstractions;

namespace Peer.Tests.Stories;

public sealed class PortStories(ITestOutputHelper output)
{
    [Fact]
    public void A_taken_port_cannot_be_created_on_and_the_peer_says_why()
    {
        using var arena = new Arena(output);
        var first = arena.Serve();
        var second = arena.NewPlayer("second");

        Assert.Equal(Error.CantCreate, second.Peer.CreateServer(first.Peer.LocalPort, new ServerOptions { BindAddress = "127.0.0.1" }));
        Assert.Contains($"{first.Peer.LocalPort}", second.Peer.LastErrorText, StringComparison.Ordinal);
        Assert.Contains("taken", second.Peer.LastErrorText, StringComparison.Ordinal);
        Assert.Equal(ConnectionStatus.Disconnected, second.Peer.GetConnectionStatus());

        Assert.Equal(Error.Ok, second.Peer.CreateServer(0, new ServerOptions { BindAddress = "127.0.0.1" }));
        Assert.Equal("", second.Peer.LastErrorText);
        Assert.True(arena.Join(second).IsConnected);
    }

    [Fact]
    public void A_client_whose_local_port_is_taken_fails_with_the_cause()
    {
        using var arena = new Arena(output);
        var server = arena.Serve();
        var client = arena.Fail(server.Peer.LocalPort, new ClientOptions { LocalPort = server.Peer.LocalPort });

        Assert.Contains("taken", client.Peer.LastErrorText, StringComparison.Ordinal);
    }

    [Fact]
    public void An_active_peer_is_already_in_use()
    {
        using var arena = new Arena(output);
        var server = arena.Serve();
        var client = arena.Dial(server.Peer.LocalPort);

        foreach (var player in (Player[])[server, client])
        {
            Assert.Equal(Error.AlreadyInUse, player.Peer.CreateServer(0));
            Assert.Equal(Error.AlreadyInUse, player.Peer.CreateClient("127.0.0.1", 1));
            Assert.Equal(Error.AlreadyInUse, player.Peer.CreateMesh(2));
        }

        arena.Until(() => client.IsConnected, "the refused calls changed nothing");
    }

    [Fact]
    public void A_closed_server_can_be_created_again_on_its_port_at_once()
    {
        using var arena = new Arena(output);
        var port = Arena.FreePort();
        var server = arena.Serve(port: port);
        for (var i = 0; i < 10; i++)
        {
            var client = arena.Join(server);
            server.Peer.Close();
            arena.Until(() => client.Signals.Contains("server gone"), "the client hears of it");
            Assert.True(server.Peer.CreateServer(port, new ServerOptions { BindAddress = "127.0.0.1" }) == Error.Ok, server.Peer.LastErrorText);
        }
    }

    [Fact]
    public void A_client_reconnects_from_the_same_local_port()
    {
        using var arena = new Arena(output);
        var server = arena.Serve();
        var options = new ClientOptions { LocalPort = Arena.FreePort() };
        var client = arena.Join(server, options);
        for (var i = 0; i < 5; i++)
        {
            for (var n = 0; n < 100; n++)
                Assert.Equal(Error.Ok, server.Say($"{n}", client.Id));
            client.Peer.Close();
            Assert.Equal(Error.Ok, client.Peer.CreateClient("127.0.0.1", server.Peer.LocalPort, options));
            arena.Until(() => client.IsConnected && server.Knows(client.Id), "it connects again");
            Assert.Equal(options.LocalPort, client.Peer.LocalPort);
        }

        Assert.Equal(6, server.Signals.Count(signal => signal[0] == '+'));
        arena.Until(() => server.Signals.Count(signal => signal[0] == '-') == 5, "the old ones have gone");
        client.Packets.Clear();
        Assert.Equal(Error.Ok, server.Say("hello"));
        arena.Until(() => client.Packets.Count == 1, "the newest is heard");
    }

    [Fact]
    public void Silence_times_out_at_both_ends_and_a_restarted_server_can_be_joined_again()
    {
        using var arena = new Arena(output, "actorpeer.connection { idle-timeout = 3s, keep-alive = 200ms, flush-timeout = 100ms, close-timeout = 100ms }");
        var port = Arena.FreePort();
        var server = arena.Serve(port: port);
        using var gate = new Gate(port);
        var client = arena.Dial(gate.Port);
        var witness = arena.Join(server);
        arena.Until(() => client.IsConnected && witness.Knows(client.Id), "it connects through the gate");
        var id = client.Id;

        gate.IsOpen = false;
        arena.Until(() => client.Signals.Contains("server gone") && server.Signals.Contains($"-{id}") && witness.Signals.Contains($"-{id}"), "all notice");
        Assert.Equal(DisconnectReason.Timeout, client.Peer.LastDisconnect.Reason);
        Assert.Equal(DisconnectReason.Timeout, server.Peer.LastDisconnect.Reason);
        Assert.Equal(DisconnectReason.Timeout, witness.Peer.LastDisconnect.Reason);
        Assert.True(witness.IsConnected, "who is heard stays");

        gate.IsOpen = true;
        Assert.Equal(Error.Ok, client.Peer.CreateClient("127.0.0.1", gate.Port));
        arena.Until(() => client.IsConnected && server.Knows(client.Id), "it comes back");
        client.Signals.Clear();

        // The server dies without a word, and another one takes its port, which knows nothing of the old connection.
        gate.IsOpen = false;
        server.End();
        var heir = arena.Serve(port: port);
        gate.IsOpen = true;
        arena.Until(() => client.Signals.Contains("server gone"), "the old client notices");
        Assert.Equal(DisconnectReason.Timeout, client.Peer.LastDisconnect.Reason);
        Assert.Equal(Error.Ok, client.Peer.CreateClient("127.0.0.1", gate.Port));
        arena.Until(() => client.IsConnected && heir.Knows(client.Id), "it joins again");
    }

    [Fact]
    public void An_idle_connection_stays_up_and_traffic_resumes_after_a_blackout()
    {
        using var arena = new Arena(output, "actorpeer.connection { idle-timeout = 6s, keep-alive = 200ms }");
        var server = arena.Serve();
        using var gate = new Gate(server.Peer.LocalPort);
        var client = arena.Dial(gate.Port);
        arena.Until(() => client.IsConnected && server.Knows(client.Id), "it connects through the gate");

        arena.For(6.5);
        gate.IsOpen = false;
        for (var i = 0; i < 300; i++)
        {
            Assert.Equal(Error.Ok, client.Say($"{i}", 1));
            Assert.Equal(Error.Ok, server.Say($"{i}", client.Id));
        }

        arena.For(1);
        Assert.Empty(server.Packets);
        gate.IsOpen = true;
        arena.Until(() => server.Packets.Count == 300 && client.Packets.Count == 300, "what waited arrives");
        Assert.Equal(Enumerable.Range(0, 300).Select(i => $"{i}"), server.Heard(client.Id));
        Assert.Equal(["+1", "succeeded"], client.Signals);
    }
}
