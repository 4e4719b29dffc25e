using Peer.Actors;
using Peer.Protocol;
using Peer.Protocol.Handshake;
using Peer.Tests.Stories;
using Peer.Tests.Wire;
using Xunit.Abstractions;

namespace Peer.Tests.Attacks;

/// <summary>Tokens that are forged, stolen, overheard or shown twice.</summary>
public sealed class TokenAttacks(ITestOutputHelper output)
{
    private static readonly byte[] Key = [.. Enumerable.Range(50, 32).Select(i => (byte)i)];
    private static int _client = 100;

    /// <summary>A server that lets nobody in without a token.</summary>
    public static string Settings(int port) => $$"""
        actorpeer.server {
          require-token = on
          confirm-timeout = 60s
          token-keys { "1" = "{{Convert.ToBase64String(Key)}}" }
          token-servers = ["127.0.0.1:{{port}}"]
        }
        """;

    public static ConnectToken Token(int port, ulong? client = null, byte[]? key = null, string application = "actorpeer", string? server = null, long age = 0, byte keyId = 1) =>
        new ConnectTokenIssuer(keyId, key ?? Key, application, SystemRandomSource.Instance).Issue(
            client ?? (ulong)Interlocked.Increment(ref _client),
            [server ?? $"127.0.0.1:{port}"],
            DateTimeOffset.UtcNow.ToUnixTimeSeconds() - age,
            TimeSpan.FromSeconds(60),
            "user"u8);

    [Theory]
    [InlineData("expired", DisconnectReason.TokenExpired)]
    [InlineData("for another server", DisconnectReason.TokenInvalid)]
    [InlineData("of another application", DisconnectReason.TokenInvalid)]
    [InlineData("of another backend", DisconnectReason.TokenInvalid)]
    [InlineData("under an unknown key", DisconnectReason.TokenInvalid)]
    [InlineData("none", DisconnectReason.TokenInvalid)]
    [Trait("Attack", "4")]
    public void A_token_that_is(string what, DisconnectReason told)
    {
        var port = Arena.FreePort();
        using var fortress = Guarded(port);
        using var stranger = new Stranger(port);
        var token = what switch
        {
            "expired" => Token(port, age: 61),
            "for another server" => Token(port, server: "127.0.0.2:1"),
            "of another application" => Token(port, application: "chess"),
            "of another backend" => Token(port, key: new byte[32]),
            "under an unknown key" => Token(port, keyId: 2),
            _ => null,
        };
        fortress.Withstands(5, step =>
        {
            var answer = Hellos.AskInFull(stranger, Hellos.Of(step, token?.PrivatePart.ToArray()));
            Assert.Equal((HandshakeFormat.RefusedKind, (byte)told), (answer[0], answer[33]));
        });
        Assert.Equal(5, fortress.Counters.Refusals[told]);
    }

    [Fact]
    [Trait("Attack", "4")]
    [Trait("Attack", "19")]
    public void A_token_with_any_byte_changed_is_invalid_and_the_answer_does_not_tell_which()
    {
        var port = Arena.FreePort();
        using var fortress = Guarded(port);
        using var stranger = new Stranger(port);
        var token = Token(port).PrivatePart.ToArray();
        var answers = new HashSet<string>();
        for (var at = 0; at < token.Length; at++)
        {
            // The expiry lies in clear: a byte that makes it the past is told as such, which everybody could compute.
            if (at is >= 33 and < 41)
                continue;
            byte[] changed = [.. token];
            changed[at] ^= 0x20;
            var answer = Hellos.AskInFull(stranger, Hellos.Of(1, changed));

            // What names the HELLO is as different as the HELLOs are.
            Assert.True(Peer.Protocol.Handshake.Refused.TryRead(answer, out var refused));
            answers.Add(Convert.ToHexString(answer.AsSpan(1 + refused.HelloDigest.Length)));
        }

        Assert.Equal((byte)DisconnectReason.TokenInvalid, Convert.FromHexString(Assert.Single(answers))[0]);
        fortress.Undisturbed();
    }

    [Fact]
    [Trait("Attack", "4")]
    public void A_token_that_was_used_opens_nothing_from_any_address_before_or_after_its_owner_has_left()
    {
        var port = Arena.FreePort();
        using var fortress = Guarded(port);
        var token = Token(port);
        var owner = fortress.Welcomes(new ClientOptions { Token = token.ToString() });
        var id = owner.Id;
        Assert.Equal(DisconnectReason.TokenUsed, Refused(fortress, token, "127.0.0.1"));
        Assert.Equal(DisconnectReason.TokenUsed, Refused(fortress, token, "127.7.7.7"));
        owner.End();
        fortress.Until(() => fortress.Server.Signals.Contains($"-{id}"), "the owner leaves");
        Assert.Equal(DisconnectReason.TokenUsed, Refused(fortress, token, "127.0.0.1"));
        Assert.Equal(DisconnectReason.TokenUsed, Refused(fortress, token, "127.7.7.7"));
        fortress.Undisturbed();
    }

    [Fact]
    [Trait("Attack", "4")]
    public void Whoever_overhears_a_token_and_shows_it_first_cannot_use_it_and_cannot_spoil_it()
    {
        var port = Arena.FreePort();
        using var fortress = Guarded(port);
        var token = Token(port);
        using var thief = new Stranger(port);

        // All that travels in clear, with a key of his own: he gets a welcome that only the holder of the token's secret can open.
        fortress.Withstands(4, step => Assert.Equal(HandshakeFormat.WelcomeKind, Hellos.AskInFull(thief, Hellos.Of(step, token.PrivatePart.ToArray()))[0]));
        Assert.Equal(4, fortress.Counters.HalfOpen);
        fortress.Welcomes(new ClientOptions { Token = token.ToString() });
        Assert.Equal(DisconnectReason.TokenUsed, (DisconnectReason)Hellos.AskInFull(thief, Hellos.Of(9, token.PrivatePart.ToArray()))[33]);
        fortress.Undisturbed();
    }

    [Fact]
    [Trait("Attack", "4")]
    public void A_stolen_token_fills_no_server()
    {
        var port = Arena.FreePort();
        using var fortress = Guarded(port);
        var token = Token(port).PrivatePart.ToArray();
        using var thief = new Stranger(port);
        var kinds = Enumerable.Range(0, 30).Select(i => Hellos.AskInFull(thief, Hellos.Of(i, token))[0]).ToArray();
        Assert.Equal(TokenHistory.MaxAttempts, kinds.Count(kind => kind == HandshakeFormat.WelcomeKind));
        Assert.Equal(TokenHistory.MaxAttempts, fortress.Counters.HalfOpen);
        fortress.Undisturbed();
    }

    [Fact]
    [Trait("Attack", "4")]
    public void A_second_token_of_a_client_that_is_connected_opens_nothing()
    {
        var port = Arena.FreePort();
        using var fortress = Guarded(port);
        var first = fortress.Welcomes(new ClientOptions { Token = Token(port, 7).ToString() });
        Assert.Equal(DisconnectReason.IdInUse, Refused(fortress, Token(port, 7), "127.0.0.1"));
        Assert.True(first.IsConnected);
        fortress.Undisturbed();
    }

    private Fortress Guarded(int port) => new(output, Settings(port), port: port, ticket: () => new ClientOptions { Token = Token(port).ToString() });

    private static DisconnectReason Refused(Fortress fortress, ConnectToken token, string from) =>
        fortress.Arena.Fail(fortress.Port, new ClientOptions { Token = token.ToString(), BindAddress = from }).Peer.LastDisconnect.Reason;
}
