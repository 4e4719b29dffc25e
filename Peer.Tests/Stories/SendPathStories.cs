using Peer.Actors;
using Peer.Protocol;
using Xunit.Abstractions;

namespace Peer.Tests.Stories;

/// <summary>The core of what a game does, over every way in which datagrams can leave and arrive.</summary>
public sealed class SendPathStories(ITestOutputHelper output)
{
    [Theory]
    [InlineData("captured-socket", "on", "127.0.0.1")]
    [InlineData("captured-socket", "off", "127.0.0.1")]
    [InlineData("akka-io", "on", "127.0.0.1")]
    [InlineData("akka-io", "off", "127.0.0.1")]
    [InlineData("captured-socket", "on", "::1")]
    [InlineData("captured-socket", "off", "::1")]
    [InlineData("akka-io", "on", "::1")]
    [InlineData("akka-io", "off", "::1")]
    public void A_whole_game_goes_over_it(string path, string offload, string host)
    {
        using var arena = new Arena(output, $"actorpeer.transport {{ send-path = {path}, offload = {offload} }}");
        var plain = arena.NewSystem("");
        var server = arena.Serve(new ServerOptions { BindAddress = host });
        var a = arena.Join(server, host: host);
        var b = arena.Join(server, host: host, system: plain);
        arena.Meet(server, a, b);
        var large = SizeStories.Pattern(2 << 20, 1);

        Assert.Equal(Error.Ok, a.Put(large, b.Id, 1));
        Assert.Equal(Error.Ok, server.Put(large, 0, 2));
        for (var i = 0; i < 1000; i++)
        {
            Assert.Equal(Error.Ok, a.Say($"{i}"));
            Assert.Equal(Error.Ok, b.Say($"{i}", 1));
        }

        arena.Until(() => a.Packets.Count == 1 && b.Packets.Count == 1002 && server.Packets.Count == 2000, "all arrive");
        Assert.All(a.Packets.Concat(b.Packets).Where(packet => packet.Channel != 0), packet => Assert.True(large.AsSpan().SequenceEqual(packet.Payload)));
        foreach (var one in (Player[])[a, b])
            Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"{i}"), server.Heard(one.Id));

        var id = a.Id;
        server.Peer.DisconnectPeer(id);
        arena.Until(() => a.Signals.Contains("server gone") && b.Signals.Contains($"-{id}"), "it is kicked");
        server.Peer.Close();
        arena.Until(() => b.Signals.Contains("server gone"), "the server closes");
        Assert.Equal(DisconnectReason.Closed, b.Peer.LastDisconnect.Reason);
    }
}
