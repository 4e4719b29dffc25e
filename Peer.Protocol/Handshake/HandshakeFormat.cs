using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Peer.Protocol.Handshake;

/// <summary>The numbers of the handshake that the wire standard fixes, in one place.</summary>
internal static class HandshakeFormat
{
    public const byte Version = 1;

    public const byte HelloKind = 0x50;
    public const byte RetryKind = 0x51;
    public const byte WelcomeKind = 0x52;
    public const byte RefusedKind = 0x53;
    public const byte ElsewhereKind = 0x54;

    /// <summary>Every HELLO has this size, so that no answer to a forged sender is larger than what it answers.</summary>
    public const int HelloLength = 1_200;
    public const int RetryLength = 66;
    public const int MaxWelcomeLength = 600;
    public const int MaxRefusedLength = 300;
    public const int MaxElsewhereLength = 1_000;

    /// <summary>Whether a datagram that begins so belongs to the handshake.</summary>
    public static bool IsHandshake(byte kind) => kind is >= HelloKind and <= ElsewhereKind;

    public const int NonceLength = 32;
    public const int DigestLength = 32;
    public const int CookieLength = 24;
    public const int MaxTokenLength = 768;
    public const int MaxApplicationDataLength = 256;
    public const int MaxTextLength = 200;

    /// <summary>The id under which an application's clients and servers find each other: the first 8 bytes of SHA-256 over its name.</summary>
    public static ulong ApplicationId(string name)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(name), hash);
        return BinaryPrimitives.ReadUInt64LittleEndian(hash);
    }
}
