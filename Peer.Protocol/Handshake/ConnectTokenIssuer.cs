using System.Text;
using Peer.Protocol.Crypto;

namespace Peer.Protocol.Handshake;

/// <summary>
/// Issues connect tokens in a game's backend. It needs nothing of the runtime but this library: no actors, no sockets. Safe for many threads when the
/// random source is.
/// </summary>
public sealed class ConnectTokenIssuer
{
    private readonly byte _keyId;
    private readonly byte[] _sharedKey;
    private readonly ulong _applicationId;
    private readonly IRandomSource _random;

    /// <summary>An issuer for the servers of one application.</summary>
    /// <param name="keyId">Names the key, so that servers can know two of them while keys change.</param>
    /// <param name="sharedKey">32 bytes that only the backend and its servers know.</param>
    /// <param name="applicationName">The application that the servers run.</param>
    /// <param name="random">A source of unpredictable bytes: the operating system's, outside of tests.</param>
    /// <exception cref="ArgumentException">The key has not 32 bytes.</exception>
    public ConnectTokenIssuer(byte keyId, byte[] sharedKey, string applicationName, IRandomSource random)
    {
        ArgumentNullException.ThrowIfNull(sharedKey);
        ArgumentNullException.ThrowIfNull(applicationName);
        ArgumentNullException.ThrowIfNull(random);
        if (sharedKey.Length != PacketProtection.KeyLength)
            throw new ArgumentException("A token key has 32 bytes.", nameof(sharedKey));
        _keyId = keyId;
        _sharedKey = (byte[])sharedKey.Clone();
        _applicationId = HandshakeFormat.ApplicationId(applicationName);
        _random = random;
    }

    /// <summary>Issues a token for one connection of one client.</summary>
    /// <param name="clientId">Who the client is; the server sees it.</param>
    /// <param name="endpoints">Servers that may accept it, <c>host:port</c>, at least one and about 388 bytes in all.</param>
    /// <param name="nowUnixSeconds">Wall time.</param>
    /// <param name="lifetime">How long the token can be used, at least a second. Short: servers remember used tokens that long.</param>
    /// <param name="userData">Bytes for the server, at most 256; the client cannot read them.</param>
    /// <exception cref="ArgumentException">An endpoint is not <c>host:port</c>, or something does not fit.</exception>
    public ConnectToken Issue(
        ulong clientId, IReadOnlyList<string> endpoints, long nowUnixSeconds, TimeSpan lifetime, ReadOnlySpan<byte> userData)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var secret = new byte[HandshakeSecret.TokenSecretLength];
        _random.Fill(secret);
        string[] servers = [.. endpoints];
        var privatePart = SealTicket(clientId, secret, servers, nowUnixSeconds, lifetime, userData);
        return new ConnectToken(secret, nowUnixSeconds + (long)lifetime.TotalSeconds, servers, privatePart);
    }

    /// <summary>
    /// Seals the private part alone: the ticket of an ELSEWHERE. The client keeps the secret of its first token, so the ticket must hold the same one;
    /// 32 zeros when it came without a token.
    /// </summary>
    internal byte[] SealTicket(
        ulong clientId, ReadOnlySpan<byte> secret, IReadOnlyList<string> servers, long nowUnixSeconds, TimeSpan lifetime, ReadOnlySpan<byte> userData)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lifetime, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfNotEqual(secret.Length, HandshakeSecret.TokenSecretLength, nameof(secret));
        if (servers.Count is 0 or > byte.MaxValue)
            throw new ArgumentException("A token names 1 to 255 servers.", nameof(servers));
        foreach (var server in servers)
            CheckEndpoint(server);
        var expiry = nowUnixSeconds + (long)lifetime.TotalSeconds;
        return TokenSeal.Seal(_keyId, _sharedKey, _applicationId, clientId, nowUnixSeconds, expiry, secret, servers, userData, _random);
    }

    private static void CheckEndpoint(string endpoint)
    {
        var colon = endpoint?.LastIndexOf(':') ?? -1;
        if (colon < 1 || !ushort.TryParse(endpoint.AsSpan(colon + 1), out var port) || port == 0 || Encoding.UTF8.GetByteCount(endpoint!) > byte.MaxValue)
            throw new ArgumentException($"'{endpoint}' is not host:port.", nameof(endpoint));
    }
}
