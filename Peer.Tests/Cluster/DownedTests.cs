using Peer.Cluster;

namespace Peer.Tests.Cluster;

/// <summary>A node loses a partition.</summary>
[Collection(ClusterTests.Name)]
public sealed class DownedTests
{
    [Fact]
    public async Task A_node_that_is_put_out_of_the_cluster_closes_its_rooms_and_sends_its_players_to_the_others()
    {
        await using var nodes = await TestNodes.StartAsync(3);
        for (var player = 0; player < 6; player++)
            nodes.Join(nodes.All[0], $"room{player / 2}");
        await nodes.ConnectedAsync();
        await nodes.UntilAsync(() => PeerCluster.Get(nodes.All[0].System).Nodes.Count(node => node.Door.Length > 0) == 3, "all doors are known");
        var ids = nodes.Players.Select(player => player.Id).ToArray();

        nodes.All[1].Cluster.Down(nodes.All[0].Cluster.SelfAddress);
        await nodes.UntilAsync(() => nodes.All[0].System.WhenTerminated.IsCompleted, "the node ends");
        var answers = nodes.Players.Select(player => player.Answers).ToArray();
        foreach (var player in nodes.Players)
            player.IsTalking = true;
        await nodes.UntilAsync(() => nodes.Players.Zip(answers).All(pair => pair.First.Answers > pair.Second + 5), "all play on");
        Assert.Equal(ids, nodes.Players.Select(player => player.Peer.GetUniqueId()));
        Assert.All(nodes.Players, player => Assert.DoesNotContain(player.Told, told => told.StartsWith("out", StringComparison.Ordinal)));
    }
}
