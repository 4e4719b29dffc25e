using System.Diagnostics;
using Akka.Actor;
using Peer.Cluster;
using Peer.Cluster.Rooms;

namespace Peer.Tests.Cluster;

/// <summary>Rooms and doors.</summary>
[Collection(ClusterTests.Name)]
public sealed class RoomTests
{
    [Fact]
    public async Task A_client_asks_any_node_and_lands_in_its_room()
    {
        await using var nodes = await TestNodes.StartAsync(3);
        foreach (var room in new[] { "red", "green", "blue" })
        {
            foreach (var node in nodes.All)
                nodes.Join(node, room);
        }

        await nodes.ConnectedAsync();
        foreach (var player in nodes.Players)
            player.IsTalking = true;
        await nodes.UntilAsync(() => nodes.Players.All(player => player.Answers >= 20), "all are answered");
        await nodes.SettleAsync();

        Assert.Equal(3, nodes.Ledger.Told.Count(told => told.EndsWith(" opened", StringComparison.Ordinal)));
        Assert.All(nodes.Players, player => Assert.Equal(3, player.Told.Count(told => told[0] == '+')));
        Assert.DoesNotContain(nodes.Log(), line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Whoever_names_no_room_or_none_that_may_open_is_told_why()
    {
        await using var nodes = await TestNodes.StartAsync(1, options: ledger => RoomOptions.Of(_ => new LedgerRoom(ledger)) with { MayOpen = static key => key != "shut" });
        var nowhere = nodes.Join(nodes.All[0], "");
        var shut = nodes.Join(nodes.All[0], "shut");
        var illegal = nodes.Join(nodes.All[0], "../passwd");
        await nodes.UntilAsync(() => nodes.Players.All(player => player.Told.Count == 1), "all are refused");

        Assert.Equal("failed Refusing this server has rooms: name one", nowhere.Told[0]);
        Assert.Equal("failed Refusing there is no such room", shut.Told[0]);
        Assert.StartsWith("failed Refusing a room's key consists of", illegal.Told[0], StringComparison.Ordinal);
        Assert.Empty(nodes.Ledger.Told);
    }

    [Fact]
    public async Task A_room_closes_when_nobody_has_been_in_it_for_a_while_and_opens_again_for_the_next()
    {
        // So long that whoever is shown the way is there before it closes, on a busy machine, too.
        await using var nodes = await TestNodes.StartAsync(1, "actorpeer.cluster.rooms.empty-after = 2s");
        var first = nodes.Join(nodes.All[0], "hall");
        await nodes.ConnectedAsync();
        await nodes.UntilAsync(() => nodes.All[0].Rooms == 1, "it is known to be open");
        first.Peer.Close();
        await nodes.UntilAsync(() => nodes.Ledger.Told.Contains($"hall-{first.Id}"), "the room hears that it left");
        await nodes.UntilAsync(() => nodes.All[0].Rooms == 0, "it closes");

        var second = nodes.Join(nodes.All[0], "hall");
        await nodes.UntilAsync(() => second.IsConnected, "somebody else is in");
        Assert.Equal(2, nodes.Ledger.Told.Count(told => told == "hall opened"));
    }

    [Fact]
    public async Task A_room_that_is_asked_for_does_not_close_before_whoever_asks_is_there()
    {
        await using var nodes = await TestNodes.StartAsync(1, "actorpeer.cluster.rooms.empty-after = 1s");
        var cluster = PeerCluster.Get(nodes.All[0].System);

        // What is done for the first time takes its time.
        Assert.NotNull(await cluster.OpenRoomAsync("first", CancellationToken.None));

        // While the machine stands still nobody asks, and the room may close: then it is tried with another one.
        var (hall, stoodStill, isKnown) = ("", true, false);
        for (var time = 1; stoodStill && time <= 20; time++)
        {
            (hall, stoodStill) = ($"hall{time}", false);
            var (asking, last) = (Stopwatch.StartNew(), TimeSpan.Zero);
            while (asking.Elapsed < TimeSpan.FromSeconds(2.5))
            {
                Assert.NotNull(await cluster.OpenRoomAsync(hall, CancellationToken.None));
                stoodStill |= asking.Elapsed - last > TimeSpan.FromMilliseconds(400);
                last = asking.Elapsed;
                isKnown = nodes.All[0].Rooms > 0;
            }
        }

        Assert.Equal([$"{hall} opened"], nodes.Ledger.Told.Where(told => told.StartsWith($"{hall} ", StringComparison.Ordinal)));
        Assert.True(isKnown, "it is known to be open");
        await nodes.UntilAsync(() => nodes.All[0].Rooms == 0, "it closes when nobody asks any more");
    }
}
