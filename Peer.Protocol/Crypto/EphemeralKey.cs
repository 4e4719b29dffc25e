using System.Security.Cryptography;

namespace Peer.Protocol.Crypto;

/// <summary>One end's key of one handshake, made from the given random source so that a seeded run repeats exactly.</summary>
internal sealed class EphemeralKey : IDisposable
{
    private readonly ECDiffieHellman _key;

    public EphemeralKey(IRandomSource random)
    {
        var parameters = P256.PrivateKey(random);
        _key = ECDiffieHellman.Create(parameters);
        CryptographicOperations.ZeroMemory(parameters.D);
    }

    /// <summary>Writes the public key, X then Y, 64 bytes.</summary>
    public void WritePublic(Span<byte> publicKey) => P256.WritePoint(_key.ExportParameters(false).Q, publicKey);

    /// <summary>Agrees on 32 bytes with the holder of the other key.</summary>
    /// <returns>False when the other key is no point of the curve.</returns>
    public bool TryAgree(ReadOnlySpan<byte> otherPublic, Span<byte> shared)
    {
        if (!P256.IsOnCurve(otherPublic))
            return false;
        using var other = ECDiffieHellman.Create(P256.PublicKey(otherPublic));
        var secret = _key.DeriveRawSecretAgreement(other.PublicKey);
        secret.CopyTo(shared);
        CryptographicOperations.ZeroMemory(secret);
        return true;
    }

    public void Dispose() => _key.Dispose();
}
