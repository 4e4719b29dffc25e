using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Peer.Protocol.Crypto;

namespace Peer.Protocol.Handshake;

/// <summary>
/// What a game's backend hands to a client: where to connect, and a sealed part that proves to the server who the client is. It opens one
/// connection, before its expiry. It holds a secret: pass it over an encrypted way only.
/// </summary>
public sealed class ConnectToken : IDisposable
{
    private const byte FormatVersion = 1;
    private const int MaxLength = 2_048;

    private readonly byte[] _secret;
    private readonly byte[] _privatePart;
    private bool _disposed;

    internal ConnectToken(byte[] secret, long expiry, IReadOnlyList<string> endpoints, byte[] privatePart)
    {
        _secret = secret;
        Expiry = expiry;
        Endpoints = endpoints;
        _privatePart = privatePart;
    }

    /// <summary>When the token ends, in Unix seconds.</summary>
    public long Expiry { get; }

    /// <summary>The servers that accept the token, as <c>host:port</c>, in the order in which to try them.</summary>
    public IReadOnlyList<string> Endpoints { get; }

    /// <summary>32 bytes that the server finds in the private part.</summary>
    internal ReadOnlySpan<byte> Secret => _secret;

    /// <summary>What travels in HELLO.</summary>
    internal ReadOnlySpan<byte> PrivatePart => _privatePart;

    /// <summary>Reads a token as <see cref="ToString"/> writes it.</summary>
    /// <param name="text">Base64url without padding; white space at its ends is ignored.</param>
    /// <param name="token">The token, or null.</param>
    /// <returns>False when the text is not a token. Whether it is genuine only the server can tell.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out ConnectToken? token)
    {
        token = null;
        var trimmed = text.AsSpan().Trim();
        if (trimmed.Length > Base64Url.GetEncodedLength(MaxLength))
            return false;
        var bytes = new byte[Base64Url.GetMaxDecodedLength(trimmed.Length)];
        if (Base64Url.DecodeFromChars(trimmed, bytes, out _, out var written) != OperationStatus.Done)
            return false;

        token = Read(bytes.AsSpan(0, written));
        CryptographicOperations.ZeroMemory(bytes);
        return token is not null;
    }

    /// <summary>Overwrites the secret. The text that it was read from is the caller's.</summary>
    public void Dispose()
    {
        _disposed = true;
        CryptographicOperations.ZeroMemory(_secret);
    }

    /// <summary>The token as base64url, secret included.</summary>
    /// <exception cref="ObjectDisposedException">The secret has been overwritten.</exception>
    public override string ToString()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var length = 1 + _secret.Length + 8 + 1 + Endpoints.Sum(endpoint => 1 + Encoding.UTF8.GetByteCount(endpoint)) + 2 + _privatePart.Length;
        var bytes = new byte[length];
        var writer = new FieldWriter(bytes);
        writer.U8(FormatVersion);
        writer.Bytes(_secret);
        writer.I64(Expiry);
        writer.Texts8(Endpoints);
        writer.Sized16(_privatePart);
        var text = Base64Url.EncodeToString(bytes);
        CryptographicOperations.ZeroMemory(bytes);
        return text;
    }

    private static ConnectToken? Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new FieldReader(bytes);
        var version = reader.U8();
        var secret = reader.Bytes(HandshakeSecret.TokenSecretLength);
        var expiry = reader.I64();
        var endpoints = reader.Texts8();
        var privatePart = reader.Sized16(HandshakeFormat.MaxTokenLength);
        if (!reader.IsComplete || version != FormatVersion || endpoints.Length == 0 || !TokenSeal.TryReadClear(privatePart, out _, out var sealedExpiry) || sealedExpiry != expiry)
            return null;
        return new ConnectToken(secret.ToArray(), expiry, endpoints, privatePart.ToArray());
    }
}
