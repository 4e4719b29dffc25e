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
            Speech.Heard(
                arena,
                new Speech(server, $"server {mode}", 0, 0, mode, first, second),
                new Speech(first, $"first {mode}", 0, 0, mode, server, second),
                new Speech(second, $"second {mode}", first.Id, 0, mode, first));
        }

        Assert.Equal([3, 6, 6], new[] { server, first, second }.Select(player => player.Packets.Select(packet => packet.Text).Distinct().Count()));
        Assert.All(first.Packets.Where(packet => packet.Peer == second.Id), packet => Assert.StartsWith("second", packet.Text, StringComparison.Ordinal));
    }
}
