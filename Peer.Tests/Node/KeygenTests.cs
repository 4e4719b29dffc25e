using System.Text.Json;
using Akka.Configuration;
using Peer.Actors;
using Peer.Actors.Settings;
using Peer.Node;
using Peer.Protocol.Crypto;
using Peer.Protocol.Handshake;

namespace Peer.Tests.Node;

public sealed class KeygenTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("actorpeer-keygen-").FullName;

    [Fact]
    public void The_keys_are_configuration_that_a_server_takes_and_tokens_under_them_open()
    {
        var (code, output, error) = Run("keygen", "--token-id", "7");
        Assert.Equal((0, ""), (code, error));
        var settings = Parse(output);
        var publicKey = output.Split("pin: ")[1].Split('\n')[0].Trim();
        Assert.Equal(publicKey, settings.Server.Identity!.PublicKeyText);
        Assert.True(ServerIdentity.TryParsePublicKey(publicKey, out _));
        var token = new ConnectTokenIssuer(7, settings.Server.TokenKeys[7], "actorpeer", SystemRandomSource.Instance).Issue(1, ["a:1"], 100, TimeSpan.FromSeconds(9), default);
        Assert.Equal(32, Assert.Single(settings.Resume.TicketKeys).Length);
        Assert.True(TokenSeal.TryOpen(token.PrivatePart, settings.Server.TokenKeys[7], HandshakeFormat.ApplicationId("actorpeer"), out _));
    }

    [Fact]
    public void Json_says_the_same_for_programs()
    {
        var (code, output, _) = Run("keygen", "--json");
        Assert.Equal(0, code);
        using var json = JsonDocument.Parse(output);
        using var identity = ServerIdentity.Parse(json.RootElement.GetProperty("identity_key").GetString()!);
        Assert.Equal(json.RootElement.GetProperty("public_key").GetString(), identity.PublicKeyText);
        Assert.Equal(32, Convert.FromBase64String(json.RootElement.GetProperty("token_key").GetString()!).Length);
        Assert.Equal(1, json.RootElement.GetProperty("token_key_id").GetInt32());
        Assert.Equal(32, Convert.FromBase64String(json.RootElement.GetProperty("ticket_key").GetString()!).Length);
    }

    [Fact]
    public void Only_what_is_asked_for_is_made()
    {
        var (code, output, error) = Run("keygen", "--only", "tickets");
        Assert.Equal((0, ""), (code, error));
        Assert.DoesNotContain("server", output, StringComparison.Ordinal);
        var settings = Parse(output);
        Assert.Equal((null, 0, 1), (settings.Server.Identity, settings.Server.TokenKeys.Count, settings.Resume.TicketKeys.Count));

        using var json = JsonDocument.Parse(Run("keygen", "--json", "--only", "tokens", "--only", "identity").Output);
        Assert.Equal(["identity_key", "public_key", "token_key", "token_key_id"], json.RootElement.EnumerateObject().Select(field => field.Name).Order(StringComparer.Ordinal));

        var path = Path.Combine(_folder, "tickets.conf");
        Assert.Equal($"secrets: {path}", Run("keygen", "--only", "tickets", "--out", path).Output.Trim());
        Assert.Single(Parse(File.ReadAllText(path)).Resume.TicketKeys);

        Assert.Equal(2, Run("keygen", "--only", "passwords").Code);
    }

    [Fact]
    public void A_file_is_for_its_owner_alone_is_never_written_over_and_its_secrets_are_not_printed()
    {
        var path = Path.Combine(_folder, "server-keys.conf");
        var (code, output, _) = Run("keygen", "--out", path);
        Assert.Equal(0, code);
        var text = File.ReadAllText(path);
        Assert.NotNull(Parse(text).Server.Identity);
        Assert.All(text.Split('"').Where(part => part.Length > 40), secret => Assert.DoesNotContain(secret, output, StringComparison.Ordinal));
        Assert.Contains(Parse(text).Server.Identity!.PublicKeyText, output, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));

        var (again, _, error) = Run("keygen", "--out", path);
        Assert.Equal(1, again);
        Assert.Contains(path, error, StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(path));
    }

    [Fact]
    public void No_two_runs_make_the_same_keys() =>
        Assert.Equal(5, Enumerable.Range(0, 5).Select(_ => Run("keygen").Output).Distinct().Count());

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static ActorPeerSettings Parse(string hocon) =>
        ActorPeerSettings.Parse(ConfigurationFactory.ParseString(hocon + "\nactorpeer.server.token-servers = [\"a:1\"]").WithFallback(ActorPeer.DefaultConfig));

    private static (int Code, string Output, string Error) Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        return (NodeProgram.Run(arguments, output, error), output.ToString(), error.ToString());
    }
}
