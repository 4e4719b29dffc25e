using Peer.Cluster;
using Peer.Node.Cluster;
using Peer.Node.Status;
using Peer.Tests.Facade;

namespace Peer.Tests.Cluster;

/// <summary>What the page of a clustered node knows.</summary>
[Collection(ClusterTests.Name)]
public sealed class ClusterNodeTests
{
    [Fact]
    public async Task Each_node_lists_the_players_of_its_own_rooms_and_no_more_than_it_is_asked_for()
    {
        await using var nodes = await TestNodes.StartAsync(2);
        for (var room = 0; room < 6; room++)
        {
            nodes.Join(nodes.All[0], $"room{room}");
            nodes.Join(nodes.All[1], $"room{room}");
        }

        await nodes.ConnectedAsync();
        using var first = new ClusterNode(TimeProvider.System);
        using var second = new ClusterNode(TimeProvider.System);
        first.Watch(nodes.All[0].System);
        second.Watch(nodes.All[1].System);
        var (one, other) = (new Onlooker(first), new Onlooker(second));
        nodes.Talk();
        await nodes.UntilAsync(
            () => one.Peers.Concat(other.Peers).ToArray() is { Length: 12 } peers && peers.All(peer => peer is { RoundTripMs: > 0, BytesInPerSecond: > 0, BytesOutPerSecond: > 0 }),
            "both know of their players");

        Assert.Equal(nodes.Players.Select(player => (player.Room, player.Id)).Order(), one.Peers.Concat(other.Peers).Select(peer => (peer.Room, peer.Id)).Order());
        await nodes.UntilAsync(() => one.Rooms.Count == 6 && other.Rooms.Count == 6, "both know of all rooms");
        foreach (var (view, node) in new[] { (one, nodes.All[0]), (other, nodes.All[1]) })
        {
            var own = (await node.ListAsync()).Select(room => room.Key).ToArray();
            Assert.Equal(own, view.Peers.Select(peer => peer.Room).Distinct());
            Assert.All(view.Rooms, room => Assert.Equal(own.Contains(room.Name), room is { RoundTripMs: > 0, Loss: >= 0 }));
            var few = await PeerCluster.Get(node.System).FindPeersAsync(3);
            Assert.Equal(view.Peers.Take(3).Select(peer => (peer.Room, peer.Id)), few.Select(peer => (peer.Room, peer.Peer)));
        }

        var gone = nodes.Players[0];
        gone.Peer.Close();
        await nodes.UntilAsync(() => one.Peers.Concat(other.Peers).Count() == 11, "one has left");
        Assert.DoesNotContain(one.Peers.Concat(other.Peers), peer => peer.Id == gone.Id);
    }

    [Fact]
    public async Task Rooms_and_players_are_looked_for_when_somebody_asks_and_at_most_once_a_second_and_health_does_not_ask()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        var time = new ManualTime();
        using var node = new ClusterNode(time);
        Assert.Same(NodeReading.Nothing, await ReadAsync(node));
        node.Watch(nodes.All[0].System);
        node.State = NodeState.Ready;
        await JoinAsync(nodes, "early");
        var seen = await ReadAsync(node);
        Assert.Equal("early", Assert.Single(seen.Rooms).Name);
        Assert.Equal("early", Assert.Single(seen.Peers).Room);

        // Its time stands still.
        await JoinAsync(nodes, "late");
        Assert.Same(seen.Rooms, (await ReadAsync(node)).Rooms);
        time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Same(seen.Peers, (await ReadAsync(node)).Peers);
        time.Advance(TimeSpan.FromMilliseconds(1));
        seen = await ReadAsync(node);
        Assert.Equal(["early", "late"], seen.Rooms.Select(room => room.Name).Order());
        Assert.Equal(["early", "late"], seen.Peers.Select(peer => peer.Room));

        Assert.Null(node.Illness);
        await nodes.All[0].System.Terminate();
        Assert.Equal("the actor system has ended", node.Illness);
        Assert.Same(NodeReading.Nothing, await ReadAsync(node));
    }

    [Fact]
    public async Task A_node_without_players_says_so_at_once()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        Assert.Empty(await PeerCluster.Get(nodes.All[0].System).FindPeersAsync(10).WaitAsync(TimeSpan.FromSeconds(60)));
    }

    /// <summary>Somebody joins, and the node knows it.</summary>
    private static async Task JoinAsync(TestNodes nodes, string room)
    {
        nodes.Join(nodes.All[0], room);
        await nodes.UntilAsync(() => PeerCluster.Get(nodes.All[0].System).Nodes.Single().Peers == nodes.Players.Count, "the node knows of all players");
    }

    private static Task<NodeReading> ReadAsync(ClusterNode node) => node.ReadAsync(CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(20));

    /// <summary>Asks again as soon as it has an answer, as a page does.</summary>
    private sealed class Onlooker(ClusterNode node)
    {
        private NodeReading _seen = NodeReading.Nothing;
        private Task<NodeReading>? _asked;

        public IReadOnlyList<PeerStatus> Peers => Look().Peers;

        public IReadOnlyList<RoomStatus> Rooms => Look().Rooms;

        private NodeReading Look()
        {
            if (_asked is { IsCompleted: true })
            {
                _seen = _asked.GetAwaiter().GetResult();
                _asked = null;
            }

            _asked ??= ReadAsync(node);
            return _seen;
        }
    }
}
