using System.Text;
using Peer.Actors;
using Peer.Protocol;
using Peer.Protocol.Crypto;
using Peer.Protocol.Delivery;
using Peer.Protocol.Handshake;
using Peer.Protocol.Wire;
using Peer.Tests.Stories;
using Peer.Tests.Wire;
using Xunit.Abstractions;

namespace Peer.Tests.Attacks;

/// <summary>What no attacker may learn or write: keys, timings, logs.</summary>
public sealed class HouseRules(ITestOutputHelper output)
{
    [Fact]
    [Trait("Attack", "19")]
    public void Chance_is_the_operating_systems_and_secrets_are_compared_in_constant_time()
    {
        var sources = SourceFiles.Of("Peer.Protocol", "Peer.Actors");
        Assert.Equal(["Peer.Actors/SystemRandomSource.cs"], sources.Where(source => source.Text.Contains("RandomNumberGenerator", StringComparison.Ordinal)).Select(source => source.Name));
        Assert.DoesNotContain(sources, source => source.Text.Contains("new Random(", StringComparison.Ordinal) || source.Text.Contains("Random.Shared", StringComparison.Ordinal));
        var cookies = sources.Single(source => source.Name.EndsWith("CookieSecrets.cs", StringComparison.Ordinal)).Text;
        Assert.Contains("FixedTimeEquals", cookies, StringComparison.Ordinal);
        Assert.DoesNotContain("SequenceEqual", cookies, StringComparison.Ordinal);

        // Where bytes of others are compared in the plain way they are no secrets: nonces that travel in clear, and public keys.
        var plain = sources.Where(source => source.Text.Contains("SequenceEqual", StringComparison.Ordinal)).Select(source => Path.GetFileName(source.Name)).Order();
        Assert.Equal(["ClientHandshake.cs"], plain);
    }

    [Fact]
    [Trait("Attack", "20")]
    public void Keys_are_zeros_once_they_are_no_longer_needed()
    {
        var keys = new SessionKeys([1, 2], [3], [4, 5], [6]);
        keys.Dispose();
        Assert.All((byte[][])[keys.ClientKey, keys.ClientIv, keys.ServerKey, keys.ServerIv], bytes => Assert.All(bytes, value => Assert.Equal(0, value)));

        var sources = SourceFiles.Of("Peer.Protocol", "Peer.Actors");
        foreach (var file in (string[])["SessionKeys.cs", "HandshakeSecret.cs", "TokenSeal.cs", "ServerHandshake.cs", "ClientHandshake.cs", "ServerIdentity.cs", "PacketProtection.cs"])
            Assert.Contains("ZeroMemory", sources.Single(source => Path.GetFileName(source.Name) == file).Text, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Attack", "20")]
    public void The_log_holds_no_secret_and_nothing_raw_of_an_attackers()
    {
        var port = Arena.FreePort();
        using var fortress = new Fortress(
            output, "akka.loglevel = DEBUG\n" + TokenAttacks.Settings(port), port: port, ticket: () => new ClientOptions { Token = TokenAttacks.Token(port).ToString() });
        using var log = new LogCapture(fortress.Island, all: true);
        const string Evil = "evil\r\n[WARNING] all is well \u001b[2J\u202E";
        var secrets = new List<string> { Convert.ToBase64String([.. Enumerable.Range(50, 32).Select(i => (byte)i)]) };
        using var stranger = new Stranger(port);
        for (var i = 0; i < 30; i++)
        {
            var token = TokenAttacks.Token(port);
            secrets.Add(token.ToString());
            secrets.Add(Convert.ToBase64String(token.Secret));
            Hellos.AskInFull(stranger, Hellos.Of(i, token.PrivatePart.ToArray()) with { ApplicationData = Encoding.UTF8.GetBytes(Evil) });
            using var forger = new Forger(port, token.ToString());
            fortress.Until(() => fortress.Server.Knows(forger.Offer.PeerId), "the forger is in");
            if (i % 2 == 0)
            {
                var close = new byte[CloseFrame.MaxSize];
                forger.Send(close[..CloseFrame.Write(close, new DisconnectInfo((DisconnectReason)200, Evil, Encoding.UTF8.GetBytes(Evil)))]);
            }
            else
            {
                forger.Send(Delivery.Messages.Encode(new OutboundFrame { Key = SequenceKey.Control, Sequence = 0, Payload = Delivery.Messages.RunBytes(Encoding.UTF8.GetBytes(Evil)) }));
            }

            fortress.Until(() => fortress.Server.Signals.Contains($"-{forger.Offer.PeerId}"), "it is gone");
        }

        fortress.Undisturbed();
        Assert.NotEmpty(log.Lines);
        Assert.All(log.Lines, line =>
        {
            Assert.DoesNotContain("evil\r", line, StringComparison.Ordinal);
            Assert.DoesNotContain(line, c => c is '\u001b' or '\u202E');
            Assert.DoesNotContain(secrets, secret => line.Contains(secret, StringComparison.Ordinal));
        });

        // The text that users are given, and may log themselves, is plain too.
        Assert.Contains(fortress.Server.Reasons, info => info.Text.StartsWith("evil  [WARNING]", StringComparison.Ordinal));
        Assert.All(fortress.Server.Reasons, info => Assert.DoesNotContain(info.Text, char.IsControl));
        Assert.Contains(log.Lines, line => line.Contains("broke the protocol", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Attack", "20")]
    public void Nothing_that_simulates_a_bad_network_is_part_of_what_is_deployed()
    {
        var deployed = System.Reflection.Assembly.Load("Peer.Node").GetReferencedAssemblies().Concat(typeof(PeerManager).Assembly.GetReferencedAssemblies()).Select(name => name.Name);
        Assert.DoesNotContain("Peer.TestKit", deployed);
        Assert.DoesNotContain("Peer.Lab", deployed);
    }
}
