using Peer.Cluster;
using Peer.Cluster.Rooms;

namespace Peer.Tests.Cluster;

/// <summary>The network between nodes fails, and that of the players does not.</summary>
[Collection(ClusterTests.Name)]
public sealed class PartitionTests
{
    /// <summary>Slow enough that newcomers get in on a busy machine before the cut is noticed.</summary>
    private const string Settings = Partition.Adapter + "\nakka.cluster { split-brain-resolver.stable-after = 3s, failure-detector.acceptable-heartbeat-pause = 4s }";

    [Fact]
    public async Task The_smaller_side_closes_its_rooms_whose_players_go_on_at_the_other_and_no_room_has_two_servers()
    {
        await using var nodes = await TestNodes.StartAsync(3, Settings, ledger => RoomOptions.Of(_ => new LedgerRoom(ledger, isEchoing: true)));
        var (alone, others) = (nodes.All[0], nodes.All.Skip(1).ToArray());
        for (var room = 0; room < 8; room++)
        {
            nodes.Join(nodes.All[room % 3], $"room{room}");
            nodes.Join(nodes.All[(room + 1) % 3], $"room{room}");
        }

        await nodes.ConnectedAsync();
        await nodes.UntilAsync(() => nodes.All.TrueForAll(node => PeerCluster.Get(node.System).Nodes.Count(known => known.Door.Length > 0) == 3), "all doors are known");
        nodes.Talk();
        await nodes.AnsweredAsync();
        var before = (await Task.WhenAll(nodes.All.Select(node => node.ListAsync()))).SelectMany(rooms => rooms).ToArray();
        Assert.Equal(8, before.Length);
        var lost = before.Where(room => room.Node == alone.Cluster.SelfAddress.ToString()).Select(room => room.Key).ToHashSet();
        Assert.InRange(lost.Count, 1, 7);

        await Partition.CutAsync([alone], others);

        // Until it is resolved each room takes in newcomers, by the door of its own node, which need not ask where it is.
        foreach (var room in before)
            nodes.Join(nodes.All.Single(node => node.Cluster.SelfAddress.ToString() == room.Node), room.Key);
        await nodes.ConnectedAsync();
        Assert.False(alone.System.WhenTerminated.IsCompleted, "the newcomers were to be in before the cut is noticed");
        var ids = nodes.Players.Select(player => player.Id).ToArray();
        nodes.Talk();
        await nodes.UntilAsync(() => alone.System.WhenTerminated.IsCompleted, "the node that is alone ends");
        await nodes.AnsweredAsync();

        // Whoever asks now, at either door, comes into the same room.
        foreach (var room in before)
        {
            nodes.Join(others[0], room.Key);
            nodes.Join(others[1], room.Key);
        }

        await nodes.ConnectedAsync();
        nodes.Talk();
        await nodes.AnsweredAsync();
        await nodes.SettleAsync(lost);

        Assert.Equal(ids, nodes.Players.Take(ids.Length).Select(player => player.Id));
        Assert.All(nodes.Players, player => Assert.Equal(player.Id, player.Peer.GetUniqueId()));
        Assert.All(nodes.Players, player => Assert.DoesNotContain(player.Told, told => told[0] == '-' || told.StartsWith("out", StringComparison.Ordinal)));
        Assert.All(nodes.Players, player => Assert.True(lost.Contains(player.Room) || !player.Told.Contains("!1"), $"{player} was not to be disturbed"));
        Assert.All(before, room => Assert.Equal(lost.Contains(room.Key) ? 2 : 1, nodes.Ledger.Told.Count(told => told == $"{room.Key} opened")));
        var after = (await Task.WhenAll(others.Select(node => node.ListAsync()))).SelectMany(rooms => rooms).ToArray();
        Assert.Equal(before.Select(room => room.Key).Order(), after.Select(room => room.Key).Order());
        Assert.All(before.Where(room => !lost.Contains(room.Key)), room => Assert.Contains(after, now => (now.Key, now.Node, now.Endpoint) == (room.Key, room.Node, room.Endpoint)));
    }
}
