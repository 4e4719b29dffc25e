using System.Security.Cryptography;
using Peer.Protocol.Crypto;

namespace Peer.Protocol.Handshake;

/// <summary>
/// The client's half of the handshake, without sockets or clock. Whatever was not asked for, or cannot be proved to answer this very attempt, is
/// counted and changes nothing: an attacker off the path can neither establish, refuse nor redirect.
/// </summary>
internal sealed class ClientHandshake : IDisposable
{
    private const long FirstRepeat = 250_000;
    private const long LongestRepeat = 1_000_000;

    private readonly ClientHandshakeSettings _settings;
    private readonly EphemeralKey _key;
    private readonly long _deadline;
    private Hello _hello;
    private long _nextSend;
    private long _repeat = FirstRepeat;
    private SessionKeys? _keys;
    private WelcomeOffer? _offer;

    /// <param name="settings">What the client brings.</param>
    /// <param name="localConnectionId">Connection id for datagrams to this client; unpredictable.</param>
    /// <param name="random">Where nonce and key come from.</param>
    /// <param name="now">Microseconds.</param>
    public ClientHandshake(ClientHandshakeSettings settings, ulong localConnectionId, IRandomSource random, long now)
        : this(settings, localConnectionId, NonceOf(random), new EphemeralKey(random), now)
    {
    }

    /// <param name="settings">What the client brings.</param>
    /// <param name="localConnectionId">Connection id for datagrams to this client; unpredictable.</param>
    /// <param name="nonce">32 unpredictable bytes.</param>
    /// <param name="key">A key for this attempt alone; disposed with it.</param>
    /// <param name="now">Microseconds.</param>
    public ClientHandshake(ClientHandshakeSettings settings, ulong localConnectionId, byte[] nonce, EphemeralKey key, long now)
    {
        Check(settings);
        _settings = settings;
        _deadline = now > long.MaxValue - settings.ConnectTimeout ? long.MaxValue : now + settings.ConnectTimeout;
        _nextSend = now;
        _key = key;
        var publicKey = new byte[P256.PublicKeyLength];
        _key.WritePublic(publicKey);
        _hello = new Hello(
            HandshakeFormat.ApplicationId(settings.ApplicationName),
            nonce,
            localConnectionId,
            publicKey,
            settings.WantedPeerId,
            [],
            settings.Ticket ?? (settings.Token is { } token ? token.PrivatePart.ToArray() : []),
            settings.ApplicationData);
    }

    public ClientHandshakeState State { get; private set; }

    /// <summary>When to call <see cref="TryTransmit"/> next, in microseconds; <see cref="long.MaxValue"/> once the attempt has ended.</summary>
    public long NextTimeout => State == ClientHandshakeState.Hello ? Math.Min(_nextSend, _deadline) : long.MaxValue;

    /// <summary>What the server granted. Only when established.</summary>
    public WelcomeOffer Offer => _offer ?? throw new InvalidOperationException("The handshake is not established.");

    /// <summary>The keys, the caller's from here on. Only when established.</summary>
    public SessionKeys Keys => _keys ?? throw new InvalidOperationException("The handshake is not established.");

    /// <summary>The identity that the server has proved, 64 bytes; null when it has none.</summary>
    public byte[]? ServerIdentityKey { get; private set; }

    /// <summary>Why the attempt failed, when it did.</summary>
    public DisconnectInfo Refusal { get; private set; } = DisconnectInfo.None;

    /// <summary>Where to go instead; empty unless redirected.</summary>
    public string RedirectEndpoint { get; private set; } = "";

    /// <summary>What to present there; empty unless redirected.</summary>
    public byte[] RedirectTicket { get; private set; } = [];

    /// <summary>Datagrams ignored since they could not be read.</summary>
    public long IgnoredMalformed { get; private set; }

    /// <summary>Datagrams ignored since they do not belong to this attempt or do not prove that they do.</summary>
    public long IgnoredForged { get; private set; }

    /// <summary>Datagrams ignored since they came when nothing of the kind was due.</summary>
    public long IgnoredUnexpected { get; private set; }

    /// <summary>Writes the next HELLO if one is due.</summary>
    /// <param name="now">Microseconds.</param>
    /// <param name="datagram">Room for 1 200 bytes.</param>
    /// <param name="length">Bytes to send.</param>
    public bool TryTransmit(long now, Span<byte> datagram, out int length)
    {
        length = 0;
        if (HasEnded(now) || now < _nextSend)
            return false;
        _hello.Write(datagram);
        length = Hello.Length;
        _nextSend = now + _repeat;
        _repeat = Math.Min(_repeat + (_repeat / 2), LongestRepeat);
        return true;
    }

    /// <summary>Takes a datagram that came from the server's address.</summary>
    public void Handle(ReadOnlySpan<byte> datagram, long now)
    {
        if (HasEnded(now))
        {
            IgnoredUnexpected++;
            return;
        }

        switch (datagram.IsEmpty ? (byte)0 : datagram[0])
        {
            case HandshakeFormat.RetryKind when Retry.TryRead(datagram, out var retry):
                HandleRetry(retry, now);
                break;
            case HandshakeFormat.WelcomeKind when Welcome.TryRead(datagram, out var welcome):
                HandleWelcome(welcome);
                break;
            case HandshakeFormat.RefusedKind when Refused.TryRead(datagram, out var refused):
                if (IsOurs(refused.ClientNonce))
                    Refuse(refused.Reason, refused.Text);
                break;
            case HandshakeFormat.ElsewhereKind when Elsewhere.TryRead(datagram, out var elsewhere):
                HandleElsewhere(elsewhere);
                break;
            default:
                IgnoredMalformed++;
                break;
        }
    }

    /// <summary>Releases the ephemeral key. <see cref="Keys"/> stays with who took it.</summary>
    public void Dispose() => _key.Dispose();

    private static byte[] NonceOf(IRandomSource random)
    {
        var nonce = new byte[HandshakeFormat.NonceLength];
        random.Fill(nonce);
        return nonce;
    }

    private static void Check(ClientHandshakeSettings settings)
    {
        if (settings.PinnedServerKey is { } pinned && !P256.IsOnCurve(pinned))
            throw new ArgumentException("The pinned key is not a public key of P-256.", nameof(settings));
        if (settings.ApplicationData.Length > HandshakeFormat.MaxApplicationDataLength)
            throw new ArgumentException("Application data has at most 256 bytes.", nameof(settings));
        if (settings.Ticket is { Length: > HandshakeFormat.MaxTokenLength })
            throw new ArgumentException("A ticket has at most 768 bytes.", nameof(settings));
        if (settings.TicketSecret is { Length: not HandshakeSecret.TokenSecretLength })
            throw new ArgumentException("A ticket's secret has 32 bytes.", nameof(settings));
        ArgumentOutOfRangeException.ThrowIfNegative(settings.WantedPeerId, nameof(settings));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(settings.ConnectTimeout, nameof(settings));
    }

    private ReadOnlySpan<byte> Secret => _settings.TicketSecret is { } secret ? secret : _settings.Token is { } token ? token.Secret : default;

    private bool HasEnded(long now)
    {
        if (State == ClientHandshakeState.Hello && now >= _deadline)
        {
            State = ClientHandshakeState.TimedOut;
            Refusal = DisconnectInfo.Of(DisconnectReason.NoAnswer);
        }

        return State != ClientHandshakeState.Hello;
    }

    private bool IsOurs(ReadOnlySpan<byte> clientNonce)
    {
        if (clientNonce.SequenceEqual(_hello.ClientNonce))
            return true;
        IgnoredForged++;
        return false;
    }

    private void HandleRetry(Retry retry, long now)
    {
        if (!IsOurs(retry.ClientNonce))
            return;

        var isFirst = _hello.Cookie.Length == 0;
        _hello = _hello with { Cookie = retry.Cookie.ToArray() };

        // A later cookie may be the only one that is good: the first may have been damaged, or its server have started anew since. But it goes with the next
        // repeat: duplicates must not make the client send again and again.
        if (!isFirst)
            return;
        _nextSend = now;
        _repeat = FirstRepeat;
    }

    private void HandleElsewhere(Elsewhere elsewhere)
    {
        if (!IsOurs(elsewhere.ClientNonce))
            return;
        RedirectEndpoint = elsewhere.Endpoint;
        RedirectTicket = elsewhere.Ticket;
        State = ClientHandshakeState.Redirected;
    }

    private void HandleWelcome(Welcome welcome)
    {
        if (_hello.Cookie.Length == 0)
        {
            IgnoredUnexpected++;
            return;
        }

        Span<byte> shared = stackalloc byte[P256.CoordinateLength];
        if (welcome.ConnectionId != _hello.ConnectionId || !_key.TryAgree(welcome.PublicKey, shared))
        {
            IgnoredForged++;
            return;
        }

        Span<byte> transcript = stackalloc byte[HandshakeSecret.TranscriptLength];
        Welcome.HashTranscript(_hello, welcome.Header, transcript);
        using var secret = new HandshakeSecret(
            _hello.ClientNonce, welcome.ServerNonce, shared, Secret, transcript);
        CryptographicOperations.ZeroMemory(shared);

        Span<byte> room = stackalloc byte[HandshakeFormat.MaxWelcomeLength];
        var content = room[..welcome.Sealed.Length];
        welcome.Sealed.CopyTo(content);
        if (!secret.TryOpenWelcome(content))
        {
            IgnoredForged++;
            return;
        }

        // The tag proves that the sender has read this very HELLO and, with a token, that it holds the backend's key.
        // What is wrong from here on is wrong with that end, so it ends the attempt instead of being ignored.
        if (!WelcomeContent.TryRead(content[..^SealedHeader.TagLength], out var read))
            Refuse(DisconnectReason.ProtocolViolation, "the server's welcome cannot be read");
        else if (!HasProvedIdentity(read, transcript))
            Refuse(DisconnectReason.IdentityMismatch, "");
        else
            Establish(read, secret.DeriveSession());
    }

    private bool HasProvedIdentity(WelcomeContent content, ReadOnlySpan<byte> transcript)
    {
        if (_settings.PinnedServerKey is { } pinned && !content.Identity.AsSpan().SequenceEqual(pinned))
            return false;
        return content.Identity.Length == 0 || ServerIdentity.Verify(content.Identity, WelcomeContent.SignedBytes(transcript), content.Signature);
    }

    private void Establish(WelcomeContent content, SessionKeys keys)
    {
        _offer = content.Offer;
        _keys = keys;
        ServerIdentityKey = content.Identity.Length == 0 ? null : content.Identity;
        State = ClientHandshakeState.Established;
    }

    private void Refuse(DisconnectReason reason, string text)
    {
        Refusal = DisconnectInfo.Of(reason, text);
        State = ClientHandshakeState.Refused;
    }
}
