namespace Peer.Protocol.Handshake;

/// <summary>What a client brings to one connection attempt.</summary>
internal sealed record ClientHandshakeSettings
{
    /// <summary>Application that the server must run too.</summary>
    public required string ApplicationName { get; init; }

    /// <summary>The identity that the server must prove, 64 bytes; null accepts any server.</summary>
    public byte[]? PinnedServerKey { get; init; }

    /// <summary>The backend's token for this client.</summary>
    public ConnectToken? Token { get; init; }

    /// <summary>The ticket of an ELSEWHERE, presented in place of the token's private part; the token's secret stays.</summary>
    public byte[]? Ticket { get; init; }

    /// <summary>The secret that goes with a resume ticket, 32 bytes, in place of the token's; null without one.</summary>
    public byte[]? TicketSecret { get; init; }

    /// <summary>A mesh peer's own ID, or 0.</summary>
    public int WantedPeerId { get; init; }

    /// <summary>The user's bytes for the server, at most 256.</summary>
    public byte[] ApplicationData { get; init; } = [];

    /// <summary>When to give up, in microseconds from the start.</summary>
    public long ConnectTimeout { get; init; } = 10_000_000;
}
