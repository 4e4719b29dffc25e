using System.Diagnostics.CodeAnalysis;
using Peer.Protocol.Crypto;

namespace Peer.Protocol.Handshake;

/// <summary>The sealed part of WELCOME: the offer and, when the server has an identity, its proof.</summary>
/// <param name="Offer">What the server grants.</param>
/// <param name="Identity">The identity's public key, 64 bytes, or empty.</param>
/// <param name="Signature">64 bytes with an identity, else empty.</param>
internal sealed record WelcomeContent(WelcomeOffer Offer, byte[] Identity, byte[] Signature)
{
    private const int ProofLength = P256.PublicKeyLength;

    /// <summary>What stands before the transcript hash in the signed bytes, so that the signature means nothing elsewhere.</summary>
    private static ReadOnlySpan<byte> SignatureContext => "actorpeer v1 welcome"u8;

    public static int LengthFor(bool withIdentity) => WelcomeOffer.Length + 2 + (withIdentity ? 2 * ProofLength : 0);

    /// <summary>The bytes that a server's identity signs.</summary>
    public static byte[] SignedBytes(ReadOnlySpan<byte> transcript) => [.. SignatureContext, .. transcript];

    public static bool TryRead(ReadOnlySpan<byte> plaintext, [NotNullWhen(true)] out WelcomeContent? content)
    {
        content = null;
        var reader = new FieldReader(plaintext);
        var offer = WelcomeOffer.Read(ref reader, out var legal);
        var identity = reader.Bytes(reader.U8());
        var signature = reader.Bytes(reader.U8());
        if (!legal || !reader.IsComplete || identity.Length is not 0 and not ProofLength || signature.Length != identity.Length)
            return false;
        content = new WelcomeContent(offer, identity.ToArray(), signature.ToArray());
        return true;
    }

    public void Write(Span<byte> plaintext)
    {
        var writer = new FieldWriter(plaintext);
        Offer.Write(ref writer);
        writer.Sized8(Identity);
        writer.Sized8(Signature);
    }
}
