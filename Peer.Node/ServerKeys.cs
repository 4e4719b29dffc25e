using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using Peer.Actors;
using Peer.Protocol.Crypto;

namespace Peer.Node;

/// <summary>Secrets of a server, or of all servers of a cluster; what was not asked for is null.</summary>
internal sealed record ServerKeys(string? PublicKey, string? IdentityKey, int TokenId, string? TokenKey, string? TicketKey)
{
    private const string Identity = "identity";
    private const string Tokens = "tokens";
    private const string Tickets = "tickets";

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string[] Parts { get; } = [Identity, Tokens, Tickets];

    /// <summary>Makes some of <see cref="Parts"/>.</summary>
    public static ServerKeys Make(int tokenId, string[] parts)
    {
        using var identity = parts.Contains(Identity) ? ServerIdentity.Generate(SystemRandomSource.Instance) : null;
        return new ServerKeys(identity?.PublicKeyText, identity?.ExportPkcs8Base64(), tokenId, parts.Contains(Tokens) ? Key() : null, parts.Contains(Tickets) ? Key() : null);
    }

    /// <summary>An object of the fields that there are.</summary>
    public static string Json(params (string Name, object? Value)[] fields) =>
        JsonSerializer.Serialize(fields.Where(field => field.Value is not null).ToDictionary(field => field.Name, field => field.Value), Plain);

    public string ToJson() => Json(
        ("public_key", PublicKey), ("identity_key", IdentityKey), ("token_key_id", TokenKey is null ? (object?)null : TokenId), ("token_key", TokenKey), ("ticket_key", TicketKey));

    public string ToHocon()
    {
        string?[] lines =
        [
            PublicKey is null ? "# Secret." : $"# Secret, but for the public key. Clients pin: {PublicKey}",
            IdentityKey is null ? null : $"actorpeer.server.identity-key = \"{IdentityKey}\"",
            TokenKey is null ? null : $"actorpeer.server.token-keys {{ \"{TokenId}\" = \"{TokenKey}\" }}",
            TicketKey is null ? null : $"actorpeer.resume.ticket-keys = [\"{TicketKey}\"]",
        ];
        return string.Join(Environment.NewLine, lines.Where(line => line is not null));
    }

    private static string Key()
    {
        var key = new byte[32];
        SystemRandomSource.Instance.Fill(key);
        var text = Convert.ToBase64String(key);
        CryptographicOperations.ZeroMemory(key);
        return text;
    }
}
