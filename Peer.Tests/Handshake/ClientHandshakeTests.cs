using Peer.Protocol;
using Peer.Protocol.Crypto;
using Peer.Protocol.Handshake;
using static Peer.Tests.Handshake.HandshakeWorld;

namespace Peer.Tests.Handshake;

public class ClientHandshakeTests
{
    private readonly HandshakeWorld _world = new();

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void Both_ends_reach_the_same_keys(bool withToken, bool withIdentity)
    {
        using var identity = withIdentity ? ServerIdentity.Generate(new SeededRandom(3)) : null;
        using var client = Client(token: withToken ? IssueToken() : null, pinned: identity?.PublicKey.ToArray());
        var hello = _world.Admit(Gate(requireToken: withToken), client);
        var welcome = Accept(hello, identity, _world.Token?.Secret);
        Assert.True(welcome.Datagram.Length <= HandshakeFormat.MaxWelcomeLength);
        client.Handle(welcome.Datagram, 0);

        Assert.Equal(ClientHandshakeState.Established, client.State);
        Assert.Equal(Offer, client.Offer);
        Assert.Equal(Flat(welcome.Keys), Flat(client.Keys));
        Assert.Equal(identity?.PublicKey.ToArray(), client.ServerIdentityKey);
        Assert.Equal(long.MaxValue, client.NextTimeout);
        Assert.Equal(4, new[] { client.Keys.ClientKey, client.Keys.ServerKey, client.Keys.ClientIv, client.Keys.ServerIv }.Select(Convert.ToHexString).Distinct().Count());
    }

    [Fact]
    public void A_server_that_welcomes_the_same_hello_again_after_a_restart_never_repeats_a_key()
    {
        using var client = Client();
        var hello = _world.Admit(Gate(), client);
        var random = new SeededRandom(1);
        var keys = Enumerable.Range(0, 20)
            .Select(_ => ServerHandshake.Accept(hello, [], Offer, null, random)!.Keys)
            .SelectMany(made => new[] { Convert.ToHexString(made.ClientKey), Convert.ToHexString(made.ServerKey) });
        Assert.Equal(40, keys.Distinct().Count());
    }

    [Fact]
    public void A_client_that_starts_again_never_repeats_a_key()
    {
        var random = new SeededRandom(1);
        var keys = new HashSet<string>();
        for (var run = 0; run < 20; run++)
        {
            // The server's chance is the same each time: the client's alone must make the difference.
            using var client = new ClientHandshake(new ClientHandshakeSettings { ApplicationName = Application }, 1, random, 0);
            var hello = _world.Admit(Gate(), client);
            Assert.True(keys.Add(Convert.ToHexString(ServerHandshake.Accept(hello, [], Offer, null, new SeededRandom(77))!.Keys.ClientKey)));
        }
    }

    [Fact]
    public void A_welcome_follows_from_the_two_random_sources_alone()
    {
        using var client = Client();
        var hello = _world.Admit(Gate(), client);
        var one = ServerHandshake.Accept(hello, [], Offer, null, new SeededRandom(5))!;
        var two = ServerHandshake.Accept(hello with { Cookie = [] }, [], Offer, null, new SeededRandom(5))!;
        Assert.Equal(one.Datagram, two.Datagram);
        Assert.Equal(Flat(one.Keys), Flat(two.Keys));
    }

    [Fact]
    public void Hellos_are_repeated_ever_more_slowly_until_the_connect_timeout()
    {
        const long start = -5_000_000;
        using var client = Client(now: start);
        var sent = new List<long>();
        var datagram = new byte[1_200];
        while (client.State == ClientHandshakeState.Hello)
        {
            var now = client.NextTimeout;
            if (client.TryTransmit(now, datagram, out _))
                sent.Add(now - start);
            Assert.False(client.TryTransmit(now, datagram, out _));
        }

        Assert.Equal([0, 100_000, 250_000, 475_000, 812_500, 1_318_750, 2_078_125, 3_078_125, 4_078_125, 5_078_125, 6_078_125, 7_078_125, 8_078_125, 9_078_125], sent);
        Assert.Equal(ClientHandshakeState.TimedOut, client.State);
        Assert.Equal(DisconnectReason.NoAnswer, client.Refusal.Reason);
        Assert.Equal(long.MaxValue, client.NextTimeout);
    }

    [Fact]
    public void Every_hello_of_an_attempt_differs_in_the_cookie_only()
    {
        using var client = Client();
        var first = Transmit(client, 0);
        Assert.Equal(first, Transmit(client, 250_000));
        _world.Check(Gate(), first);
        client.Handle(_world.Reply.AsSpan(0, _world.ReplyLength), 300_000);
        Assert.Equal(300_000, client.NextTimeout);
        Assert.True(Hello.TryRead(Transmit(client, 300_000), out var second));
        Assert.Equal(24, second.Cookie.Length);
        Assert.Equal(first, Bytes(second with { Cookie = [] }));
    }

    [Fact]
    public void A_later_cookie_replaces_one_that_may_be_worthless_and_waits_for_the_next_repeat()
    {
        using var client = Client();
        var hello = Transmit(client, 0);
        var gate = Gate();
        _world.Check(gate, hello);
        var damaged = _world.Reply.AsSpan(0, _world.ReplyLength).ToArray();
        damaged[40] ^= 1;
        client.Handle(damaged, 0);

        var useless = Transmit(client, 0);
        Assert.Equal(new GateVerdict(GateAction.Reply, GateReason.CookieForged), _world.Check(gate, useless));
        client.Handle(_world.Reply.AsSpan(0, _world.ReplyLength), 1000);
        Assert.False(client.TryTransmit(1000, new byte[Hello.Length], out _));
        Assert.Equal(100_000, client.NextTimeout);
        Assert.Equal(new GateVerdict(GateAction.Admit, GateReason.Admitted), _world.Check(gate, Transmit(client, 100_000)));
    }

    [Fact]
    public void Answers_with_another_nonce_change_nothing()
    {
        using var client = Client();
        var nonce = (byte[])Read(Transmit(client, 0)).ClientNonce.Clone();
        nonce[0] ^= 1;
        var buffer = new byte[1_000];
        client.Handle(buffer.AsSpan(0, Refused.Write(buffer, nonce, DisconnectReason.Banned, "go away")), 1);
        client.Handle(buffer.AsSpan(0, Elsewhere.Write(buffer, nonce, "evil.example.org:1", [])), 1);
        client.Handle(buffer.AsSpan(0, Retry.Write(buffer, nonce, new byte[24])), 1);
        Assert.Equal((ClientHandshakeState.Hello, 3L), (client.State, client.IgnoredForged));
        Assert.Equal(100_000, client.NextTimeout);
        Assert.Equal((DisconnectInfo.None, ""), (client.Refusal, client.RedirectEndpoint));
    }

    [Fact]
    public void A_refusal_of_a_hello_that_was_damaged_on_its_way_does_not_end_the_attempt()
    {
        using var client = Client();
        var gate = Gate();
        var sent = Transmit(client, 0);
        for (var bit = 0; bit < 42 * 8; bit++)
        {
            var damaged = (byte[])sent.Clone();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            _world.Check(gate, damaged);
            client.Handle(_world.Reply.AsSpan(0, _world.ReplyLength), 1);
        }

        Assert.Equal(ClientHandshakeState.Hello, client.State);
        _world.Check(gate, Transmit(client, 1_000_000));
        client.Handle(_world.Reply.AsSpan(0, _world.ReplyLength), 1_000_000);
        Assert.Equal(new GateVerdict(GateAction.Admit, GateReason.Admitted), _world.Check(gate, Transmit(client, 2_000_000)));
    }

    [Fact]
    public void A_refusal_of_an_earlier_repetition_is_believed_too()
    {
        using var client = Client();
        var buffer = new byte[300];
        var first = Read(Transmit(client, 0)).Digest();
        _world.Check(Gate(), Transmit(client, 300_000));
        client.Handle(_world.Reply.AsSpan(0, _world.ReplyLength), 300_000);
        Transmit(client, 300_000);
        client.Handle(buffer.AsSpan(0, Refused.Write(buffer, first, DisconnectReason.Refusing, "closed")), 300_001);
        Assert.Equal(DisconnectReason.Refusing, client.Refusal.Reason);
    }

    [Fact]
    public void Keys_that_nobody_took_and_a_tokens_secret_are_overwritten()
    {
        var token = IssueToken();
        var client = Client(token: token);
        var hello = _world.Admit(Gate(requireToken: true), client);
        client.Handle(Accept(hello, null, _world.Token!.Secret).Datagram, 0);
        Assert.Equal(ClientHandshakeState.Established, client.State);
        client.Dispose();
        Assert.DoesNotContain(Flat(client.Keys), digit => digit is not ('0' or '-'));
        token.Dispose();
        Assert.False(token.Secret.ContainsAnyExcept((byte)0));
        Assert.Throws<ObjectDisposedException>(() => token.ToString());
    }

    [Fact]
    public void A_refusal_is_believed_when_it_names_the_very_hello()
    {
        using var client = Client();
        var buffer = new byte[300];
        var length = Refused.Write(buffer, Read(Transmit(client, 0)).Digest(), DisconnectReason.Full, "64 of 64");
        client.Handle(buffer.AsSpan(0, length), 1);
        Assert.Equal(ClientHandshakeState.Refused, client.State);
        Assert.Equal((DisconnectReason.Full, "64 of 64"), (client.Refusal.Reason, client.Refusal.Text));
        Assert.False(client.TryTransmit(10_000_000, new byte[1_200], out _));
        Assert.Equal(ClientHandshakeState.Refused, client.State);
        Assert.Throws<InvalidOperationException>(() => client.Keys);
        Assert.Throws<InvalidOperationException>(() => client.Offer);
    }

    [Fact]
    public void A_redirected_client_connects_elsewhere_with_its_ticket()
    {
        var token = IssueToken();
        using var client = Client(token: token);
        var buffer = new byte[1_000];
        var hello = _world.Admit(Gate(requireToken: true), client);
        var ticket = Issuer(seed: 6).SealTicket(
            _world.Token!.ClientId, _world.Token.Secret, ["node-2.example.org:7777"], UnixNow, TimeSpan.FromSeconds(30), _world.Token.UserData);
        client.Handle(buffer.AsSpan(0, Elsewhere.Write(buffer, hello.ClientNonce, "node-2.example.org:7777", ticket)), 1);
        Assert.Equal((ClientHandshakeState.Redirected, "node-2.example.org:7777"), (client.State, client.RedirectEndpoint));

        using var next = new ClientHandshake(
            new ClientHandshakeSettings { ApplicationName = Application, Token = token, Ticket = client.RedirectTicket }, 5, new SeededRandom(8), 1);
        var second = _world.Admit(Gate(requireToken: true, server: "node-2.example.org:7777", seed: 12), next, 1);
        Assert.Equal("vip"u8.ToArray(), _world.Token!.UserData);
        next.Handle(Accept(second, null, _world.Token.Secret).Datagram, 2);
        Assert.Equal(ClientHandshakeState.Established, next.State);
    }

    [Fact]
    public void A_client_without_a_token_can_be_redirected_with_a_ticket_of_zeros()
    {
        var ticket = Issuer().SealTicket(0, new byte[32], [Server], UnixNow, TimeSpan.FromSeconds(30), []);
        using var client = new ClientHandshake(
            new ClientHandshakeSettings { ApplicationName = Application, Ticket = ticket }, 5, new SeededRandom(8), 1);
        var hello = _world.Admit(Gate(requireToken: true), client, 1);
        client.Handle(Accept(hello, null, _world.Token!.Secret).Datagram, 2);
        Assert.Equal(ClientHandshakeState.Established, client.State);
    }

    [Fact]
    public void A_welcome_with_any_bit_flipped_or_cut_anywhere_is_ignored()
    {
        using var identity = ServerIdentity.Generate(new SeededRandom(3));
        using var client = Client(pinned: identity.PublicKey.ToArray());
        var welcome = Accept(_world.Admit(Gate(), client), identity).Datagram;

        // Every bit of the clear part, then every seventh of the sealed one.
        for (var bit = 0; bit < welcome.Length * 8; bit += bit < Welcome.HeaderLength * 8 ? 1 : 7)
        {
            var bent = (byte[])welcome.Clone();
            bent[bit / 8] ^= (byte)(1 << (bit % 8));
            client.Handle(bent, 1);
            Assert.Equal(ClientHandshakeState.Hello, client.State);
        }

        for (var length = 0; length < welcome.Length; length++)
            client.Handle(welcome.AsSpan(0, length), 1);
        Assert.Equal(ClientHandshakeState.Hello, client.State);
        Assert.True(client.IgnoredForged > 0 && client.IgnoredMalformed >= welcome.Length);

        client.Handle(welcome, 2);
        Assert.Equal(ClientHandshakeState.Established, client.State);
    }

    [Fact]
    public void A_welcome_before_the_cookie_is_unexpected()
    {
        using var client = Client();
        client.Handle(Accept(Read(Transmit(client, 0)), null).Datagram, 1);
        Assert.Equal((ClientHandshakeState.Hello, 1L), (client.State, client.IgnoredUnexpected));
    }

    [Fact]
    public void A_welcome_for_another_attempt_is_ignored()
    {
        using var client = Client(seed: 1);
        using var other = Client(seed: 2);
        _world.Admit(Gate(), client);
        client.Handle(Accept(_world.Admit(Gate(), other), null).Datagram, 1);
        Assert.Equal((ClientHandshakeState.Hello, 1L), (client.State, client.IgnoredForged));
    }

    [Fact]
    public void A_server_with_another_identity_or_none_is_not_the_pinned_one()
    {
        using var pinned = ServerIdentity.Generate(new SeededRandom(3));
        using var other = ServerIdentity.Generate(new SeededRandom(4));
        foreach (var actual in new[] { other, null })
        {
            using var client = Client(pinned: pinned.PublicKey.ToArray());
            client.Handle(Accept(_world.Admit(Gate(), client), actual).Datagram, 1);
            Assert.Equal((ClientHandshakeState.Refused, DisconnectReason.IdentityMismatch), (client.State, client.Refusal.Reason));
            Assert.Throws<InvalidOperationException>(() => client.Keys);
            Assert.Null(client.ServerIdentityKey);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_server_that_shows_an_identity_without_its_private_key_is_refused(bool pins)
    {
        using var pinned = ServerIdentity.Generate(new SeededRandom(3));
        using var client = Client(pinned: pins ? pinned.PublicKey.ToArray() : null);
        var hello = _world.Admit(Gate(), client);
        client.Handle(WelcomeOf(hello, new WelcomeContent(Offer, pinned.PublicKey.ToArray(), new SeededRandom(1).Take(64))), 1);
        Assert.Equal((ClientHandshakeState.Refused, DisconnectReason.IdentityMismatch), (client.State, client.Refusal.Reason));
    }

    [Fact]
    public void A_proof_made_for_another_handshake_is_worth_nothing()
    {
        using var pinned = ServerIdentity.Generate(new SeededRandom(3));
        var signature = new byte[64];
        pinned.Sign(WelcomeContent.SignedBytes(new SeededRandom(9).Take(32)), signature);
        using var client = Client(pinned: pinned.PublicKey.ToArray());
        client.Handle(WelcomeOf(_world.Admit(Gate(), client), new WelcomeContent(Offer, pinned.PublicKey.ToArray(), signature)), 1);
        Assert.Equal(DisconnectReason.IdentityMismatch, client.Refusal.Reason);
    }

    [Fact]
    public void A_welcome_that_offers_nonsense_ends_the_attempt()
    {
        using var client = Client();
        client.Handle(WelcomeOf(_world.Admit(Gate(), client), new WelcomeContent(Offer with { PeerId = 0 }, [], [])), 1);
        Assert.Equal((ClientHandshakeState.Refused, DisconnectReason.ProtocolViolation), (client.State, client.Refusal.Reason));
    }

    [Fact]
    public void A_server_that_does_not_know_the_tokens_secret_is_ignored()
    {
        using var client = Client(token: IssueToken());
        var hello = _world.Admit(Gate(), client);
        client.Handle(Accept(hello, null).Datagram, 1);
        client.Handle(Accept(hello, null, new SeededRandom(1).Take(32)).Datagram, 1);
        Assert.Equal((ClientHandshakeState.Hello, 2L), (client.State, client.IgnoredForged));
    }

    [Fact]
    public void A_client_key_that_is_no_point_of_the_curve_is_not_welcomed()
    {
        Assert.Null(ServerHandshake.Accept(SampleHello() with { PublicKey = new byte[64] }, [], Offer, null, new SeededRandom(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => ServerHandshake.Accept(SampleHello(), [], Offer with { PeerId = 0 }, null, new SeededRandom(1)));
    }

    [Fact]
    public void Nothing_is_believed_after_the_end()
    {
        using var client = Client();
        var hello = _world.Admit(Gate(), client);
        client.Handle(Accept(hello, null).Datagram, 10_000_000);
        Assert.Equal(ClientHandshakeState.TimedOut, client.State);
        Assert.Equal(1, client.IgnoredUnexpected);
    }

    [Fact]
    public void Impossible_settings_are_a_programming_mistake()
    {
        var settings = new ClientHandshakeSettings { ApplicationName = Application };
        Assert.ThrowsAny<ArgumentException>(() => Make(settings with { PinnedServerKey = new byte[64] }));
        Assert.ThrowsAny<ArgumentException>(() => Make(settings with { ApplicationData = new byte[257] }));
        Assert.ThrowsAny<ArgumentException>(() => Make(settings with { Ticket = new byte[769] }));
        Assert.ThrowsAny<ArgumentException>(() => Make(settings with { WantedPeerId = -1 }));
        Assert.ThrowsAny<ArgumentException>(() => Make(settings with { ConnectTimeout = 0 }));

        static ClientHandshake Make(ClientHandshakeSettings settings) => new(settings, 1, new SeededRandom(1), 0);
    }

    private static WelcomeResult Accept(Hello hello, ServerIdentity? identity, byte[]? secret = null) =>
        ServerHandshake.Accept(hello, secret, Offer, identity, new SeededRandom(21))!;

    private static Hello Read(byte[] datagram)
    {
        Assert.True(Hello.TryRead(datagram, out var hello));
        return hello;
    }

    private static string Flat(SessionKeys keys) =>
        Convert.ToHexString([.. keys.ClientKey, .. keys.ClientIv, .. keys.ServerKey, .. keys.ServerIv]);

    /// <summary>A WELCOME as someone with the protocol but without our honesty would make it.</summary>
    private static byte[] WelcomeOf(Hello hello, WelcomeContent content)
    {
        var random = new SeededRandom(31);
        var nonce = random.Take(32);
        using var key = new EphemeralKey(random);
        var publicKey = new byte[64];
        key.WritePublic(publicKey);
        var length = WelcomeContent.LengthFor(content.Identity.Length > 0);
        var datagram = new byte[Welcome.HeaderLength + length + 16];
        Welcome.WriteHeader(datagram, hello.ConnectionId, nonce, publicKey, length + 16);
        var transcript = new byte[32];
        Welcome.HashTranscript(hello, datagram, transcript);
        content.Write(datagram.AsSpan(Welcome.HeaderLength));
        var shared = new byte[32];
        Assert.True(key.TryAgree(hello.PublicKey, shared));
        using var secret = new HandshakeSecret(hello.ClientNonce, nonce, shared, [], transcript);
        secret.SealWelcome(datagram.AsSpan(Welcome.HeaderLength));
        return datagram;
    }
}
