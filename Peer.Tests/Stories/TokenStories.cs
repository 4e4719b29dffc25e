using Peer.Actors;
using Peer.Protocol;
using Peer.Protocol.Handshake;
using Xunit.Abstractions;

namespace Peer.Tests.Stories;

public sealed class TokenStories : IDisposable
{
    private const string Application = "actorpeer";
    private static readonly byte[] Key = [.. Enumerable.Range(7, 32).Select(i => (byte)i)];

    private readonly int _port = Arena.FreePort();
    private readonly Arena _arena;
    private readonly Player _server;

    public TokenStories(ITestOutputHelper output)
    {
        _arena = new Arena(output, $$"""
            actorpeer.server {
              require-token = on
              token-keys { "1" = "{{Convert.ToBase64String(Key)}}" }
              token-servers = ["{{Here}}"]
            }
            actorpeer.client.connect-timeout = 60s
            """);
        _server = _arena.Serve(port: _port);
    }

    private string Here => $"127.0.0.1:{_port}";

    private long Now => ActorPeer.Get(_arena.System).Runtime.Clock.UnixSeconds;

    [Fact]
    public void A_token_opens_one_connection_to_the_server_that_it_names()
    {
        var token = Token([Here]);
        var client = _arena.Dial(1, new ClientOptions { Token = token });
        _arena.Until(() => client.IsConnected && _server.Knows(client.Id), "it connects where the token says, not where the caller says");
        Assert.Equal(Error.Ok, client.Say("hello"));
        _arena.Until(() => _server.Packets.Count == 1, "it is heard");

        Assert.Equal(DisconnectReason.TokenUsed, Refused(token));
        client.Peer.Close();
        _arena.Until(() => _server.Signals.Count == 2, "it leaves");
        Assert.Equal(DisconnectReason.TokenUsed, Refused(token));
        Assert.Equal(DisconnectReason.TokenUsed, Refused(token));
    }

    [Fact]
    public void Without_a_token_nobody_gets_in() => Assert.Equal(DisconnectReason.TokenInvalid, Refused(null));

    [Fact]
    public void A_text_that_is_no_token_is_an_invalid_token() => Assert.Equal(DisconnectReason.TokenInvalid, Refused("abc!"));

    [Fact]
    public void An_expired_token_is_told_apart() => Assert.Equal(DisconnectReason.TokenExpired, Refused(Token([Here], issued: Now - 100)));

    [Fact]
    public void A_token_of_another_backend_is_invalid() => Assert.Equal(DisconnectReason.TokenInvalid, Refused(Token([Here], new byte[32])));

    [Fact]
    public void A_token_of_another_application_is_invalid() => Assert.Equal(DisconnectReason.TokenInvalid, Refused(Token([Here], application: "chess")));

    [Fact]
    public void A_token_under_an_unknown_key_is_invalid() => Assert.Equal(DisconnectReason.TokenInvalid, Refused(Token([Here], keyId: 2)));

    [Fact]
    public void A_token_for_another_server_is_invalid()
    {
        // Its own name for the same address: what counts is the name that the backend sealed.
        Assert.Equal(DisconnectReason.TokenInvalid, Refused(Token([$"localhost:{_port}"])));
    }

    [Fact]
    public void Dead_servers_of_a_token_are_passed_over()
    {
        // Somebody has gone the way before, with all the time in the world: done for the first time, a handshake may take long.
        var first = _arena.Dial(1, new ClientOptions { Token = Token([Here]) });
        _arena.Until(() => first.IsConnected, "the first one connects");
        first.Peer.Close();
        _arena.Until(() => _server.Signals.Count == 2, "it leaves");

        var hasty = _arena.NewSystem("actorpeer.client.connect-timeout = 2s");
        var client = _arena.Dial(1, new ClientOptions { Token = Token([$"127.0.0.1:{Arena.FreePort()}", $"127.0.0.1:{Arena.FreePort()}", Here]) }, system: hasty);
        _arena.Until(() => client.IsConnected, "it connects to the third");

        Assert.Equal(["+1", "succeeded"], client.Signals);
    }

    public void Dispose() => _arena.Dispose();

    private DisconnectReason Refused(string? token) =>
        _arena.Fail(_port, new ClientOptions { Token = token }).Peer.LastDisconnect.Reason;

    private string Token(string[] servers, byte[]? key = null, string application = Application, byte keyId = 1, long? issued = null) =>
        new ConnectTokenIssuer(keyId, key ?? Key, application, SystemRandomSource.Instance)
            .Issue(42, servers, issued ?? Now, TimeSpan.FromSeconds(60), "user"u8)
            .ToString()!;
}
