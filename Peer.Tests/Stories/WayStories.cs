using Peer.Protocol;
using Xunit.Abstractions;

namespace Peer.Tests.Stories;

/// <summary>Whatever way datagrams and actors take, the peers notice nothing.</summary>
public sealed class WayStories(ITestOutputHelper output)
{
    [Theory]
    [InlineData("offload = on")]
    [InlineData("offload = off")]
    [InlineData("receive-path = akka-io, actorpeer.transport.offload = on")]
    [InlineData("receive-path = akka-io, actorpeer.transport.offload = off")]
    [InlineData("send-path = akka-io")]
    [InlineData("offload = on, actorpeer.dispatcher = actorpeer.default-dispatcher")]
    public void Bursts_and_large_messages_arrive_both_ways(string way)
    {
        using var arena = new Arena(output, $"akka.loglevel = OFF, actorpeer.transport.{way}");
        var server = arena.Serve();
        var client = arena.Join(server);
        var large = new string('x', 300_000);
        for (var i = 0; i < 1000; i++)
        {
            Assert.Equal(Error.Ok, client.Say($"{i}", 1));
            Assert.Equal(Error.Ok, server.Say($"{i}", client.Id));
            if (i % 200 != 0)
                continue;
            Assert.Equal(Error.Ok, client.Say(large, 1));
            Assert.Equal(Error.Ok, server.Say(large, client.Id));
        }

        arena.Until(() => server.Packets.Count == 1005 && client.Packets.Count == 1005, "all arrive");
        var expected = Enumerable.Range(0, 1000).SelectMany(i => i % 200 == 0 ? [$"{i}", large] : (string[])[$"{i}"]).ToArray();
        Assert.Equal(expected, server.Heard(client.Id));
        Assert.Equal(expected, client.Heard(1));
    }
}
