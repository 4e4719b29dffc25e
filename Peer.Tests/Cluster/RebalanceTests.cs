namespace Peer.Tests.Cluster;

/// <summary>A node comes late and takes its share.</summary>
[Collection(ClusterTests.Name)]
public sealed class RebalanceTests
{
    [Fact]
    public async Task Rooms_go_to_a_node_that_joins_later_and_nobody_notices()
    {
        // So many that hardly two of the rooms are in one lot: of five or six lots on each node, two or three go to the new one.
        await using var nodes = await TestNodes.StartAsync(2, "actorpeer.cluster.shards = 100");
        for (var room = 0; room < 12; room++)
        {
            foreach (var node in nodes.All)
                nodes.Join(node, $"room{room}");
        }

        await nodes.ConnectedAsync();
        nodes.Talk();
        await nodes.AnsweredAsync();
        var ids = nodes.Players.Select(player => player.Id).ToArray();
        var told = nodes.Players.Select(player => player.Told.ToArray()).ToArray();

        var late = await nodes.AddAsync();
        await nodes.UntilAsync(() => late.Rooms >= 2, "the new node has rooms");
        await nodes.AnsweredAsync();
        await nodes.SettleAsync();

        Assert.Equal(12, nodes.Ledger.Told.Count(line => line.EndsWith(" opened", StringComparison.Ordinal)));
        Assert.InRange(nodes.Ledger.Told.Count(line => line.EndsWith(" moved", StringComparison.Ordinal)), 2, 12);
        Assert.Equal(ids, nodes.Players.Select(player => player.Peer.GetUniqueId()));

        // Their idle time-out is so short here that a slow machine may interrupt somebody; a leave, a join or a restart is the hand-over's.
        Assert.Equal(told, nodes.Players.Select(player => player.Told.Where(line => line[0] is not ('~' or '=')).ToArray()));
        Assert.DoesNotContain(nodes.Ledger.Told, line => line.Contains('-', StringComparison.Ordinal));
    }
}
