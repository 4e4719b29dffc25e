using Akka.Actor;
using Peer.Cluster.Rooms;

namespace Peer.Tests.Cluster;

/// <summary>A node is shut down under its players.</summary>
[Collection(ClusterTests.Name)]
public sealed class DrainTests
{
    /// <summary>The server of a room that moves is silent meanwhile, and however long that is on a busy machine, nobody is to be interrupted.</summary>
    private const string Unhurried = "actorpeer.connection.idle-timeout = 30s";

    [Fact]
    public async Task A_node_that_is_shut_down_hands_its_rooms_over_and_nobody_notices()
    {
        await using var nodes = await TestNodes.StartAsync(3, Unhurried);
        await DrainAsync(nodes, rooms: 6);
    }

    [Fact]
    public async Task A_room_whose_state_is_larger_than_a_message_between_nodes_moves_all_the_same()
    {
        await using var nodes = await TestNodes.StartAsync(2, Unhurried, ledger => RoomOptions.Of(_ => new LedgerRoom(ledger, ballast: 3_000_000)));
        await DrainAsync(nodes, rooms: 2);
    }

    [Fact]
    public async Task The_last_node_tells_its_players_and_does_not_wait_for_a_room_that_has_ended()
    {
        await using var nodes = await TestNodes.StartAsync(1);
        var player = nodes.Join(nodes.All[0], "room");
        await nodes.ConnectedAsync();

        var ended = CoordinatedShutdown.Get(nodes.All[0].System).Run(CoordinatedShutdown.ClrExitReason.Instance);
        await nodes.UntilAsync(() => ended.IsCompleted && player.Told.Exists(line => line.StartsWith("out", StringComparison.Ordinal)), "the node is gone, and its player knows");

        Assert.Contains(player.Told, line => line.StartsWith("out ShuttingDown", StringComparison.Ordinal));
        Assert.DoesNotContain(nodes.Log(), line => line.Contains("HandOffStopMessage", StringComparison.Ordinal));
    }

    private static async Task DrainAsync(TestNodes nodes, int rooms)
    {
        for (var room = 0; room < rooms; room++)
        {
            foreach (var node in nodes.All)
                nodes.Join(node, $"room{room}");
        }

        await nodes.ConnectedAsync();
        foreach (var player in nodes.Players)
            player.IsTalking = true;
        await nodes.UntilAsync(() => nodes.Players.All(player => player.Answers >= 20), "all are answered");
        var ids = nodes.Players.Select(player => player.Id).ToArray();
        var told = nodes.Players.Select(player => player.Told.ToArray()).ToArray();

        var drained = CoordinatedShutdown.Get(nodes.All[0].System).Run(CoordinatedShutdown.ClrExitReason.Instance);
        await nodes.UntilAsync(() => drained.IsCompleted, "the node is gone");
        var answers = nodes.Players.Select(player => player.Answers).ToArray();
        await nodes.UntilAsync(() => nodes.Players.Zip(answers).All(pair => pair.First.Answers > pair.Second + 20), "all go on");
        await nodes.SettleAsync();

        Assert.Contains(nodes.Ledger.Told, line => line.EndsWith(" moved", StringComparison.Ordinal));
        Assert.Equal(ids, nodes.Players.Select(player => player.Peer.GetUniqueId()));
        Assert.Equal(told, nodes.Players.Select(player => player.Told.ToArray()));
        Assert.DoesNotContain(nodes.Ledger.Told, line => line.Contains('-', StringComparison.Ordinal));
    }
}
