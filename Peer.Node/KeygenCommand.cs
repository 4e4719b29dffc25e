using System.CommandLine;

namespace Peer.Node;

/// <summary><c>keygen</c>: the secrets of servers, made once and kept.</summary>
internal static class KeygenCommand
{
    private const string Guide = """
        The identity key proves to clients that they speak with your server: it goes into actorpeer.server.identity-key, and clients pin the public key.
        The token key is shared by your backend, which mints connect tokens with it, and your servers, which open them: it goes into
        actorpeer.server.token-keys under its id. To change it, run keygen with another --token-id, let the servers know both, then let the backend
        use the new one, and take the old one away when the last token under it has expired.
        The ticket key is shared by the nodes of a cluster: under it each of them knows the clients of the others. It goes into actorpeer.resume.ticket-keys. To change it,
        let all nodes know both, then put the new one first, and take the old one away after actorpeer.resume.ticket-lifetime.

        A server that has token keys must be told its names in tokens, too (actorpeer.server.token-servers). --only leaves out what you do not want; it may
        be said more than once.

        With --out the secrets go into a file that its owner alone may read and write (mode 0600), never over one that exists, and only the public key
        is printed. In HOCON, include it: include file("/etc/game/server-keys.conf").

        Examples:
          Peer.Node keygen
          Peer.Node keygen --out server-keys.conf
          Peer.Node keygen --only tickets --out keys.conf
          Peer.Node keygen --json --token-id 2 > keys.json

        Exit codes: 0 done; 1 the file exists or cannot be written; 2 wrong usage.
        """;

    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "JSON in place of HOCON" };
        var path = new Option<string?>("--out") { Description = "File for the secrets, made with mode 0600", HelpName = "FILE" };
        var tokenId = new Option<int>("--token-id") { Description = "Id of the token key, 0 .. 255", HelpName = "N", DefaultValueFactory = _ => 1 }
            .Within(0, byte.MaxValue);
        var only = new Option<string[]>("--only") { Description = "Make this alone: identity, tokens or tickets", HelpName = "PART" };
        only.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => !ServerKeys.Parts.Contains(token.Value)))
                result.AddError($"--only takes {string.Join(", ", ServerKeys.Parts)}, not {token.Value}");
        });
        var command = new GuidedCommand("keygen", "Makes the secrets of servers: an identity that clients can pin, a key for connect tokens, and one for the tickets of a cluster.", Guide) { json, path, tokenId, only };
        command.SetAction(result => Make(
            result.GetValue(json), result.GetValue(path), result.GetValue(tokenId), result.GetValue(only) is { Length: > 0 } parts ? parts : ServerKeys.Parts, result.InvocationConfiguration));
        return command;
    }

    private static int Make(bool json, string? path, int tokenId, string[] parts, InvocationConfiguration console)
    {
        var keys = ServerKeys.Make(tokenId, parts);
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

        console.Output.WriteLine((json, keys.PublicKey) switch
        {
            (true, _) => ServerKeys.Json(("public_key", keys.PublicKey), ("file", path)),
            (false, null) => $"secrets: {path}",
            _ => $"public key: {keys.PublicKey}\nsecrets: {path}",
        });
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
}
