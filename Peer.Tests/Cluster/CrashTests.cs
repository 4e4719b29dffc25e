using Peer.Cluster.Rooms;

namespace Peer.Tests.Cluster;

/// <summary>A node dies under its players.</summary>
[Collection(ClusterTests.Name)]
public sealed class CrashTests
{
    [Fact]
    public async Task Players_of_a_node_that_dies_find_their_rooms_elsewhere_and_keep_their_IDs()
    {
        await using var nodes = await TestNodes.StartAsync(3);
        for (var room = 0; room < 4; room++)
        {
            // All ask one door, which is the one that dies.
            nodes.Join(nodes.All[0], $"room{room}");
            nodes.Join(nodes.All[0], $"room{room}");
        }

        await nodes.ConnectedAsync();
        foreach (var player in nodes.Players)
            player.IsTalking = true;
        await nodes.UntilAsync(() => nodes.Players.All(player => player.Answers >= 20), "all are answered");
        var ids = nodes.Players.Select(player => player.Id).ToArray();

        foreach (var player in nodes.Players)
            player.IsTalking = false;
        await nodes.All[0].KillAsync();
        await nodes.UntilAsync(() => nodes.Ledger.Told.Count(told => told.EndsWith(" opened", StringComparison.Ordinal)) > 4, "a room has opened again");
        foreach (var player in nodes.Players)
            player.IsTalking = true;
        var answers = nodes.Players.Select(player => player.Answers).ToArray();
        await nodes.UntilAsync(() => nodes.Players.Zip(answers).All(pair => pair.First.Answers > pair.Second + 20), "all play on");

        Assert.Equal(ids, nodes.Players.Select(player => player.Peer.GetUniqueId()));
        Assert.All(nodes.Players, player => Assert.DoesNotContain(player.Told, told => told[0] == '-' || told.StartsWith("out", StringComparison.Ordinal)));
    }
}
