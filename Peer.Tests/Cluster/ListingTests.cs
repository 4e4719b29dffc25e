using Peer.Cluster;
using Peer.Cluster.Listing;
using Peer.Cluster.Rooms;

namespace Peer.Tests.Cluster;

/// <summary>Rooms are found by what they say of themselves, and lie where there is room for them.</summary>
[Collection(ClusterTests.Name)]
public sealed class ListingTests
{
    [Fact]
    public async Task Rooms_of_all_nodes_are_found_by_their_properties_and_are_dealt_to_all_nodes()
    {
        await using var nodes = await TestNodes.StartAsync(3);
        var cluster = PeerCluster.Get(nodes.All[1].System);
        for (var room = 0; room < 12; room++)
            Assert.NotNull(await cluster.OpenRoomAsync($"room{room}", CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60)));
        var visitor = nodes.Join(nodes.All[0], "room7");
        await nodes.UntilAsync(() => visitor.IsConnected && PeerCluster.Get(nodes.All[2].System).Nodes.Sum(node => node.Peers) == 1, "one is in, and known to be");

        var all = await cluster.FindRoomsAsync(new RoomQuery { Where = [new("kind", RoomComparison.Equal, "ledger")], Order = RoomOrder.Key });
        Assert.True(all.IsComplete);
        Assert.Equal(12, all.Rooms.Count);
        Assert.All(nodes.All, node => Assert.InRange(all.Rooms.Count(room => room.Node == node.Cluster.SelfAddress.ToString()), 2, 8));

        var busy = await cluster.FindRoomsAsync(new RoomQuery { Where = [new(RoomCondition.Peers, RoomComparison.AtLeast, 1)] });
        Assert.Equal("room7", Assert.Single(busy.Rooms).Key);
        Assert.Empty((await cluster.FindRoomsAsync(new RoomQuery { Where = [new("kind", RoomComparison.Equal, "race")] })).Rooms);
        var few = await cluster.FindRoomsAsync(new RoomQuery { Limit = 3 });
        Assert.Equal("room7", few.Rooms[0].Key);
        Assert.Equal((3, false), (few.Rooms.Count, few.IsComplete));
    }
}
