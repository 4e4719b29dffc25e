using System.Globalization;
using Peer.Protocol.Crypto;

namespace Peer.Actors.Settings;

/// <summary>Settings of a server, section <c>actorpeer.server</c>.</summary>
public sealed record ServerSettings
{
    /// <summary>Most peers at a time.</summary>
    public required int MaxPeers { get; init; }

    /// <summary>Whether clients may send to one another.</summary>
    public required bool Relay { get; init; }

    /// <summary>Identity that clients may pin, or null.</summary>
    public required ServerIdentity? Identity { get; init; }

    /// <summary>Shared keys of connect tokens by key id, 32 bytes each.</summary>
    public required IReadOnlyDictionary<byte, byte[]> TokenKeys { get; init; }

    /// <summary>Whether a client must present a connect token.</summary>
    public required bool RequireToken { get; init; }

    /// <summary>Names under which tokens may know this server, <c>host:port</c>.</summary>
    public required IReadOnlyList<string> TokenServers { get; init; }

    /// <summary>Hello datagrams answered per second.</summary>
    public required int HandshakesPerSecond { get; init; }

    /// <summary>Most connections that are welcomed and not confirmed.</summary>
    public required int HalfOpen { get; init; }

    /// <summary>An unconfirmed connection is forgotten after so long.</summary>
    public required TimeSpan ConfirmTimeout { get; init; }

    internal static ServerSettings Parse(SettingsReader reader)
    {
        var keys = new Dictionary<byte, byte[]>();
        var keyReader = reader.Section("token-keys");
        foreach (var name in reader.Keys("token-keys"))
        {
            if (!byte.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
                throw keyReader.Illegal(name, "...", "named by a number from 0 to 255");
            keys[id] = Secret(keyReader, name, keyReader.Text(name));
        }

        var requireToken = reader.Flag("require-token");
        if (requireToken && keys.Count == 0)
            throw reader.Illegal("require-token", "on", "off while token-keys is empty: no client could ever connect");
        var tokenServers = reader.Texts("token-servers");
        if (keys.Count > 0 && tokenServers.Count == 0)
            throw reader.Illegal("token-servers", "[]", "the names (host:port) under which tokens know this server, as token-keys are set");
        return new ServerSettings
        {
            MaxPeers = reader.Number("max-peers", 1, 65_536),
            Relay = reader.Flag("relay"),
            Identity = Parse(reader, reader.Text("identity-key")),
            TokenKeys = keys,
            RequireToken = requireToken,
            TokenServers = tokenServers,
            HandshakesPerSecond = reader.Number("handshakes-per-second", 1, 10_000_000),
            HalfOpen = reader.Number("half-open", 1, 65_536),
            ConfirmTimeout = reader.Duration("confirm-timeout"),
        };
    }

    private static ServerIdentity? Parse(SettingsReader reader, string text)
    {
        if (text.Length == 0)
            return null;
        try
        {
            return ServerIdentity.Parse(text);
        }
        catch (Exception e) when (e is FormatException or System.Security.Cryptography.CryptographicException or ArgumentException)
        {
            throw reader.Illegal("identity-key", "(hidden)", "a P-256 private key as PKCS#8 in base64");
        }
    }

    private static byte[] Secret(SettingsReader reader, string name, string text)
    {
        var bytes = new byte[33];
        return Convert.TryFromBase64String(text, bytes, out var length) && length == 32
            ? bytes[..32]
            : throw reader.Illegal(name, "(hidden)", "32 bytes in base64");
    }
}
