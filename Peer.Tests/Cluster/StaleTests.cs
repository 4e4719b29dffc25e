using System.Net;
using Akka.Actor;
using Peer.Cluster;
using Peer.Cluster.Rooms;

namespace Peer.Tests.Cluster;

/// <summary>A room is open on a node that its cluster no longer believes to have it, as after a partition that nobody resolved.</summary>
[Collection(ClusterTests.Name)]
public sealed class StaleTests
{
    [Fact]
    public async Task A_room_that_opens_elsewhere_takes_over_from_an_older_incarnation_with_its_players_and_all_it_knows()
    {
        await using var nodes = await TestNodes.StartAsync(2);
        var (old, other) = (nodes.All[0], nodes.All[1]);

        // No shard region knows of this one.
        var stale = old.System.ActorOf(RoomEntity.Props(PeerCluster.Get(old.System).World, "room"));
        var ended = stale.WatchAsync();
        var endpoint = IPEndPoint.Parse((await TestNodes.OnlyRoomAsync(old)).Endpoint);
        await nodes.UntilAsync(() => old.Rooms == 1, "its node tells of it");
        nodes.Join(endpoint, "room");
        nodes.Join(endpoint, "room");
        await nodes.ConnectedAsync();
        nodes.Talk();
        await nodes.AnsweredAsync();
        var ids = nodes.Players.Select(player => player.Id).ToArray();

        // The cluster opens the room where there is less to do.
        nodes.Join(other, "room");
        await nodes.ConnectedAsync();
        nodes.Talk();
        await nodes.AnsweredAsync();
        await nodes.SettleAsync();

        Assert.Equal(["room opened", "room moved"], nodes.Ledger.Told.Where(told => told.StartsWith("room ", StringComparison.Ordinal)));
        Assert.Equal(ids, nodes.Players.Take(2).Select(player => player.Peer.GetUniqueId()));
        Assert.All(nodes.Players, player => Assert.DoesNotContain(player.Told, told => told[0] is '-' or '!' or 'o'));
        Assert.DoesNotContain(nodes.Ledger.Told, line => line.Contains('-', StringComparison.Ordinal));
        await ended.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Empty(await old.ListAsync());
        Assert.Equal("room", Assert.Single(await other.ListAsync()).Key);
    }
}
