namespace Peer.Protocol.Handshake;

/// <summary>Whom a server lets in.</summary>
internal sealed record GateSettings
{
    /// <summary>Application that clients must name too.</summary>
    public required string ApplicationName { get; init; }

    /// <summary>How long a cookie is good, in seconds.</summary>
    public int CookieLifetimeSeconds { get; init; } = 10;

    /// <summary>Whether a HELLO without a connect token is refused. One that carries a token is always checked.</summary>
    public bool RequireToken { get; init; }

    /// <summary>Keys shared with the backends that issue tokens, 32 bytes each, by key id. Two during a change of keys.</summary>
    public IReadOnlyDictionary<byte, byte[]> TokenKeys { get; init; } = new Dictionary<byte, byte[]>();

    /// <summary>Whether a resume ticket may stand in the token's place; it is the caller's to open.</summary>
    public bool AcceptTickets { get; init; }

    /// <summary>The names (<c>host:port</c>) under which this server accepts tokens, compared without regard to case.</summary>
    public IReadOnlyList<string> Servers { get; init; } = [];
}
