using Peer.Actors;
using Peer.Protocol;
using Peer.Protocol.Crypto;
using Xunit.Abstractions;

namespace Peer.Tests.Stories;

public sealed class IdentityStories(ITestOutputHelper output)
{
    [Fact]
    public void A_client_that_pins_a_key_meets_that_server_and_no_other()
    {
        using var identity = ServerIdentity.Generate(SystemRandomSource.Instance);
        using var other = ServerIdentity.Generate(SystemRandomSource.Instance);
        using var arena = new Arena(output, $"""
            actorpeer.server.identity-key = "{identity.ExportPkcs8Base64()}"
            actorpeer.client.connect-timeout = 60s
            """);
        var server = arena.Serve();

        Assert.True(arena.Join(server, new ClientOptions { PinnedServerKey = identity.PublicKeyText }).IsConnected);
        Assert.True(arena.Join(server).IsConnected, "who pins nothing takes any");
        var wrong = arena.Fail(server.Peer.LocalPort, new ClientOptions { PinnedServerKey = other.PublicKeyText });
        Assert.Equal(DisconnectReason.IdentityMismatch, wrong.Peer.LastDisconnect.Reason);
        Assert.Equal(2, server.Signals.Count(signal => signal[0] == '+'));
    }

    [Fact]
    public void A_server_without_an_identity_cannot_meet_a_client_that_pins_one()
    {
        using var other = ServerIdentity.Generate(SystemRandomSource.Instance);
        using var arena = new Arena(output, "actorpeer.client.connect-timeout = 60s");
        var server = arena.Serve();

        var wrong = arena.Fail(server.Peer.LocalPort, new ClientOptions { PinnedServerKey = other.PublicKeyText });
        Assert.Equal(DisconnectReason.IdentityMismatch, wrong.Peer.LastDisconnect.Reason);
    }

    [Fact]
    public void A_pinned_key_that_is_no_key_is_refused_and_never_taken_for_no_pin()
    {
        using var arena = new Arena(output);
        var server = arena.Serve();
        var client = arena.NewPlayer("client");

        // 64 bytes in base64url, but no point of the curve.
        var options = new ClientOptions { PinnedServerKey = new string('A', 85) + "A" };
        Assert.Equal(Error.InvalidParameter, client.Peer.CreateClient("127.0.0.1", server.Peer.LocalPort, options));
        Assert.Contains("pinned", client.Peer.LastErrorText, StringComparison.Ordinal);
    }
}
