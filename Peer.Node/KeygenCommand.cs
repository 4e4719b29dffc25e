using System.CommandLine;
using System.Security.Cryptography;
using System.Text.Json;
using Peer.Actors;
using Peer.Protocol.Crypto;

namespace Peer.Node;

/// <summary><c>keygen</c>: the secrets of a server, made once and kept.</summary>
internal static class KeygenCommand
{
    private const string Guide = """
        The identity key proves to clients that they speak with your server: it goes into actorpeer.server.identity-key, and clients pin the public key.
        The token key is shared by your backend, which mints connect tokens with it, and your servers, which open them: it goes into
        actorpeer.server.token-keys under its id. To change it, run keygen with another --token-id, let the servers know both, then let the backend
        use the new one, and take the old one away when the last token under it has expired.

        With --out the secrets go into a file that its owner alone may read and write (mode 0600), never over one that exists, and only the public key
        is printed. In HOCON, include it: include file("/etc/game/server-keys.conf").

        Examples:
          Peer.Node keygen
          Peer.Node keygen --out server-keys.conf
          Peer.Node keygen --json --token-id 2 > keys.json

        Exit codes: 0 done; 1 the file exists or cannot be written; 2 wrong usage.
        """;

    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "JSON in place of HOCON" };
        var path = new Option<string?>("--out") { Description = "File for the secrets, made with mode 0600", HelpName = "FILE" };
        var tokenId = new Option<int>("--token-id") { Description = "Id of the token key, 0 .. 255", HelpName = "N", DefaultValueFactory = _ => 1 }
            .Within(0, byte.MaxValue);
        var command = new GuidedCommand("keygen", "Makes the secrets of a server: an identity that clients can pin, and a key for connect tokens.", Guide) { json, path, tokenId };
        command.SetAction(result => Make(result.GetValue(json), result.GetValue(path), result.GetValue(tokenId), result.InvocationConfiguration));
        return command;
    }

    private static int Make(bool json, string? path, int tokenId, InvocationConfiguration console)
    {
        using var identity = ServerIdentity.Generate(SystemRandomSource.Instance);
        var tokenKey = new byte[32];
        SystemRandomSource.Instance.Fill(tokenKey);
        var keys = new ServerKeys(identity.PublicKeyText, identity.ExportPkcs8Base64(), tokenId, Convert.ToBase64String(tokenKey));
        CryptographicOperations.ZeroMemory(tokenKey);
        var text = json ? keys.ToJson() : keys.ToHocon();
        if (path is null)
        {
            console.Output.WriteLine(text);
            return ExitCode.Ok;
        }

        try
        {
            WriteForOwner(path, text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            console.Error.WriteLine($"cannot write {path}: {e.Message}");
            return ExitCode.Failed;
        }

        console.Output.WriteLine(json ? JsonSerializer.Serialize(new { public_key = keys.PublicKey, file = path }) : $"public key: {keys.PublicKey}\nsecrets: {path}");
        return ExitCode.Ok;
    }

    /// <summary>The mode is given to the file as it is made: there is no moment in which others could open it.</summary>
    private static void WriteForOwner(string path, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new StreamWriter(path, options);
        file.WriteLine(text);
    }

    private sealed record ServerKeys(string PublicKey, string IdentityKey, int TokenId, string TokenKey)
    {
        public string ToHocon() => $$"""
            # Secret, but for the public key. Clients pin: {{PublicKey}}
            actorpeer.server {
              identity-key = "{{IdentityKey}}"
              token-keys { "{{TokenId}}" = "{{TokenKey}}" }
            }
            """;

        public string ToJson() => JsonSerializer.Serialize(new { public_key = PublicKey, identity_key = IdentityKey, token_key_id = TokenId, token_key = TokenKey });
    }
}
