namespace Peer.Protocol.Handshake;

/// <summary>The server's answer to a HELLO without a good cookie: prove that you receive at your address.</summary>
internal readonly ref struct Retry
{
    /// <summary>Bytes of a RETRY.</summary>
    public const int Length = HandshakeFormat.RetryLength;

    private const int ReservedLength = 8;

    public ReadOnlySpan<byte> ClientNonce { get; private init; }

    public ReadOnlySpan<byte> Cookie { get; private init; }

    public static bool TryRead(ReadOnlySpan<byte> datagram, out Retry retry)
    {
        retry = default;
        var reader = new FieldReader(datagram);
        var kind = reader.U8();
        var version = reader.U8();
        var read = new Retry { ClientNonce = reader.Bytes(HandshakeFormat.NonceLength), Cookie = reader.Bytes(HandshakeFormat.CookieLength) };
        var reserved = reader.Bytes(ReservedLength);
        if (!reader.IsComplete || kind != HandshakeFormat.RetryKind || version != HandshakeFormat.Version || reserved.ContainsAnyExcept((byte)0))
            return false;
        retry = read;
        return true;
    }

    /// <summary>Writes the datagram.</summary>
    /// <returns>Its length.</returns>
    public static int Write(Span<byte> datagram, ReadOnlySpan<byte> clientNonce, ReadOnlySpan<byte> cookie)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(clientNonce.Length, HandshakeFormat.NonceLength, nameof(clientNonce));
        ArgumentOutOfRangeException.ThrowIfNotEqual(cookie.Length, HandshakeFormat.CookieLength, nameof(cookie));
        var writer = new FieldWriter(datagram);
        writer.U8(HandshakeFormat.RetryKind);
        writer.U8(HandshakeFormat.Version);
        writer.Bytes(clientNonce);
        writer.Bytes(cookie);
        writer.U64(0);
        return writer.Length;
    }
}
