using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Peer.Protocol.Crypto;

namespace Peer.Protocol.Handshake;

/// <summary>The private part of a connect token: what a backend seals and its servers open, while the client only carries it.</summary>
internal static class TokenSeal
{
    public const int IdLength = 16;
    public const int SaltLength = 32;
    public const int MaxUserDataLength = 256;

    private const int ClearLength = 1 + SaltLength + sizeof(long);
    private const int FixedLength = ClearLength + IdLength + 8 + 8 + HandshakeSecret.TokenSecretLength + 1 + 2 + SealedHeader.TagLength;
    private const int AssociatedLength = 1 + 8 + 8;

    /// <summary>Seals a token under the shared key; its id and salt are drawn from the random source.</summary>
    /// <exception cref="ArgumentException">The servers or the user data do not fit.</exception>
    public static byte[] Seal(
        byte keyId,
        ReadOnlySpan<byte> sharedKey,
        ulong applicationId,
        ulong clientId,
        long issued,
        long expiry,
        ReadOnlySpan<byte> secret,
        IReadOnlyList<string> servers,
        ReadOnlySpan<byte> userData,
        IRandomSource random)
    {
        if (userData.Length > MaxUserDataLength)
            throw new ArgumentException("User data of a token has at most 256 bytes.", nameof(userData));
        var length = FixedLength + userData.Length + servers.Sum(server => 1 + Encoding.UTF8.GetByteCount(server));
        if (length > HandshakeFormat.MaxTokenLength)
            throw new ArgumentException($"The token would take {length} bytes; it has {HandshakeFormat.MaxTokenLength}. Name fewer servers.", nameof(servers));

        var token = new byte[length];
        Span<byte> drawn = stackalloc byte[SaltLength + IdLength];
        random.Fill(drawn);
        var writer = new FieldWriter(token);
        writer.U8(keyId);
        writer.Bytes(drawn[..SaltLength]);
        writer.I64(expiry);
        writer.Bytes(drawn[SaltLength..]);
        writer.U64(clientId);
        writer.I64(issued);
        writer.Bytes(secret);
        writer.Texts8(servers);
        writer.Sized16(userData);

        using var cipher = Cipher(sharedKey, drawn[..SaltLength]);
        Span<byte> associated = stackalloc byte[AssociatedLength];
        WriteAssociated(associated, keyId, applicationId, expiry);
        var body = token.AsSpan(ClearLength..^SealedHeader.TagLength);
        cipher.Encrypt(ZeroNonce, body, body, token.AsSpan(^SealedHeader.TagLength..), associated);
        return token;
    }

    /// <summary>Reads what is not sealed, to look up the key and refuse an expired token before any decryption.</summary>
    public static bool TryReadClear(ReadOnlySpan<byte> token, out byte keyId, out long expiry)
    {
        keyId = 0;
        expiry = 0;
        if (token.Length is < FixedLength or > HandshakeFormat.MaxTokenLength)
            return false;
        keyId = token[0];
        expiry = BinaryPrimitives.ReadInt64LittleEndian(token[(1 + SaltLength)..]);
        return true;
    }

    /// <summary>Opens a token.</summary>
    /// <returns>False when it was not sealed under this key for this application, or has been altered.</returns>
    public static bool TryOpen(ReadOnlySpan<byte> token, ReadOnlySpan<byte> sharedKey, ulong applicationId, [NotNullWhen(true)] out OpenedToken? opened)
    {
        opened = null;
        if (!TryReadClear(token, out var keyId, out var expiry))
            return false;

        Span<byte> associated = stackalloc byte[AssociatedLength];
        WriteAssociated(associated, keyId, applicationId, expiry);
        var sealedPart = token[ClearLength..^SealedHeader.TagLength];
        Span<byte> room = stackalloc byte[HandshakeFormat.MaxTokenLength];
        var plaintext = room[..sealedPart.Length];
        using var cipher = Cipher(sharedKey, token.Slice(1, SaltLength));
        try
        {
            cipher.Decrypt(ZeroNonce, sealedPart, token[^SealedHeader.TagLength..], plaintext, associated);
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }

        opened = Read(plaintext, expiry);
        CryptographicOperations.ZeroMemory(plaintext);
        return opened is not null;
    }

    // The key is fresh for every token (its salt is random), so the nonce may be constant.
    private static ReadOnlySpan<byte> ZeroNonce => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    private static OpenedToken? Read(ReadOnlySpan<byte> plaintext, long expiry)
    {
        var reader = new FieldReader(plaintext);
        var id = reader.Bytes(IdLength);
        var clientId = reader.U64();
        reader.I64();
        var secret = reader.Bytes(HandshakeSecret.TokenSecretLength);
        var servers = reader.Texts8();
        var userData = reader.Sized16(MaxUserDataLength);
        return reader.IsComplete ? new OpenedToken(id.ToArray(), clientId, expiry, secret.ToArray(), servers, userData.ToArray()) : null;
    }

    private static AesGcm Cipher(ReadOnlySpan<byte> sharedKey, ReadOnlySpan<byte> salt)
    {
        Span<byte> key = stackalloc byte[PacketProtection.KeyLength];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, sharedKey, key, salt, "actorpeer v1 token"u8);
        var cipher = new AesGcm(key, SealedHeader.TagLength);
        CryptographicOperations.ZeroMemory(key);
        return cipher;
    }

    private static void WriteAssociated(Span<byte> associated, byte keyId, ulong applicationId, long expiry)
    {
        var writer = new FieldWriter(associated);
        writer.U8(keyId);
        writer.U64(applicationId);
        writer.I64(expiry);
    }
}
