using CsCheck;
using Peer.Protocol;
using Peer.Protocol.Handshake;
using static Peer.Tests.Handshake.HandshakeWorld;

namespace Peer.Tests.Handshake;

public class ConnectTokenTests
{
    private readonly HandshakeWorld _world = new();

    [Fact]
    public void The_server_reads_what_the_backend_wrote()
    {
        var token = IssueToken();
        Assert.Equal(GateReason.Admitted, Present(Gate(requireToken: true), token.PrivatePart.ToArray()));
        var opened = _world.Token!;
        Assert.Equal((99UL, UnixNow + 60), (opened.ClientId, opened.Expiry));
        Assert.Equal(token.Secret.ToArray(), opened.Secret);
        Assert.Equal(token.Endpoints, opened.Servers);
        Assert.Equal("vip"u8.ToArray(), opened.UserData);
        Assert.Equal(16, opened.Id.Length);
    }

    [Fact]
    public void Every_token_has_its_own_id_secret_and_key()
    {
        var issuer = Issuer();
        var one = issuer.Issue(1, [Server], UnixNow, TimeSpan.FromSeconds(60), []);
        var two = issuer.Issue(1, [Server], UnixNow, TimeSpan.FromSeconds(60), []);
        Assert.NotEqual(one.Secret.ToArray(), two.Secret.ToArray());
        Assert.NotEqual(one.PrivatePart[1..33].ToArray(), two.PrivatePart[1..33].ToArray());
        Assert.True(TokenSeal.TryOpen(one.PrivatePart, TokenKey, HandshakeFormat.ApplicationId(Application), out var first));
        Assert.True(TokenSeal.TryOpen(two.PrivatePart, TokenKey, HandshakeFormat.ApplicationId(Application), out var second));
        Assert.NotEqual(first.Id, second.Id);
    }

    [Fact]
    public void A_token_survives_being_text()
    {
        var token = IssueToken();
        Assert.True(ConnectToken.TryParse($" {token}\n", out var read));
        Assert.Equal(token.ToString(), read.ToString());
        Assert.Equal((token.Expiry, UnixNow + 60), (read.Expiry, read.Expiry));
        Assert.Equal(token.Endpoints, read.Endpoints);
        Assert.Equal(token.Secret.ToArray(), read.Secret.ToArray());
        Assert.Equal(token.PrivatePart.ToArray(), read.PrivatePart.ToArray());
    }

    [Fact]
    public void Text_that_is_no_token_is_refused()
    {
        var text = IssueToken().ToString();
        for (var length = 0; length < text.Length; length++)
            Assert.False(ConnectToken.TryParse(text[..length], out _));
        Assert.False(ConnectToken.TryParse(null, out _));
        Assert.False(ConnectToken.TryParse(text + "AAAA", out _));
        Assert.False(ConnectToken.TryParse("!" + text[1..], out _));
        Assert.False(ConnectToken.TryParse(new string('A', 100_000), out _));
        Gen.String[Gen.Char.AlphaNumeric, 0, 800].Sample(noise => !ConnectToken.TryParse(noise, out _), iter: 200);
    }

    [Fact]
    public void A_token_with_any_bit_flipped_is_refused()
    {
        var part = IssueToken().PrivatePart.ToArray();
        for (var bit = 0; bit < part.Length * 8; bit++)
        {
            var bent = (byte[])part.Clone();
            bent[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(TokenSeal.TryOpen(bent, TokenKey, HandshakeFormat.ApplicationId(Application), out _));
        }

        for (var length = 0; length < part.Length; length++)
            Assert.False(TokenSeal.TryOpen(part.AsSpan(0, length), TokenKey, HandshakeFormat.ApplicationId(Application), out _));
    }

    [Fact]
    public void An_altered_token_is_refused_at_the_gate()
    {
        var part = IssueToken().PrivatePart.ToArray();
        part[100] ^= 1;
        Assert.Equal(GateReason.TokenInvalid, Present(Gate(), part));
        Assert.Equal(DisconnectReason.TokenInvalid, _world.ReadRefusal().Reason);
    }

    [Fact]
    public void An_expired_token_is_refused_as_such()
    {
        var part = IssueToken().PrivatePart.ToArray();
        Assert.Equal(GateReason.Admitted, Present(Gate(), part, UnixNow + 59));
        Assert.Equal(GateReason.TokenExpired, Present(Gate(), part, UnixNow + 60));
        Assert.Equal(DisconnectReason.TokenExpired, _world.ReadRefusal().Reason);
    }

    [Fact]
    public void A_later_expiry_cannot_be_written_into_a_token()
    {
        var part = IssueToken().PrivatePart.ToArray();
        part[1 + 32 + 4] = 1;
        Assert.Equal(GateReason.TokenInvalid, Present(Gate(), part, UnixNow + 60));
    }

    [Fact]
    public void A_token_for_another_server_is_refused()
    {
        Assert.Equal(GateReason.TokenForOtherServer, Present(Gate(server: "elsewhere.example.org:7777"), IssueToken().PrivatePart.ToArray()));
        Assert.Equal(DisconnectReason.TokenInvalid, _world.ReadRefusal().Reason);
        Assert.Equal(GateReason.Admitted, Present(Gate(server: "PLAY.example.ORG:7777"), IssueToken().PrivatePart.ToArray()));
    }

    [Fact]
    public void A_token_for_another_application_is_refused()
    {
        var token = Issuer(application: "other game").Issue(1, [Server], UnixNow, TimeSpan.FromSeconds(60), []);
        Assert.Equal(GateReason.TokenInvalid, Present(Gate(), token.PrivatePart.ToArray()));
    }

    [Fact]
    public void A_token_under_a_key_that_the_server_does_not_know_is_refused()
    {
        var otherId = Issuer(keyId: 4).Issue(1, [Server], UnixNow, TimeSpan.FromSeconds(60), []);
        Assert.Equal(GateReason.TokenInvalid, Present(Gate(), otherId.PrivatePart.ToArray()));
        var otherKey = Issuer(key: new byte[32]).Issue(1, [Server], UnixNow, TimeSpan.FromSeconds(60), []);
        Assert.Equal(GateReason.TokenInvalid, Present(Gate(), otherKey.PrivatePart.ToArray()));
        Assert.Equal(GateReason.TokenInvalid, Present(Gate(knowsKey: false), IssueToken().PrivatePart.ToArray()));
    }

    [Fact]
    public void What_does_not_fit_a_token_is_a_programming_mistake()
    {
        var issuer = Issuer();
        var minute = TimeSpan.FromSeconds(60);
        Assert.Throws<ArgumentException>(() => issuer.Issue(1, [], UnixNow, minute, []));
        Assert.Throws<ArgumentException>(() => issuer.Issue(1, ["no port"], UnixNow, minute, []));
        Assert.Throws<ArgumentException>(() => issuer.Issue(1, [":7777"], UnixNow, minute, []));
        Assert.Throws<ArgumentException>(() => issuer.Issue(1, ["host:0"], UnixNow, minute, []));
        Assert.Throws<ArgumentException>(() => issuer.Issue(1, [Server], UnixNow, minute, new byte[257]));
        Assert.Throws<ArgumentException>(() => issuer.Issue(1, [.. Enumerable.Repeat(Server, 40)], UnixNow, minute, []));
        Assert.Throws<ArgumentOutOfRangeException>(() => issuer.Issue(1, [Server], UnixNow, TimeSpan.Zero, []));
        Assert.Throws<ArgumentException>(() => new ConnectTokenIssuer(1, new byte[16], "a", new SeededRandom(1)));
        Assert.Equal(256, OpenedUserData(issuer.Issue(1, [Server], UnixNow, minute, new byte[256])));

        static int OpenedUserData(ConnectToken token)
        {
            Assert.True(TokenSeal.TryOpen(token.PrivatePart, TokenKey, HandshakeFormat.ApplicationId(Application), out var opened));
            return opened.UserData.Length;
        }
    }

    private GateReason Present(ServerGate gate, byte[] privatePart, long unixSeconds = UnixNow)
    {
        var hello = _world.WithCookie(gate, SampleHello(token: privatePart), unixSeconds);
        return _world.Check(gate, Bytes(hello), unixSeconds).Reason;
    }
}
