using System.Globalization;
using System.Net;
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

    /// <summary>What becomes of a token whose client is connected.</summary>
    public required SameClient SameClient { get; init; }

    /// <summary>HELLO datagrams read per second from one source prefix.</summary>
    public required int HellosPerPrefix { get; init; }

    /// <summary>Attempts with a proven address per second from one source prefix.</summary>
    public required int HandshakesPerPrefix { get; init; }

    /// <summary>Most peers and attempts at a time from one source prefix.</summary>
    public required int MaxPeersPerPrefix { get; init; }

    /// <summary>Most unconfirmed attempts at a time from one source prefix.</summary>
    public required int HalfOpenPerPrefix { get; init; }

    /// <summary>Whether limits by source prefix hold for loopback addresses too.</summary>
    public required bool LimitLoopback { get; init; }

    /// <summary>Strangers answered per second, all sources together.</summary>
    public required int ChallengesPerSecond { get; init; }

    /// <summary>Attempts with a proven address per second, all sources together.</summary>
    public required int HandshakesPerSecond { get; init; }

    /// <summary>Networks that nobody gets in from.</summary>
    public required IReadOnlyList<IPNetwork> Banned { get; init; }

    /// <summary>Datagrams opened per second and client; 0 for any number.</summary>
    public required int IngressDatagramsPerSecond { get; init; }

    /// <summary>Bytes opened per second and client; 0 for any number.</summary>
    public required long IngressBytesPerSecond { get; init; }

    /// <summary>An admission hook that takes longer has refused.</summary>
    public required TimeSpan AdmissionTimeout { get; init; }

    /// <summary>Path of the dispatcher that the admission hook runs on.</summary>
    public required string AdmissionDispatcher { get; init; }

    /// <summary>Most connections that are welcomed and not confirmed.</summary>
    public required int HalfOpen { get; init; }

    /// <summary>Most clients that speak ENet and were answered and have not confirmed; beyond it one goes by chance.</summary>
    public required int ENetHalfOpen { get; init; }

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
            SameClient = reader.Text("same-client") switch
            {
                "refuse" => SameClient.Refuse,
                "replace" => SameClient.Replace,
                "allow" => SameClient.Allow,
                var other => throw reader.Illegal("same-client", other, "refuse, replace or allow"),
            },
            HellosPerPrefix = reader.Number("hellos-per-prefix", 1, 1_000_000),
            HandshakesPerPrefix = reader.Number("handshakes-per-prefix", 1, 1_000_000),
            MaxPeersPerPrefix = reader.Number("max-peers-per-prefix", 1, 65_536),
            HalfOpenPerPrefix = reader.Number("half-open-per-prefix", 1, 65_536),
            LimitLoopback = reader.Flag("limit-loopback"),
            ChallengesPerSecond = reader.Number("challenges-per-second", 1, 10_000_000),
            HandshakesPerSecond = reader.Number("handshakes-per-second", 1, 10_000_000),
            Banned = [.. reader.Texts("banned").Select(text => Network(reader, text))],
            IngressDatagramsPerSecond = reader.Number("ingress-datagrams-per-second", 0, 100_000_000),
            IngressBytesPerSecond = reader.Bytes("ingress-bytes-per-second", 0, 100_000_000_000),
            AdmissionTimeout = reader.Duration("admission-timeout"),
            AdmissionDispatcher = reader.Text("admission-dispatcher"),
            HalfOpen = reader.Number("half-open", 1, 65_536),
            ENetHalfOpen = reader.Number("enet-half-open", 1, 65_536),
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

    private static IPNetwork Network(SettingsReader reader, string text)
    {
        if (IPNetwork.TryParse(text, out var network))
            return network;
        return IPAddress.TryParse(text, out var address)
            ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
            : throw reader.Illegal("banned", text, "addresses and networks such as 203.0.113.0/24");
    }

    private static byte[] Secret(SettingsReader reader, string name, string text)
    {
        var bytes = new byte[33];
        return Convert.TryFromBase64String(text, bytes, out var length) && length == 32
            ? bytes[..32]
            : throw reader.Illegal(name, "(hidden)", "32 bytes in base64");
    }
}
