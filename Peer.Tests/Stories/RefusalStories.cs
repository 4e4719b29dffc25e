using System.Net;
using System.Net.Sockets;
using Peer.Actors;
using Peer.Protocol;
using Xunit.Abstractions;

namespace Peer.Tests.Stories;

public sealed class RefusalStories(ITestOutputHelper output)
{
    /// <summary>Longer than any story waits: who fails all the same was told.</summary>
    private const string Patient = "actorpeer.client.connect-timeout = 60s";
    private const string Hasty = "actorpeer.client.connect-timeout = 600ms";

    [Fact]
    public void A_server_that_refuses_newcomers_says_so_at_once_and_keeps_its_peers()
    {
        using var arena = new Arena(output, Patient);
        var server = arena.Serve();
        var first = arena.Join(server);
        server.Peer.RefuseNewConnections = true;
        var refused = arena.Fail(server.Peer.LocalPort);
        Assert.Equal(DisconnectReason.Refusing, refused.Peer.LastDisconnect.Reason);
        Assert.Equal(Error.Unconfigured, refused.Say("hello"));

        server.Peer.RefuseNewConnections = false;
        refused.Signals.Clear();
        Assert.Equal(Error.Ok, refused.Peer.CreateClient("127.0.0.1", server.Peer.LocalPort));
        arena.Until(() => refused.IsConnected && first.Knows(refused.Id) && server.Knows(refused.Id), "the same peer tries again and gets in");
        Assert.Equal([$"+{first.Id}", $"+{refused.Id}"], server.Signals);
    }

    [Fact]
    public void Refusing_may_be_set_before_the_server_is_created()
    {
        using var arena = new Arena(output, Patient);
        var server = arena.NewPlayer("server");
        server.Peer.RefuseNewConnections = true;
        Assert.Equal(Error.Ok, server.Peer.CreateServer(0, new ServerOptions { BindAddress = "127.0.0.1" }));

        Assert.Equal(DisconnectReason.Refusing, arena.Fail(server.Peer.LocalPort).Peer.LastDisconnect.Reason);
    }

    [Fact]
    public void A_full_server_says_so_and_the_first_peer_stays()
    {
        using var arena = new Arena(output, Patient);
        var server = arena.Serve(new ServerOptions { BindAddress = "127.0.0.1", MaxPeers = 1 });
        var first = arena.Join(server);
        Assert.Equal(DisconnectReason.Full, arena.Fail(server.Peer.LocalPort).Peer.LastDisconnect.Reason);

        Assert.Equal(Error.Ok, first.Say("still here"));
        arena.Until(() => server.Packets.Count == 1, "the first is heard");
        var id = first.Id;
        first.Peer.Close();
        arena.Until(() => server.Signals.Contains($"-{id}"), "the first leaves");
        Assert.True(arena.Join(server).IsConnected);
    }

    [Fact]
    public void Another_application_is_another_version()
    {
        using var arena = new Arena(output, Patient);
        var other = arena.NewSystem("actorpeer.application = chess\n" + Patient);
        var server = arena.Serve();

        Assert.Equal(DisconnectReason.Version, arena.Fail(server.Peer.LocalPort, system: other).Peer.LastDisconnect.Reason);
        Assert.Empty(server.Signals);
    }

    [Fact]
    public void Nobody_there_is_no_answer_after_the_connect_time_out()
    {
        using var arena = new Arena(output, Hasty);
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        var client = arena.Fail(((IPEndPoint)silent.LocalEndPoint!).Port);
        Assert.Equal(DisconnectReason.NoAnswer, client.Peer.LastDisconnect.Reason);
        Assert.True(silent.Available > 0, "it was asked");

        // A closed port answers with ICMP, which anybody could forge: it must not end the attempt in another way.
        Assert.Equal(DisconnectReason.NoAnswer, arena.Fail(Arena.FreePort()).Peer.LastDisconnect.Reason);
    }

    [Fact]
    public void A_host_that_does_not_exist_fails_with_the_cause_in_words()
    {
        using var arena = new Arena(output, Patient);
        var client = arena.Fail(7777, host: "no-such-host.invalid");

        Assert.Contains("no-such-host.invalid", client.Peer.LastDisconnect.Text, StringComparison.Ordinal);
        Assert.Contains("no-such-host.invalid", client.Peer.LastErrorText, StringComparison.Ordinal);
    }

    [Fact]
    public void A_client_that_gives_up_while_it_dials_raises_no_signal_and_may_dial_again()
    {
        using var arena = new Arena(output, Patient);
        var server = arena.Serve();
        var client = arena.Dial(Arena.FreePort());
        Assert.Equal(ConnectionStatus.Connecting, client.Peer.GetConnectionStatus());
        client.Peer.Close();
        Assert.Equal(ConnectionStatus.Disconnected, client.Peer.GetConnectionStatus());

        Assert.Equal(Error.Ok, client.Peer.CreateClient("127.0.0.1", server.Peer.LocalPort));
        arena.Until(() => client.IsConnected, "it connects");
        Assert.Equal(["+1", "succeeded"], client.Signals);
    }

    [Fact]
    public void Illegal_arguments_are_invalid_parameters_with_words()
    {
        using var arena = new Arena(output);
        var peer = arena.NewPlayer("nobody").Peer;

        Assert.Equal(Error.InvalidParameter, peer.CreateServer(65_536));
        Assert.Contains("65536", peer.LastErrorText, StringComparison.Ordinal);
        Assert.Equal(Error.InvalidParameter, peer.CreateServer(0, new ServerOptions { BindAddress = "here" }));
        Assert.Equal(Error.InvalidParameter, peer.CreateServer(0, new ServerOptions { MaxPeers = 0 }));
        Assert.Equal(Error.InvalidParameter, peer.CreateClient("", 1));
        Assert.Equal(Error.InvalidParameter, peer.CreateClient("not a host", 1));
        Assert.Equal(Error.InvalidParameter, peer.CreateClient("127.0.0.1", 0));
        Assert.Equal(Error.InvalidParameter, peer.CreateClient("127.0.0.1", 1, new ClientOptions { ApplicationData = new byte[257] }));
        Assert.Equal(Error.InvalidParameter, peer.CreateClient("127.0.0.1", 1, new ClientOptions { PinnedServerKey = "short" }));
        Assert.Equal(Error.InvalidParameter, peer.CreateMesh(0));
        Assert.Equal(ConnectionStatus.Disconnected, peer.GetConnectionStatus());
        Assert.Equal(0, peer.GetUniqueId());
        Assert.Equal(Error.Unconfigured, peer.PutPacket([1]));
    }
}
