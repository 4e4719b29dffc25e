using System.Buffers.Binary;
using System.Security.Cryptography;
using Peer.Protocol.Crypto;

namespace Peer.Lab.Fuzz.World;

/// <summary>Seals whatever it is told as the private part of a token, as a backend would that has gone mad (docs/protocol.md has the format).</summary>
internal static class TokenForge
{
    private const int SaltLength = 32;
    private const int ClearLength = 1 + SaltLength + sizeof(long);

    public static byte[] Seal(byte keyId, ReadOnlySpan<byte> sharedKey, ulong applicationId, long expiry, ReadOnlySpan<byte> inside)
    {
        var token = new byte[ClearLength + inside.Length + SealedHeader.TagLength];
        token[0] = keyId;
        BinaryPrimitives.WriteInt64LittleEndian(token.AsSpan(1 + SaltLength), expiry);
        Span<byte> key = stackalloc byte[PacketProtection.KeyLength];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, sharedKey, key, token.AsSpan(1, SaltLength), "actorpeer v1 token"u8);
        Span<byte> associated = stackalloc byte[1 + 8 + 8];
        associated[0] = keyId;
        BinaryPrimitives.WriteUInt64LittleEndian(associated[1..], applicationId);
        BinaryPrimitives.WriteInt64LittleEndian(associated[9..], expiry);
        using var cipher = new AesGcm(key, SealedHeader.TagLength);
        cipher.Encrypt(stackalloc byte[12], inside, token.AsSpan(ClearLength, inside.Length), token.AsSpan(^SealedHeader.TagLength..), associated);
        return token;
    }

    /// <summary>A genuine inside.</summary>
    public static byte[] Inside(byte[] userData, params string[] servers)
    {
        using var stream = new MemoryStream();
        stream.Write(new byte[16 + 8 + 8 + HandshakeSecret.TokenSecretLength]);
        stream.WriteByte((byte)servers.Length);
        foreach (var server in servers)
        {
            stream.WriteByte((byte)server.Length);
            stream.Write(System.Text.Encoding.ASCII.GetBytes(server));
        }

        stream.WriteByte((byte)userData.Length);
        stream.WriteByte((byte)(userData.Length >> 8));
        stream.Write(userData);
        return stream.ToArray();
    }
}
