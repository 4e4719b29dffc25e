using System.Security.Cryptography;

namespace Peer.Protocol.Crypto;

/// <summary>The secret that both ends reach in a handshake, and the only place that turns it into keys.</summary>
internal sealed class HandshakeSecret : IDisposable
{
    /// <summary>Bytes of a nonce of either end.</summary>
    public const int NonceLength = 32;

    /// <summary>Bytes of the transcript hash (SHA-256).</summary>
    public const int TranscriptLength = 32;

    /// <summary>Bytes of a connect token's secret.</summary>
    public const int TokenSecretLength = 32;

    private readonly byte[] _secret = new byte[32];
    private readonly byte[] _transcript;

    /// <param name="clientNonce">32 bytes.</param>
    /// <param name="serverNonce">32 bytes.</param>
    /// <param name="shared">The X coordinate that the two ephemeral keys agree on, 32 bytes.</param>
    /// <param name="tokenSecret">The connect token's secret, 32 bytes, or empty without a token.</param>
    /// <param name="transcript">The transcript hash, 32 bytes.</param>
    public HandshakeSecret(
        ReadOnlySpan<byte> clientNonce,
        ReadOnlySpan<byte> serverNonce,
        ReadOnlySpan<byte> shared,
        ReadOnlySpan<byte> tokenSecret,
        ReadOnlySpan<byte> transcript)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(clientNonce.Length, NonceLength, nameof(clientNonce));
        ArgumentOutOfRangeException.ThrowIfNotEqual(serverNonce.Length, NonceLength, nameof(serverNonce));
        ArgumentOutOfRangeException.ThrowIfNotEqual(shared.Length, P256.CoordinateLength, nameof(shared));
        ArgumentOutOfRangeException.ThrowIfNotEqual(transcript.Length, TranscriptLength, nameof(transcript));
        if (tokenSecret.Length is not 0 and not TokenSecretLength)
            throw new ArgumentException("A token secret has 32 bytes.", nameof(tokenSecret));

        Span<byte> salt = stackalloc byte[2 * NonceLength];
        clientNonce.CopyTo(salt);
        serverNonce.CopyTo(salt[NonceLength..]);
        Span<byte> material = stackalloc byte[P256.CoordinateLength + TokenSecretLength];
        material.Clear();
        shared.CopyTo(material);
        tokenSecret.CopyTo(material[P256.CoordinateLength..]);
        HKDF.Extract(HashAlgorithmName.SHA256, material, salt, _secret);
        CryptographicOperations.ZeroMemory(material);
        _transcript = transcript.ToArray();
    }

    /// <summary>Seals the content of a WELCOME in place; the last 16 bytes take the tag.</summary>
    public void SealWelcome(Span<byte> content)
    {
        using var cipher = WelcomeCipher(out var iv);
        var body = content[..^SealedHeader.TagLength];
        cipher.Encrypt(iv, body, body, content[^SealedHeader.TagLength..], _transcript);
    }

    /// <summary>Opens the content of a WELCOME in place.</summary>
    /// <returns>False when the tag does not match.</returns>
    public bool TryOpenWelcome(Span<byte> content)
    {
        if (content.Length < SealedHeader.TagLength)
            return false;
        using var cipher = WelcomeCipher(out var iv);
        var body = content[..^SealedHeader.TagLength];
        try
        {
            cipher.Decrypt(iv, body, content[^SealedHeader.TagLength..], body, _transcript);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    /// <summary>The keys of the connection.</summary>
    public SessionKeys DeriveSession() => new(
        Expand("actorpeer v1 client key"u8, PacketProtection.KeyLength),
        Expand("actorpeer v1 client iv"u8, PacketProtection.IvLength),
        Expand("actorpeer v1 server key"u8, PacketProtection.KeyLength),
        Expand("actorpeer v1 server iv"u8, PacketProtection.IvLength));

    /// <summary>Overwrites the secret with zeros.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(_secret);

    private AesGcm WelcomeCipher(out byte[] iv)
    {
        iv = Expand("actorpeer v1 welcome iv"u8, PacketProtection.IvLength);
        var key = Expand("actorpeer v1 welcome key"u8, PacketProtection.KeyLength);
        var cipher = new AesGcm(key, SealedHeader.TagLength);
        CryptographicOperations.ZeroMemory(key);
        return cipher;
    }

    private byte[] Expand(ReadOnlySpan<byte> label, int length)
    {
        Span<byte> info = stackalloc byte[label.Length + TranscriptLength];
        label.CopyTo(info);
        _transcript.CopyTo(info[label.Length..]);
        var key = new byte[length];
        HKDF.Expand(HashAlgorithmName.SHA256, _secret, key, info);
        return key;
    }
}
