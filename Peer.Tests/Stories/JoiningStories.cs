using Peer.Actors;
using Peer.Protocol;
using Xunit.Abstractions;

namespace Peer.Tests.Stories;

public sealed class JoiningStories(ITestOutputHelper output)
{
    [Fact]
    public void A_client_hears_the_server_then_success_then_everybody_who_is_there()
    {
        using var arena = new Arena(output);
        var server = arena.Serve();
        var first = arena.Join(server);
        var second = arena.Join(server);
        arena.Until(() => first.Knows(second.Id) && second.Knows(first.Id), "the clients hear of each other");

        Assert.Equal(["+1", "succeeded", $"+{second.Id}"], first.Signals);
        Assert.Equal(["+1", "succeeded", $"+{first.Id}"], second.Signals);
        Assert.Equal([$"+{first.Id}", $"+{second.Id}"], server.Signals);
        Assert.Equal(1, server.Id);
        Assert.True(server.Peer.IsServer());
        Assert.False(first.Peer.IsServer());
        Assert.True(first.Peer.IsServerRelaySupported());
        Assert.InRange(first.Id, 2, int.MaxValue);
    }

    [Fact]
    public void Everybody_exchanges_packets_with_everybody_in_every_mode()
    {
        using var arena = new Arena(output);
        var server = arena.Serve();
        var first = arena.Join(server);
        var second = arena.Join(server);
        arena.Until(() => first.Knows(second.Id) && second.Knows(first.Id), "the clients hear of each other");

        foreach (var mode in Enum.GetValues<TransferMode>())
        {
            Assert.Equal(Error.Ok, server.Say($"server {mode}", mode: mode));
            Assert.Equal(Error.Ok, first.Say($"first {mode}", mode: mode));
            Assert.Equal(Error.Ok, second.Say($"second {mode}", first.Id, mode: mode));
        }

        arena.Until(() => server.Packets.Count == 3 && first.Packets.Count == 6 && second.Packets.Count == 6, "all packets arrive");
        Assert.All(first.Packets.Where(packet => packet.Peer == second.Id), packet => Assert.StartsWith("second", packet.Text, StringComparison.Ordinal));
    }
}
