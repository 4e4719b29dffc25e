using Akka.Actor;
using PersistentRoom;

namespace Peer.Tests.Cluster;

/// <summary>The sample's room, whose logic is a persistent actor.</summary>
[Collection(ClusterTests.Name)]
public sealed class PersistentRoomTests
{
    [Fact]
    public async Task What_a_player_was_told_is_true_after_a_crash_and_after_a_move()
    {
        await using var nodes = await TestNodes.StartAsync(3, GameNode.Journal.ToString(), _ => ChestRoom.Rooms);

        // The journal is the process's: another run of this test must not find this chest.
        var player = nodes.Join(nodes.All[0], $"chest-{Guid.NewGuid()}");
        await nodes.ConnectedAsync();
        nodes.Talk();
        await MoreAsync(nodes, player);

        await (await HostAsync(nodes)).KillAsync();
        await nodes.UntilAsync(() => player.Told.Contains("!1"), "the room is back");
        await MoreAsync(nodes, player);

        var drained = CoordinatedShutdown.Get((await HostAsync(nodes)).System).Run(CoordinatedShutdown.ClrExitReason.Instance);
        await nodes.UntilAsync(() => drained.IsCompleted, "the node is gone");
        await MoreAsync(nodes, player);

        // Each answer is the whole chest, to which each packet adds more: one that has forgotten something would be smaller than one before.
        Assert.Empty(player.Complaints);
        Assert.Equal(["+1", "!1"], player.Told.Where(told => told[0] is not ('~' or '=')));
    }

    private static Task MoreAsync(TestNodes nodes, Player player)
    {
        var coins = player.Answers;
        return nodes.UntilAsync(() => player.Answers > coins + 1_000, "coins are put in");
    }

    private static async Task<Node> HostAsync(TestNodes nodes)
    {
        var rooms = await Task.WhenAll(nodes.Alive.Select(async node => (Node: node, Rooms: await node.ListAsync())));
        return rooms.Single(node => node.Rooms.Count == 1).Node;
    }
}
