using Peer.Lab.Fuzz.World;
using Peer.Protocol.Crypto;
using Peer.Protocol.Handshake;
using Peer.TestKit;

namespace Peer.Lab.Fuzz.Targets;

/// <summary>
/// A client that has said HELLO, and whoever answers: each step is a datagram. By the control byte it gets the client's nonce (bit 0), or is the inside of a WELCOME that is sealed under the keys of a real
/// server (bit 1); bits 2-4 are the time that passes first. What does not prove to be an answer must not keep the real one from being taken.
/// </summary>
internal sealed class AnswersTarget : IFuzzTarget
{
    public const string TargetName = "answers";

    private const int MostAnswers = 6;
    private const ulong ConnectionId = 0xC11E57;

    /// <summary>The real answer costs two key agreements: one input in so many gets it, chosen by its bytes.</summary>
    private const int AnsweredOneIn = 16;

    private static readonly ClientHandshakeSettings Settings = new() { ApplicationName = "fuzzed" };
    private static readonly WelcomeOffer Offer = new(9, 2, 1, 1_000, 255, 1 << 20, 10_000, Relay: true);

    private readonly EphemeralKey _key;
    private readonly EphemeralKey _serverKey;
    private readonly byte[] _nonce = new byte[HandshakeFormat.NonceLength];
    private readonly byte[] _serverNonce = new byte[HandshakeFormat.NonceLength];
    private readonly byte[] _serverPublic = new byte[P256.PublicKeyLength];
    private readonly byte[] _shared = new byte[P256.CoordinateLength];
    private readonly byte[] _retry = new byte[HandshakeFormat.RetryLength];
    private readonly byte[] _welcome;
    private readonly Hello _hello;

    public AnswersTarget()
    {
        var random = new SeededSource(0xA45);
        _key = new EphemeralKey(random);
        _serverKey = new EphemeralKey(random);
        random.Fill(_nonce);
        random.Fill(_serverNonce);
        _serverKey.WritePublic(_serverPublic);
        Retry.Write(_retry, _nonce, new byte[HandshakeFormat.CookieLength]);
        Span<byte> datagram = stackalloc byte[HandshakeFormat.HelloLength];
        NewAttempt().TryTransmit(0, datagram, out _);
        _hello = Hello.TryRead(datagram, out var hello) ? hello : throw new BrokenLawException("a client's HELLO cannot be read");
        BrokenLawException.Unless(_serverKey.TryAgree(_hello.PublicKey, _shared), "two genuine keys do not agree");
        _welcome = ServerHandshake.Accept(_hello, [], Offer, null, random)!.Datagram;
        Seeds = MakeSeeds();
    }

    public string Name => TargetName;

    public int MaxBytes => 4_096;

    public long AllowedBytes => 256 << 10;

    public IReadOnlyList<byte[]> Seeds { get; }

    public void Execute(ReadOnlyMemory<byte> input)
    {
        var attempt = NewAttempt();
        var now = 0L;
        var sent = 0;
        Span<byte> hello = stackalloc byte[HandshakeFormat.HelloLength];
        var script = new Script(input.Span, MostAnswers);
        var answers = 0;
        while (script.Next())
        {
            answers++;
            now += StepTime.ShortOf(script.Control >> 2);
            sent += attempt.TryTransmit(now, hello, out _) ? 1 : 0;
            attempt.Handle(Datagram(script), now);
            sent += attempt.TryTransmit(now, hello, out _) ? 1 : 0;
        }

        Check(attempt, sent, answers);
        if (attempt.State == ClientHandshakeState.Hello && Script.IsOneOf(AnsweredOneIn, input.Span))
        {
            attempt.Handle(_retry, now);
            attempt.Handle(_welcome, now);
            BrokenLawException.Unless(attempt.State == ClientHandshakeState.Established && attempt.Offer == Offer, "the real answer is not taken any more");
        }

        if (attempt.State == ClientHandshakeState.Established)
            attempt.Keys.Dispose();
    }

    public int Mutate(Span<byte> buffer, int length, SeededSource random) =>
        Script.Mutate(buffer, length, random, static (bytes, size, random) => bytes.IsEmpty ? 0 : Havoc.Mutate(bytes, size, random));

    public void Dispose()
    {
        _key.Dispose();
        _serverKey.Dispose();
    }

    // Not disposed, since the key is used again; there is nothing else in it.
    private ClientHandshake NewAttempt() => new(Settings, ConnectionId, _nonce, _key, 0);

    private static void Check(ClientHandshake attempt, int sent, int answers)
    {
        BrokenLawException.Unless(sent <= answers + 2, "a client says HELLO more often than it is answered or its time has come");
        switch (attempt.State)
        {
            case ClientHandshakeState.Established:
                BrokenLawException.Unless(attempt.Offer.IsLegal, "a client has taken an offer that is out of range");
                break;
            case ClientHandshakeState.Refused:
                BrokenLawException.Unless(attempt.Refusal.Reason != Protocol.DisconnectReason.None, "a client was refused for no reason");
                break;
            case ClientHandshakeState.Redirected:
                BrokenLawException.Unless(attempt.RedirectTicket.Length <= HandshakeFormat.MaxTokenLength && attempt.RedirectEndpoint.Length > 0, "a client was sent nowhere");
                break;
        }
    }

    private byte[] Datagram(in Script script)
    {
        if ((script.Control & 2) != 0)
            return Sealed(script.Bytes[..Math.Min(script.Bytes.Length, HandshakeFormat.MaxWelcomeLength - Welcome.HeaderLength - SealedHeader.TagLength)]);
        var datagram = script.Bytes.ToArray();
        if ((script.Control & 1) != 0 && datagram.Length > HandshakeFormat.NonceLength)
            _nonce.CopyTo(datagram, 1);
        return datagram;
    }

    private byte[] Sealed(ReadOnlySpan<byte> content)
    {
        var datagram = new byte[Welcome.HeaderLength + content.Length + SealedHeader.TagLength];
        Welcome.WriteHeader(datagram, ConnectionId, _serverNonce, _serverPublic, content.Length + SealedHeader.TagLength);
        Span<byte> transcript = stackalloc byte[HandshakeSecret.TranscriptLength];
        Welcome.HashTranscript(_hello, datagram, transcript);
        content.CopyTo(datagram.AsSpan(Welcome.HeaderLength));
        using var secret = new HandshakeSecret(_nonce, _serverNonce, _shared, [], transcript);
        secret.SealWelcome(datagram.AsSpan(Welcome.HeaderLength));
        return datagram;
    }

    private byte[][] MakeSeeds()
    {
        var offer = new byte[WelcomeContent.LengthFor(withIdentity: false)];
        new WelcomeContent(Offer, [], []).Write(offer);
        var proven = new byte[WelcomeContent.LengthFor(withIdentity: true)];
        new WelcomeContent(Offer, _serverPublic, new byte[64]).Write(proven);
        var refused = new byte[HandshakeFormat.MaxRefusedLength];
        refused = refused[..Refused.Write(refused, _nonce, Protocol.DisconnectReason.Full, "no room")];
        var elsewhere = new byte[HandshakeFormat.MaxElsewhereLength];
        elsewhere = elsewhere[..Elsewhere.Write(elsewhere, _nonce, "10.0.0.1:7", [1, 2, 3])];
        return
        [
            Script.Of((0, _retry)), Script.Of((0, _retry), (0, _welcome)), Script.Of((0, _welcome)), Script.Of((0, _retry), (2, offer)), Script.Of((0, _retry), (2, proven)),
            Script.Of((0, refused)), Script.Of((1, refused)), Script.Of((0, elsewhere)), Script.Of((1, _retry), (5 << 2, _retry), (7 << 2, _retry), (1, elsewhere)),
        ];
    }
}
