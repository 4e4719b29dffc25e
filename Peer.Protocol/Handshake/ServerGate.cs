using Peer.Protocol.Crypto;

namespace Peer.Protocol.Handshake;

/// <summary>
/// Decides about HELLOs from strangers without keeping anything about them: cheap checks first, no answer longer than what it answers,
/// and no public-key work or allocation before the cookie has proved the address.
/// </summary>
/// <remarks>
/// Not here, since they need state: whether a token was spent before (<see cref="TokenHistory"/>) and whether the HELLO repeats one that has been
/// welcomed. Not safe for two threads at once.
/// </remarks>
internal sealed class ServerGate
{
    /// <summary>Room that every reply fits.</summary>
    public const int MaxReplyLength = HandshakeFormat.MaxRefusedLength;

    private readonly GateSettings _settings;
    private readonly CookieSecrets _cookies;
    private readonly ulong _applicationId;

    public ServerGate(GateSettings settings, IRandomSource random)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.CookieLifetimeSeconds, 1, nameof(settings));
        if (settings.TokenKeys.Values.Any(key => key.Length != PacketProtection.KeyLength))
            throw new ArgumentException("A token key has 32 bytes.", nameof(settings));
        if (settings.TokenKeys.Count > 0 && settings.Servers.Count == 0)
            throw new ArgumentException("A server that knows token keys must know the names under which tokens name it.", nameof(settings));
        if (settings.RequireToken && settings.TokenKeys.Count == 0)
            throw new ArgumentException("A server that requires tokens must know a token key.", nameof(settings));

        _settings = settings;
        _cookies = new CookieSecrets(random, settings.CookieLifetimeSeconds);
        _applicationId = HandshakeFormat.ApplicationId(settings.ApplicationName);
    }

    /// <summary>Checks one datagram.</summary>
    /// <param name="datagram">The whole UDP payload.</param>
    /// <param name="clientAddress">The bytes of the sender's address and of its port, at most 64.</param>
    /// <param name="unixSeconds">Wall time.</param>
    /// <param name="reply">Room for a reply, at least <see cref="MaxReplyLength"/>.</param>
    /// <param name="replyLength">Bytes to send back; 0 unless the action is <see cref="GateAction.Reply"/>.</param>
    /// <param name="hello">The HELLO, when admitted.</param>
    /// <param name="token">Its opened connect token, when admitted with one.</param>
    public GateVerdict Check(
        ReadOnlySpan<byte> datagram,
        ReadOnlySpan<byte> clientAddress,
        long unixSeconds,
        Span<byte> reply,
        out int replyLength,
        out Hello? hello,
        out OpenedToken? token)
    {
        replyLength = 0;
        hello = null;
        token = null;
        ArgumentOutOfRangeException.ThrowIfLessThan(reply.Length, MaxReplyLength, nameof(reply));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(clientAddress.Length, CookieSecrets.MaxAddressLength, nameof(clientAddress));

        if (datagram.Length != Hello.Length)
            return new GateVerdict(GateAction.Ignore, GateReason.WrongSize);
        if (datagram[0] != HandshakeFormat.HelloKind)
            return new GateVerdict(GateAction.Ignore, GateReason.WrongKind);
        if (datagram[1] != HandshakeFormat.Version)
            return Refuse(datagram, GateReason.OtherVersion, DisconnectReason.Version, "1", reply, out replyLength);
        if (HelloView.ApplicationOf(datagram) != _applicationId)
            return Refuse(datagram, GateReason.OtherApplication, DisconnectReason.Version, "another application", reply, out replyLength);
        if (!HelloView.TryRead(datagram, out var view))
            return new GateVerdict(GateAction.Ignore, GateReason.Malformed);

        var cookie = CheckCookie(view, clientAddress, unixSeconds);
        if (cookie != GateReason.Admitted)
        {
            Span<byte> fresh = stackalloc byte[HandshakeFormat.CookieLength];
            _cookies.Issue(clientAddress, view.ClientNonce, unixSeconds, fresh);
            replyLength = Retry.Write(reply, view.ClientNonce, fresh);
            return new GateVerdict(GateAction.Reply, cookie);
        }

        if (_settings.AcceptTickets && TicketSeal.IsTicket(view.Token))
        {
            hello = view.ToHello();
            return new GateVerdict(GateAction.Admit, GateReason.Ticket);
        }

        var admission = CheckToken(view.Token, unixSeconds, out token);
        if (admission == GateReason.Admitted)
        {
            hello = view.ToHello();
            return new GateVerdict(GateAction.Admit, GateReason.Admitted);
        }

        token = null;
        return admission switch
        {
            GateReason.TokenMissing => Refuse(datagram, admission, DisconnectReason.TokenInvalid, "a connect token is required", reply, out replyLength),
            GateReason.TokenExpired => Refuse(datagram, admission, DisconnectReason.TokenExpired, "", reply, out replyLength),
            GateReason.TokenForOtherServer => Refuse(datagram, admission, DisconnectReason.TokenInvalid, "the token is for another server", reply, out replyLength),
            _ => Refuse(datagram, admission, DisconnectReason.TokenInvalid, "", reply, out replyLength),
        };
    }

    private GateReason CheckCookie(HelloView hello, ReadOnlySpan<byte> clientAddress, long unixSeconds)
    {
        if (hello.Cookie.IsEmpty)
            return GateReason.NoCookie;
        return _cookies.Check(clientAddress, hello.ClientNonce, hello.Cookie, unixSeconds) switch
        {
            CookieState.Valid => GateReason.Admitted,
            CookieState.Expired => GateReason.CookieExpired,
            _ => GateReason.CookieForged,
        };
    }

    private GateReason CheckToken(ReadOnlySpan<byte> privatePart, long unixSeconds, out OpenedToken? token)
    {
        token = null;
        if (privatePart.IsEmpty)
            return _settings.RequireToken ? GateReason.TokenMissing : GateReason.Admitted;
        if (!TokenSeal.TryReadClear(privatePart, out var keyId, out var expiry) || !_settings.TokenKeys.TryGetValue(keyId, out var key))
            return GateReason.TokenInvalid;
        if (expiry <= unixSeconds)
            return GateReason.TokenExpired;
        if (!TokenSeal.TryOpen(privatePart, key, _applicationId, out token))
            return GateReason.TokenInvalid;
        return token.IsFor(_settings.Servers) ? GateReason.Admitted : GateReason.TokenForOtherServer;
    }

    private static GateVerdict Refuse(
        ReadOnlySpan<byte> datagram, GateReason why, DisconnectReason reason, string text, Span<byte> reply, out int replyLength)
    {
        replyLength = Refused.Write(reply, HelloView.NonceOf(datagram), reason, text);
        return new GateVerdict(GateAction.Reply, why);
    }
}
