using Peer.Protocol.Crypto;
using Peer.Protocol.Handshake;

namespace Peer.Tests.Handshake;

/// <summary>A server's gate and a client in one place, with all that the tests vary.</summary>
internal sealed class HandshakeWorld
{
    public const string Application = "space game";
    public const long UnixNow = 1_800_000_000;
    public const ulong ClientConnection = 0xC11E_17C1_1E17_0001;
    public const string Server = "play.example.org:7777";

    public static readonly byte[] Address = [192, 0, 2, 7, 0x39, 0x30];
    public static readonly byte[] TokenKey = new SeededRandom(4242).Take(32);

    public static WelcomeOffer Offer { get; } = new(0xAAAA_BBBB_CCCC_DDDD, 7, 1, 16 << 20, 255, 1 << 20, 10_000, true);

    public byte[] Reply { get; } = new byte[ServerGate.MaxReplyLength];

    public Hello? Hello { get; private set; }

    public OpenedToken? Token { get; private set; }

    public int ReplyLength { get; private set; }

    public static ServerGate Gate(bool requireToken = false, bool knowsKey = true, string server = Server, int seed = 11, string application = Application) => new(
        new GateSettings
        {
            ApplicationName = application,
            RequireToken = requireToken,
            TokenKeys = knowsKey ? new Dictionary<byte, byte[]> { [3] = TokenKey } : [],
            Servers = [server],
        },
        new SeededRandom(seed));

    public static ConnectTokenIssuer Issuer(int seed = 5, string application = Application, byte keyId = 3, byte[]? key = null) =>
        new(keyId, key ?? TokenKey, application, new SeededRandom(seed));

    public static ConnectToken IssueToken(int seed = 5) =>
        Issuer(seed).Issue(99, [Server, "[2001:db8::1]:7777"], UnixNow, TimeSpan.FromSeconds(60), "vip"u8);

    public static ClientHandshake Client(int seed = 1, ConnectToken? token = null, byte[]? pinned = null, long now = 0) =>
        new(new ClientHandshakeSettings { ApplicationName = Application, Token = token, PinnedServerKey = pinned, ApplicationData = [1, 2, 3] }, ClientConnection, new SeededRandom(seed), now);

    public static byte[] Transmit(ClientHandshake client, long now)
    {
        var datagram = new byte[Peer.Protocol.Handshake.Hello.Length];
        Assert.True(client.TryTransmit(now, datagram, out var length));
        Assert.Equal(datagram.Length, length);
        return datagram;
    }

    /// <summary>A HELLO that can be varied field by field.</summary>
    public static Hello SampleHello(int seed = 1, byte[]? token = null)
    {
        var random = new SeededRandom(seed);
        using var key = new EphemeralKey(random);
        var publicKey = new byte[64];
        key.WritePublic(publicKey);
        return new Hello(HandshakeFormat.ApplicationId(Application), random.Take(32), ClientConnection, publicKey, 0, [], token ?? [], [1, 2, 3]);
    }

    public static byte[] Bytes(Hello hello)
    {
        var datagram = new byte[Peer.Protocol.Handshake.Hello.Length];
        hello.Write(datagram);
        return datagram;
    }

    /// <summary>Gets a cookie for the HELLO from the gate.</summary>
    public Hello WithCookie(ServerGate gate, Hello hello, long unixSeconds = UnixNow)
    {
        Assert.Equal(new GateVerdict(GateAction.Reply, GateReason.NoCookie), Check(gate, Bytes(hello), unixSeconds));
        Assert.True(Retry.TryRead(Reply.AsSpan(0, ReplyLength), out var retry));
        Assert.True(retry.ClientNonce.SequenceEqual(hello.ClientNonce));
        return hello with { Cookie = retry.Cookie.ToArray() };
    }

    public GateVerdict Check(ServerGate gate, byte[] datagram, long unixSeconds = UnixNow, byte[]? address = null)
    {
        var verdict = gate.Check(datagram, address ?? Address, unixSeconds, Reply, out var length, out var hello, out var token);
        ReplyLength = length;
        Hello = hello;
        Token = token;
        Assert.Equal(verdict.Action == GateAction.Reply, length > 0);
        Assert.Equal(verdict.Action == GateAction.Admit, hello is not null);
        Assert.True(token is null || hello is not null);
        Assert.True(length <= datagram.Length);
        return verdict;
    }

    public Refused ReadRefusal()
    {
        Assert.True(Refused.TryRead(Reply.AsSpan(0, ReplyLength), out var refused));
        return refused;
    }

    /// <summary>Runs the client up to the point where its HELLO with a cookie has been admitted.</summary>
    public Hello Admit(ServerGate gate, ClientHandshake client, long now = 0)
    {
        Check(gate, Transmit(client, now));
        client.Handle(Reply.AsSpan(0, ReplyLength), now);
        Assert.Equal(new GateVerdict(GateAction.Admit, GateReason.Admitted), Check(gate, Transmit(client, now)));
        return Hello!;
    }
}
