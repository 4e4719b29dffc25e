using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace Peer.Protocol.Crypto;

/// <summary>
/// A server's lasting identity, an ECDSA key on P-256. A client that pins <see cref="PublicKeyText"/> connects to the holder of this key and to nobody else.
/// </summary>
public sealed class ServerIdentity : IDisposable
{
    private readonly ECDsa _key;
    private readonly byte[] _publicKey = new byte[P256.PublicKeyLength];

    private ServerIdentity(ECDsa key)
    {
        _key = key;
        P256.WritePoint(key.ExportParameters(false).Q, _publicKey);
    }

    /// <summary>The public key, 64 bytes: X then Y, big-endian.</summary>
    public ReadOnlyMemory<byte> PublicKey => _publicKey;

    /// <summary>The public key as base64url without padding, 86 characters: what a client pins.</summary>
    public string PublicKeyText => Base64Url.EncodeToString(_publicKey);

    /// <summary>Makes a new identity from random bytes of the source.</summary>
    public static ServerIdentity Generate(IRandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        var parameters = P256.PrivateKey(random);
        var identity = new ServerIdentity(ECDsa.Create(parameters));
        CryptographicOperations.ZeroMemory(parameters.D);
        return identity;
    }

    /// <summary>Reads an identity from an unencrypted PKCS#8 private key (RFC 5958).</summary>
    /// <exception cref="CryptographicException">The bytes are no PKCS#8 key of the curve P-256.</exception>
    public static ServerIdentity FromPkcs8(ReadOnlySpan<byte> pkcs8)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportPkcs8PrivateKey(pkcs8, out var read);
            if (read != pkcs8.Length)
                throw new CryptographicException("Bytes follow the PKCS#8 key.");
            var publicKey = new byte[P256.PublicKeyLength];
            if (key.KeySize != 8 * P256.CoordinateLength)
                throw new CryptographicException("The key is not of the curve P-256.");
            P256.WritePoint(key.ExportParameters(false).Q, publicKey);
            if (!P256.IsOnCurve(publicKey))
                throw new CryptographicException("The key is not of the curve P-256.");
            return new ServerIdentity(key);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>Reads an identity from PKCS#8 in base64, as <see cref="ExportPkcs8Base64"/> writes it.</summary>
    /// <exception cref="FormatException">The text is not base64.</exception>
    /// <exception cref="CryptographicException">The bytes are no PKCS#8 key of the curve P-256.</exception>
    public static ServerIdentity Parse(string base64)
    {
        ArgumentNullException.ThrowIfNull(base64);
        var pkcs8 = Convert.FromBase64String(base64);
        try
        {
            return FromPkcs8(pkcs8);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(pkcs8);
        }
    }

    /// <summary>Reads a public key to pin, as <see cref="PublicKeyText"/> writes it.</summary>
    /// <param name="text">86 characters of base64url.</param>
    /// <param name="publicKey">64 bytes, or empty on failure.</param>
    /// <returns>False when the text is not base64url of a point of P-256.</returns>
    public static bool TryParsePublicKey(string? text, out byte[] publicKey)
    {
        publicKey = [];
        if (text is null)
            return false;
        Span<byte> bytes = stackalloc byte[P256.PublicKeyLength];
        var status = Base64Url.DecodeFromChars(text.AsSpan().Trim(), bytes, out _, out var written);
        if (status != OperationStatus.Done || written != P256.PublicKeyLength || !P256.IsOnCurve(bytes))
            return false;
        publicKey = bytes.ToArray();
        return true;
    }

    /// <summary>The private key, unencrypted PKCS#8 in base64: to be stored like a password.</summary>
    public string ExportPkcs8Base64()
    {
        var pkcs8 = _key.ExportPkcs8PrivateKey();
        var text = Convert.ToBase64String(pkcs8);
        CryptographicOperations.ZeroMemory(pkcs8);
        return text;
    }

    /// <summary>Releases the private key.</summary>
    public void Dispose() => _key.Dispose();

    /// <summary>Signs with SHA-256, 64 bytes in the fixed-size form of IEEE P1363. The bytes differ from call to call: the platform adds its own chance.</summary>
    internal void Sign(ReadOnlySpan<byte> signed, Span<byte> signature)
    {
        if (!_key.TrySignData(signed, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation, out _))
            throw new ArgumentException("A signature takes 64 bytes.", nameof(signature));
    }

    /// <summary>Whether the holder of the public key signed these bytes; false too for a key that is no point of the curve.</summary>
    internal static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != P256.PublicKeyLength || !P256.IsOnCurve(publicKey))
            return false;
        using var key = ECDsa.Create(P256.PublicKey(publicKey));
        return key.VerifyData(signed, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }
}
