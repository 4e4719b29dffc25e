using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Peer.Protocol.Handshake;

/// <summary>The server's pointer to the one that has the room, with a ticket to present there in place of the connect token.</summary>
internal sealed record Elsewhere(byte[] ClientNonce, string Endpoint, byte[] Ticket)
{
    /// <summary>Room that an ELSEWHERE never exceeds.</summary>
    public const int MaxLength = HandshakeFormat.MaxElsewhereLength;

    public static bool TryRead(ReadOnlySpan<byte> datagram, [NotNullWhen(true)] out Elsewhere? elsewhere)
    {
        elsewhere = null;
        if (datagram.Length > MaxLength)
            return false;
        var reader = new FieldReader(datagram);
        var kind = reader.U8();
        var nonce = reader.Bytes(HandshakeFormat.NonceLength);
        var endpoint = reader.Text8(byte.MaxValue);
        var ticket = reader.Sized16(HandshakeFormat.MaxTokenLength);
        if (!reader.IsComplete || kind != HandshakeFormat.ElsewhereKind || endpoint.Length == 0)
            return false;
        elsewhere = new Elsewhere(nonce.ToArray(), endpoint, ticket.ToArray());
        return true;
    }

    /// <summary>Writes the datagram.</summary>
    /// <returns>Its length.</returns>
    /// <exception cref="ArgumentException">Endpoint and ticket do not fit together.</exception>
    public static int Write(Span<byte> datagram, ReadOnlySpan<byte> clientNonce, string endpoint, ReadOnlySpan<byte> ticket)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(clientNonce.Length, HandshakeFormat.NonceLength, nameof(clientNonce));
        ArgumentException.ThrowIfNullOrEmpty(endpoint);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ticket.Length, HandshakeFormat.MaxTokenLength, nameof(ticket));
        var name = Encoding.UTF8.GetBytes(endpoint);
        if (name.Length > byte.MaxValue || 1 + clientNonce.Length + 1 + name.Length + 2 + ticket.Length > MaxLength)
            throw new ArgumentException("Endpoint and ticket do not fit an ELSEWHERE.", nameof(endpoint));
        var writer = new FieldWriter(datagram);
        writer.U8(HandshakeFormat.ElsewhereKind);
        writer.Bytes(clientNonce);
        writer.Sized8(name);
        writer.Sized16(ticket);
        return writer.Length;
    }
}
