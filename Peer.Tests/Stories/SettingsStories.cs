using Akka.Actor;
using Akka.Configuration;
using Peer.Actors;
using Peer.Actors.Settings;
using Peer.Protocol;
using Xunit.Abstractions;

namespace Peer.Tests.Stories;

public sealed class SettingsStories(ITestOutputHelper output)
{
    [Theory]
    [InlineData("server.max-peers = 0")]
    [InlineData("server.max-peers = many")]
    [InlineData("server.relay = perhaps")]
    [InlineData("server.identity-key = \"abc\"")]
    [InlineData("server.require-token = on")]
    [InlineData("server.token-keys { \"300\" = \"\" }", "300")]
    [InlineData("server.token-keys { \"1\" = \"c2hvcnQ=\" }", "token-keys.1")]
    [InlineData("server.token-keys { \"1\" = \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\" }", "token-servers")]
    [InlineData("server.same-client = both")]
    [InlineData("server.banned = [\"somewhere\"]")]
    [InlineData("server.hellos-per-prefix = 0")]
    [InlineData("server.handshakes-per-prefix = 0")]
    [InlineData("server.max-peers-per-prefix = 0")]
    [InlineData("server.half-open-per-prefix = 0")]
    [InlineData("server.limit-loopback = sometimes")]
    [InlineData("server.challenges-per-second = 0")]
    [InlineData("server.handshakes-per-second = 0")]
    [InlineData("server.ingress-datagrams-per-second = -1")]
    [InlineData("server.ingress-bytes-per-second = some")]
    [InlineData("server.admission-timeout = 0s")]
    [InlineData("server.half-open = 0")]
    [InlineData("server.confirm-timeout = 0s")]
    [InlineData("client.connect-timeout = soon")]
    [InlineData("connection.idle-timeout = 0s")]
    [InlineData("connection.keep-alive = 2h")]
    [InlineData("connection.close-timeout = -1s")]
    [InlineData("connection.flush-timeout = 0s")]
    [InlineData("connection.receive-window = 1MiB")]
    [InlineData("connection.outgoing-queue = 1MiB")]
    [InlineData("connection.max-datagram = 1199")]
    [InlineData("connection.ack-every = 0")]
    [InlineData("connection.ack-delay = 0s")]
    [InlineData("connection.key-update-after = 15")]
    [InlineData("connection.statistics-interval = 0s")]
    [InlineData("delivery.max-message = 128MiB")]
    [InlineData("delivery.window-frames = 63")]
    [InlineData("delivery.outstanding = 1")]
    [InlineData("delivery.unreliable-backlog = 1")]
    [InlineData("delivery.partial-timeout = 0s")]
    [InlineData("delivery.partial-per-connection = 1")]
    [InlineData("delivery.partial-total = 1")]
    [InlineData("lanes.default.weight = 0")]
    [InlineData("lanes.default.priority = 1000")]
    [InlineData("lanes.channels { \"255\" { priority = 0, weight = 1 } }", "255")]
    [InlineData("facade.spin = 1s")]
    [InlineData("facade.unreliable-inbox = 1")]
    [InlineData("facade.start-timeout = 0s")]
    [InlineData("transport.receive-buffer = 1")]
    [InlineData("transport.send-buffer = lots")]
    [InlineData("transport.offload = 5")]
    [InlineData("transport.dual-stack = no way")]
    [InlineData("transport.send-path = pigeon")]
    [InlineData("transport.rebind-min = 0s")]
    [InlineData("transport.rebind-max = 0s")]
    [InlineData("transport.ingress-limit = 1")]
    public void An_illegal_value_is_an_error_that_names_its_key(string setting, string? named = null)
    {
        named ??= setting[..setting.IndexOf(' ', StringComparison.Ordinal)];
        var config = ConfigurationFactory.ParseString("actorpeer." + setting).WithFallback(ActorPeer.DefaultConfig);
        var error = Assert.Throws<ConfigurationException>(() => ActorPeerSettings.Parse(config));

        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.StartsWith("actorpeer.", error.Message, StringComparison.Ordinal);
        output.WriteLine(error.Message);
    }

    [Fact]
    public void A_secret_is_not_repeated_in_an_error()
    {
        var config = ConfigurationFactory.ParseString("actorpeer.server.identity-key = \"c2VjcmV0\"").WithFallback(ActorPeer.DefaultConfig);

        Assert.DoesNotContain("c2VjcmV0", Assert.Throws<ConfigurationException>(() => ActorPeerSettings.Parse(config)).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Overrides_in_code_win_over_the_configuration()
    {
        var setup = new ActorPeerSetup { Settings = settings => settings with { Server = settings.Server with { MaxPeers = 1, Relay = false } } };
        using var arena = new Arena(output, "actorpeer.server.max-peers = 7", setup);
        var server = arena.Serve();
        var client = arena.Join(server);

        Assert.False(client.Peer.IsServerRelaySupported());
        Assert.Equal(DisconnectReason.Full, arena.Fail(server.Peer.LocalPort).Peer.LastDisconnect.Reason);
        Assert.Equal(1, ActorPeer.Get(arena.System).Settings.Server.MaxPeers);
    }

    [Fact]
    public void A_system_whose_udp_buffers_are_too_small_is_told_which_keys_to_set()
    {
        var system = ActorSystem.Create("users-own", ConfigurationFactory.ParseString("akka.loglevel = OFF, actorpeer.transport.receive-path = akka-io, actorpeer.facade.start-timeout = 60s"));
        using (var peer = new ActorMultiplayerPeer(system))
        {
            Assert.Equal(Error.CantCreate, peer.CreateServer(0));
            Assert.Contains("akka.io.udp", peer.LastErrorText, StringComparison.Ordinal);
            Assert.Contains("buffer-size", peer.LastErrorText, StringComparison.Ordinal);
            Assert.Equal(ConnectionStatus.Disconnected, peer.GetConnectionStatus());
        }

        Arena.Shut(system);
    }

    [Fact]
    public void A_peer_may_have_a_system_of_its_own_with_settings_of_its_own()
    {
        using var server = new ActorMultiplayerPeer(ConfigurationFactory.ParseString("akka.loglevel = OFF, actorpeer.server.relay = off, actorpeer.facade.start-timeout = 60s"));
        using var client = new ActorMultiplayerPeer(ConfigurationFactory.ParseString("actorpeer.client.connect-timeout = 60s"));
        Assert.Equal(Error.Ok, server.CreateServer(0, new ServerOptions { BindAddress = "127.0.0.1" }));
        Assert.Equal(Error.Ok, client.CreateClient("127.0.0.1", server.LocalPort));
        while (client.GetConnectionStatus() == ConnectionStatus.Connecting)
            client.Poll(TimeSpan.FromMilliseconds(20));

        Assert.Equal(ConnectionStatus.Connected, client.GetConnectionStatus());
        Assert.False(client.IsServerRelaySupported());
    }
}
