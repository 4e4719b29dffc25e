using System.Security.Cryptography;
using System.Text;
using Peer.Protocol;
using Peer.Protocol.Handshake;

namespace Peer.Tests.Docs;

public sealed class TokenBackend(byte keyId, byte[] sharedKey)
{
    private readonly ConnectTokenIssuer _issuer = new(keyId, sharedKey, "my-game", new OperatingSystemRandom());

    public string TokenFor(ulong player, string rank)
    {
        var token = _issuer.Issue(
            clientId: player,
            endpoints: ["play.example.org:7777"],
            nowUnixSeconds: DateTimeOffset.UtcNow.ToUnixTimeSeconds(),
            lifetime: TimeSpan.FromMinutes(2),
            userData: Encoding.UTF8.GetBytes(rank));
        return token.ToString();
    }

    private sealed class OperatingSystemRandom : IRandomSource
    {
        public void Fill(Span<byte> bytes) => RandomNumberGenerator.Fill(bytes);
    }
}
