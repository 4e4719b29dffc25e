using System.Diagnostics.CodeAnalysis;

namespace Peer.Protocol.Handshake;

/// <summary>
/// The server's no, with a reason for the program and a text for people. It names the very HELLO that it refuses: one that was damaged on its way is another one, and its refusal must not end the attempt.
/// </summary>
/// <param name="HelloDigest">SHA-256 over the datagram that is refused.</param>
/// <param name="Reason">Why.</param>
/// <param name="Text">In words.</param>
internal sealed record Refused(byte[] HelloDigest, DisconnectReason Reason, string Text)
{
    /// <summary>Room that a REFUSED never exceeds.</summary>
    public const int MaxLength = HandshakeFormat.MaxRefusedLength;

    public static bool TryRead(ReadOnlySpan<byte> datagram, [NotNullWhen(true)] out Refused? refused)
    {
        refused = null;
        var reader = new FieldReader(datagram);
        var kind = reader.U8();
        var digest = reader.Bytes(HandshakeFormat.DigestLength);
        var reason = (DisconnectReason)reader.U8();
        var text = reader.Text8(HandshakeFormat.MaxTextLength);
        if (!reader.IsComplete || kind != HandshakeFormat.RefusedKind || reason == DisconnectReason.None)
            return false;
        refused = new Refused(digest.ToArray(), reason, text);
        return true;
    }

    /// <summary>The reason in a datagram that <see cref="Write"/> wrote.</summary>
    public static DisconnectReason ReasonOf(ReadOnlySpan<byte> datagram) => (DisconnectReason)datagram[1 + HandshakeFormat.DigestLength];

    /// <summary>Writes the datagram; a text over 200 bytes of UTF-8 is cut at a character's end.</summary>
    /// <returns>Its length.</returns>
    public static int Write(Span<byte> datagram, ReadOnlySpan<byte> helloDigest, DisconnectReason reason, string text)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(helloDigest.Length, HandshakeFormat.DigestLength, nameof(helloDigest));
        ArgumentOutOfRangeException.ThrowIfEqual((byte)reason, (byte)DisconnectReason.None, nameof(reason));
        ArgumentOutOfRangeException.ThrowIfLessThan(datagram.Length, MaxLength, nameof(datagram));
        var writer = new FieldWriter(datagram);
        writer.U8(HandshakeFormat.RefusedKind);
        writer.Bytes(helloDigest);
        writer.U8((byte)reason);
        writer.Text8(text, HandshakeFormat.MaxTextLength);
        return writer.Length;
    }
}
