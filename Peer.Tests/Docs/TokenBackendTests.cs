using System.Runtime.CompilerServices;
using Peer.Protocol.Handshake;

namespace Peer.Tests.Docs;

/// <summary>The sample of docs/security.md is code that runs, and needs nothing but Peer.Protocol.</summary>
public sealed class TokenBackendTests
{
    [Fact]
    public void The_page_shows_this_very_code()
    {
        var page = File.ReadAllText(Path.Combine(Here(), "..", "..", "docs", "security.md")).ReplaceLineEndings("\n");
        var code = File.ReadAllText(Path.Combine(Here(), "TokenBackend.cs")).ReplaceLineEndings("\n").Replace("namespace Peer.Tests.Docs;\n\n", "", StringComparison.Ordinal).Trim();
        Assert.Contains(code, page, StringComparison.Ordinal);
        Assert.DoesNotContain("Peer.Actors", code, StringComparison.Ordinal);
        Assert.DoesNotContain("Akka", code, StringComparison.Ordinal);
    }

    [Fact]
    public void Its_token_opens_under_the_shared_key_and_says_who_the_player_is()
    {
        byte[] key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        Assert.True(ConnectToken.TryParse(new TokenBackend(3, key).TokenFor(99, "captain"), out var token));
        Assert.True(TokenSeal.TryOpen(token.PrivatePart, key, HandshakeFormat.ApplicationId("my-game"), out var opened));
        Assert.Equal(99UL, opened.ClientId);
        Assert.Equal("captain"u8.ToArray(), opened.UserData);
        Assert.True(opened.IsFor(["PLAY.example.org:7777"]));
    }

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
