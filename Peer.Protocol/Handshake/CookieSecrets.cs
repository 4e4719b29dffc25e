using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Peer.Protocol.Handshake;

/// <summary>What a returned cookie proves.</summary>
internal enum CookieState
{
    /// <summary>Ours, for this address and nonce, and young enough.</summary>
    Valid,

    /// <summary>Too old, whoever made it.</summary>
    Expired,

    /// <summary>Not ours, or made for another address or nonce.</summary>
    Forged,
}

/// <summary>
/// Makes and checks cookies with nothing but two secrets, so that a stranger costs no memory. The older secret is still good for the cookies
/// that were made under it; a secret that leaks is worthless soon after.
/// </summary>
internal sealed class CookieSecrets
{
    /// <summary>Longest address that a cookie can name.</summary>
    public const int MaxAddressLength = 64;

    private const int HashLength = 16;
    private const int SecretLength = 32;
    private const int MinPeriodSeconds = 120;

    private readonly IRandomSource _random;
    private readonly int _lifetime;
    private readonly long _period;
    private byte[] _current = new byte[SecretLength];
    private byte[] _previous = new byte[SecretLength];
    private long? _born;

    public CookieSecrets(IRandomSource random, int lifetimeSeconds)
    {
        _random = random;
        _lifetime = lifetimeSeconds;
        _period = Math.Max(MinPeriodSeconds, 2L * lifetimeSeconds);
        random.Fill(_current);
        random.Fill(_previous);
    }

    /// <summary>Writes a cookie: expiry, then a keyed hash of address, nonce and expiry.</summary>
    public void Issue(ReadOnlySpan<byte> address, ReadOnlySpan<byte> clientNonce, long unixSeconds, Span<byte> cookie)
    {
        Rotate(unixSeconds);
        var expiry = unixSeconds + _lifetime;
        BinaryPrimitives.WriteInt64LittleEndian(cookie, expiry);
        Hash(_current, address, clientNonce, expiry, cookie[8..]);
    }

    public CookieState Check(ReadOnlySpan<byte> address, ReadOnlySpan<byte> clientNonce, ReadOnlySpan<byte> cookie, long unixSeconds)
    {
        Rotate(unixSeconds);
        var expiry = BinaryPrimitives.ReadInt64LittleEndian(cookie);
        if (expiry <= unixSeconds)
            return CookieState.Expired;

        // One of ours cannot lie further ahead, unless the wall clock was set back: then it would live too long.
        if (expiry > unixSeconds + _lifetime)
            return CookieState.Forged;

        Span<byte> hash = stackalloc byte[HashLength];
        Hash(_current, address, clientNonce, expiry, hash);
        if (CryptographicOperations.FixedTimeEquals(hash, cookie[8..]))
            return CookieState.Valid;
        Hash(_previous, address, clientNonce, expiry, hash);
        return CryptographicOperations.FixedTimeEquals(hash, cookie[8..]) ? CookieState.Valid : CookieState.Forged;
    }

    private void Rotate(long unixSeconds)
    {
        _born ??= unixSeconds;
        if (unixSeconds >= _born && unixSeconds - _born < _period)
            return;
        (_current, _previous) = (_previous, _current);
        _random.Fill(_current);
        _born = unixSeconds;
    }

    private static void Hash(byte[] secret, ReadOnlySpan<byte> address, ReadOnlySpan<byte> clientNonce, long expiry, Span<byte> hash)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(address.Length, MaxAddressLength, nameof(address));
        Span<byte> named = stackalloc byte[MaxAddressLength + HandshakeFormat.NonceLength + sizeof(long)];
        address.CopyTo(named);
        clientNonce.CopyTo(named[address.Length..]);
        BinaryPrimitives.WriteInt64LittleEndian(named[(address.Length + clientNonce.Length)..], expiry);
        Span<byte> full = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret, named[..(address.Length + clientNonce.Length + sizeof(long))], full);
        full[..HashLength].CopyTo(hash);
    }
}
