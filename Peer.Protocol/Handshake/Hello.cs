using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Peer.Protocol.Handshake;

/// <summary>What a client asks for; kept by the server once the cookie has come back.</summary>
internal sealed record Hello(
    ulong ApplicationId,
    byte[] ClientNonce,
    ulong ConnectionId,
    byte[] PublicKey,
    int WantedPeerId,
    byte[] Cookie,
    byte[] Token,
    byte[] ApplicationData)
{
    /// <summary>Bytes of a HELLO on the wire, padding included.</summary>
    public const int Length = HandshakeFormat.HelloLength;

    public static bool TryRead(ReadOnlySpan<byte> datagram, [NotNullWhen(true)] out Hello? hello)
    {
        hello = HelloView.TryRead(datagram, out var view) ? view.ToHello() : null;
        return hello is not null;
    }

    /// <summary>Writes the datagram, zeros to its end included.</summary>
    public void Write(Span<byte> datagram)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(datagram.Length, Length);
        var written = WriteFields(datagram, Cookie);
        datagram[written..Length].Clear();
    }

    /// <summary>What names this HELLO, cookie and all, in a refusal: SHA-256 over its datagram.</summary>
    public byte[] Digest()
    {
        Span<byte> datagram = stackalloc byte[Length];
        Write(datagram);
        return SHA256.HashData(datagram);
    }

    /// <summary>Writes what both ends hash: without cookie and padding, which differ between a HELLO and its repetition.</summary>
    /// <returns>Bytes written.</returns>
    public int WriteTranscript(Span<byte> buffer) => WriteFields(buffer, []);

    private int WriteFields(Span<byte> buffer, ReadOnlySpan<byte> cookie)
    {
        var writer = new FieldWriter(buffer);
        writer.U8(HandshakeFormat.HelloKind);
        writer.U8(HandshakeFormat.Version);
        writer.U64(ApplicationId);
        writer.Bytes(ClientNonce);
        writer.U64(ConnectionId);
        writer.Bytes(PublicKey);
        writer.I32(WantedPeerId);
        writer.Sized8(cookie);
        writer.Sized16(Token);
        writer.Sized16(ApplicationData);
        return writer.Length;
    }
}
