using System.Security.Cryptography;
using Peer.Protocol.Crypto;

namespace Peer.Protocol.Handshake;

/// <summary>The server's answer to one client, to be sent again as it is whenever the same HELLO returns.</summary>
internal sealed record WelcomeResult(byte[] Datagram, SessionKeys Keys);

/// <summary>The server's half of the key agreement, once the gate has admitted a HELLO.</summary>
internal static class ServerHandshake
{
    /// <summary>Welcomes a client.</summary>
    /// <param name="hello">The admitted HELLO.</param>
    /// <param name="tokenSecret">The secret of its connect token, 32 bytes, or empty without one.</param>
    /// <param name="offer">What the server grants.</param>
    /// <param name="identity">The identity to prove, if the server has one.</param>
    /// <param name="random">Where the nonce and the ephemeral key come from.</param>
    /// <returns>Null when the client's key is no point of the curve.</returns>
    public static WelcomeResult? Accept(Hello hello, ReadOnlySpan<byte> tokenSecret, WelcomeOffer offer, ServerIdentity? identity, IRandomSource random)
    {
        if (!offer.IsLegal)
            throw new ArgumentOutOfRangeException(nameof(offer), offer, "A number of the offer is out of range.");

        // Before a key is made: a stranger's bad point must cost next to nothing.
        if (!P256.IsOnCurve(hello.PublicKey))
            return null;

        Span<byte> serverNonce = stackalloc byte[HandshakeFormat.NonceLength];
        random.Fill(serverNonce);
        using var key = new EphemeralKey(random);
        Span<byte> publicKey = stackalloc byte[P256.PublicKeyLength];
        key.WritePublic(publicKey);

        var contentLength = WelcomeContent.LengthFor(identity is not null);
        var datagram = new byte[Welcome.HeaderLength + contentLength + SealedHeader.TagLength];
        Welcome.WriteHeader(datagram, hello.ConnectionId, serverNonce, publicKey, contentLength + SealedHeader.TagLength);
        Span<byte> transcript = stackalloc byte[HandshakeSecret.TranscriptLength];
        Welcome.HashTranscript(hello, datagram, transcript);
        WriteContent(datagram.AsSpan(Welcome.HeaderLength, contentLength), offer, identity, transcript);

        Span<byte> shared = stackalloc byte[P256.CoordinateLength];
        if (!key.TryAgree(hello.PublicKey, shared))
            return null;
        using var secret = new HandshakeSecret(hello.ClientNonce, serverNonce, shared, tokenSecret, transcript);
        CryptographicOperations.ZeroMemory(shared);
        secret.SealWelcome(datagram.AsSpan(Welcome.HeaderLength));
        return new WelcomeResult(datagram, secret.DeriveSession());
    }

    private static void WriteContent(Span<byte> plaintext, WelcomeOffer offer, ServerIdentity? identity, ReadOnlySpan<byte> transcript)
    {
        var content = new WelcomeContent(offer, [], []);
        if (identity is not null)
        {
            var signature = new byte[P256.PublicKeyLength];
            identity.Sign(WelcomeContent.SignedBytes(transcript), signature);
            content = new WelcomeContent(offer, identity.PublicKey.ToArray(), signature);
        }

        content.Write(plaintext);
    }
}
