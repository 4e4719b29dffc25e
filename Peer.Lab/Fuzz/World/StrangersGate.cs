using Peer.Protocol;
using Peer.Protocol.Crypto;
using Peer.Protocol.Handshake;
using Peer.TestKit;

namespace Peer.Lab.Fuzz.World;

/// <summary>A server's gate, with a token key, and what must hold of each of its verdicts; and a client's genuine HELLOs for it.</summary>
internal sealed class StrangersGate
{
    private const long WallTime = 1_700_000_000;
    private const byte KeyId = 3;
    private const string Application = "fuzzed";
    private const string ServerName = "play.example.org:7777";

    /// <summary>Key agreement is a hundred times dearer than all the rest: one admitted HELLO in so many comes to it, chosen by its bytes.</summary>
    private const int WelcomeOneIn = 256;

    private readonly SeededSource _random = new(0x6A7E);
    private readonly byte[] _key = new byte[32];
    private readonly ServerGate _gate;
    private readonly TokenHistory _history = new(capacity: 8);
    private readonly ConnectTokenIssuer _issuer;
    private readonly byte[] _clientKey = new byte[P256.PublicKeyLength];
    private readonly byte[] _reply = new byte[ServerGate.MaxReplyLength];
    private readonly List<byte[]> _begun = [];

    public StrangersGate()
    {
        _random.Fill(_key);
        _gate = new ServerGate(
            new GateSettings { ApplicationName = Application, CookieLifetimeSeconds = 100, TokenKeys = new Dictionary<byte, byte[]> { [KeyId] = _key }, Servers = [ServerName] }, _random);
        _issuer = new ConnectTokenIssuer(KeyId, _key, Application, _random);
        using var client = new EphemeralKey(_random);
        client.WritePublic(_clientKey);
    }

    /// <summary>Seals a token's inside, whatever it is, under the server's key.</summary>
    public byte[] SealToken(ReadOnlySpan<byte> inside, long lifetime = 60) => TokenForge.Seal(KeyId, _key, HandshakeFormat.ApplicationId(Application), WallTime + lifetime, inside);

    public Hello Hello()
    {
        var nonce = new byte[HandshakeFormat.NonceLength];
        _random.Fill(nonce);
        return new Hello(HandshakeFormat.ApplicationId(Application), nonce, _random.Next(), _clientKey, 0, [], [], [1, 2, 3]);
    }

    public Hello WithToken(Hello hello) => hello with { Token = _issuer.Issue(77, [ServerName], WallTime, TimeSpan.FromMinutes(1), [4, 5, 6]).PrivatePart.ToArray() };

    /// <summary>The cookie that the gate gives to the sender of this HELLO.</summary>
    public Hello WithCookie(Hello hello, int address)
    {
        var verdict = _gate.Check(Bytes(hello with { Cookie = [] }), Address(address), WallTime, _reply, out var length, out _, out _);
        BrokenLawException.Unless(verdict == new GateVerdict(GateAction.Reply, GateReason.NoCookie), "a HELLO without a cookie is not answered with one");
        BrokenLawException.Unless(Retry.TryRead(_reply.AsSpan(0, length), out var retry), "a RETRY cannot be read");
        return hello with { Cookie = retry.Cookie.ToArray() };
    }

    public byte[] Bytes(Hello hello)
    {
        var datagram = new byte[Protocol.Handshake.Hello.Length];
        hello.Write(datagram);
        return datagram;
    }

    /// <summary>Somebody sends a datagram of the handshake; elapsed time is below the cookies' lifetime.</summary>
    public GateVerdict Greet(ReadOnlySpan<byte> datagram, int address, long elapsedMicros)
    {
        var now = WallTime + (elapsedMicros / 1_000_000);
        var verdict = _gate.Check(datagram, Address(address), now, _reply, out var length, out var hello, out var token);
        BrokenLawException.Unless(length <= datagram.Length, "an answer is longer than what it answers");
        BrokenLawException.Unless((length > 0) == (verdict.Action == GateAction.Reply), "the verdict and the answer disagree");
        BrokenLawException.Unless((hello is not null) == (verdict.Action == GateAction.Admit), "the verdict and the HELLO disagree");
        if (length > 0)
            CheckReply(_reply.AsSpan(0, length), datagram);
        if (hello is not null)
            Admitted(hello, token, datagram, now);
        return verdict;
    }

    /// <summary>Those who were admitted are gone: the next input finds the gate as it was.</summary>
    public void Forget()
    {
        foreach (var id in _begun)
            _history.End(id);
        _begun.Clear();
        BrokenLawException.Unless(_history.Attempted == 0, "attempts stay counted that have ended");
    }

    private static byte[] Address(int index) => [127, 0, 0, (byte)index, 1, (byte)index];

    private static void CheckReply(ReadOnlySpan<byte> reply, ReadOnlySpan<byte> datagram)
    {
        var nonce = HelloView.NonceOf(datagram);
        if (Retry.TryRead(reply, out var retry))
            BrokenLawException.Unless(retry.ClientNonce.SequenceEqual(nonce), "a RETRY has another nonce");
        else
            BrokenLawException.Unless(Refused.TryRead(reply, out var refused) && refused.ClientNonce.AsSpan().SequenceEqual(nonce), "an answer is neither RETRY nor REFUSED of this HELLO");
    }

    private void Admitted(Hello hello, OpenedToken? token, ReadOnlySpan<byte> datagram, long now)
    {
        BrokenLawException.Unless(Bytes(hello).AsSpan().SequenceEqual(datagram), "a HELLO reads as another one");
        if (token is not null && !_history.TryBegin(token.Id, token.Expiry, now, out var refusal))
        {
            BrokenLawException.Unless(refusal != DisconnectReason.None, "a token is refused for no reason");
            return;
        }

        if (token is not null)
            _begun.Add(token.Id);
        if (!Script.IsOneOf(WelcomeOneIn, datagram))
            return;
        var offer = new WelcomeOffer(1, 2, 1, 1_000, 255, 1 << 20, 10_000, Relay: true);
        if (ServerHandshake.Accept(hello, token?.Secret ?? [], offer, null, new SeededSource(1)) is not { } result)
            return;
        BrokenLawException.Unless(result.Datagram.Length <= datagram.Length && Welcome.TryRead(result.Datagram, out _), "a WELCOME cannot be read");
        result.Keys.Dispose();
    }
}
