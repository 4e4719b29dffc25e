using Akka.Actor;
using Peer.Cluster;
using Peer.Cluster.Listing;
using Peer.Cluster.Rooms;

namespace Peer.Tests.Cluster;

/// <summary>One room on several nodes: its players are served where they asked.</summary>
[Collection(ClusterTests.Name)]
public sealed class SpanningRoomTests
{
    private const string Hall = "hall";

    [Fact]
    public async Task Players_of_all_doors_hear_one_another_in_order_and_the_room_is_listed_once()
    {
        await using var nodes = await BeginAsync(players: 6);
        foreach (var player in nodes.Players)
            player.IsTalking = true;
        await nodes.UntilAsync(() => nodes.Players.All(player => player.Answers >= 20), "all are answered");
        await nodes.SettleAsync();

        await nodes.UntilAsync(() => PeerCluster.Get(nodes.All[0].System).Nodes.All(node => node is { Peers: 2, Rooms: 1 }), "every node serves the players who asked it");
        var listing = await PeerCluster.Get(nodes.All[1].System).FindRoomsAsync(new RoomQuery());
        Assert.True(listing.IsComplete);
        Assert.Equal((Hall, 6), Assert.Single(listing.Rooms.Select(room => (room.Key, room.Peers))));
        Assert.Single(nodes.Ledger.Told, told => told.EndsWith(" opened", StringComparison.Ordinal));
        Assert.DoesNotContain(nodes.Log(), line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Players_of_a_node_that_is_drained_or_dies_come_back_by_other_nodes_and_nobody_hears_of_a_leave(bool dies)
    {
        await using var nodes = await BeginAsync(players: 6);
        await PlayAsync(nodes);
        await nodes.SettleAsync();
        var home = await HomeAsync(nodes);
        var told = Signals(nodes);
        await TakeAwayAsync(nodes, nodes.All.First(node => node != home), dies);
        await PlayAsync(nodes);
        Assert.Equal(told, Signals(nodes));
        await nodes.SettleAsync();
        Assert.DoesNotContain(nodes.Ledger.Told, told => told.Contains('-', StringComparison.Ordinal));
        Assert.Single(nodes.Ledger.Told, told => told.EndsWith("opened", StringComparison.Ordinal));
    }

    [Fact]
    public async Task When_the_home_is_drained_its_logic_goes_on_elsewhere_and_all_players_come_back()
    {
        await using var nodes = await BeginAsync(players: 6);
        await PlayAsync(nodes);
        await nodes.SettleAsync();
        var told = Signals(nodes);
        await TakeAwayAsync(nodes, await HomeAsync(nodes), dies: false);
        await PlayAsync(nodes);
        Assert.Equal(told, Signals(nodes));
        await nodes.SettleAsync();
        Assert.Contains($"{Hall} moved", nodes.Ledger.Told);
        Assert.DoesNotContain(nodes.Ledger.Told, told => told.Contains('-', StringComparison.Ordinal));
    }

    [Fact]
    public async Task When_the_home_dies_the_room_opens_elsewhere_and_all_players_come_back()
    {
        await using var nodes = await BeginAsync(players: 6, isEchoing: true);
        await PlayAsync(nodes);
        await TakeAwayAsync(nodes, await HomeAsync(nodes), dies: true);
        await nodes.UntilAsync(() => nodes.Ledger.Told.Count(told => told == $"{Hall} opened") == 2, "the room has opened again");
        await PlayAsync(nodes);
    }

    [Fact]
    public async Task A_gateway_closes_when_nobody_has_been_there_for_a_while()
    {
        await using var nodes = await BeginAsync(players: 3, "actorpeer.cluster.rooms.empty-after = 2s");
        var home = await HomeAsync(nodes);
        var leaver = nodes.Players[nodes.All.FindIndex(node => node != home)];
        var cluster = PeerCluster.Get(home.System);
        await nodes.UntilAsync(() => cluster.Nodes.All(node => node.Rooms == 1), "every node has its part");
        leaver.Peer.Close();
        await nodes.UntilAsync(() => cluster.Nodes.Sum(node => node.Rooms) == 2, "one has closed");
        Assert.Equal(1, cluster.Nodes.Single(node => node.IsSelf).Rooms);
    }

    [Fact]
    public async Task A_node_that_is_full_shows_the_home()
    {
        await using var nodes = await TestNodes.StartAsync(2, "actorpeer.cluster.rooms.max = 1", ledger => Options(ledger, isEchoing: false));
        var cluster = PeerCluster.Get(nodes.All[0].System);
        Assert.NotNull(await cluster.OpenRoomAsync(Hall, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60)));
        var home = await HomeAsync(nodes);
        var other = nodes.All.Single(node => node != home);

        // Rooms of lots that are the home's are refused.
        for (var i = 0; PeerCluster.Get(other.System).Nodes.Single(node => node.IsSelf).Rooms == 0; i++)
        {
            await cluster.OpenRoomAsync($"plain{i}", CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60));
            await nodes.UntilAsync(() => true, "time passes");
        }

        nodes.Join(other, Hall);
        await nodes.ConnectedAsync();
        await nodes.UntilAsync(() => cluster.Nodes.Single(node => node.Address == home.Cluster.SelfAddress.ToString()).Peers == 1, "the home serves it");
        Assert.All(cluster.Nodes, node => Assert.Equal(1, node.Rooms));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_room_asks_once_whether_it_spans_nodes_however_long_it_is_open_and_whoever_comes_and_goes(bool spans)
    {
        var asked = 0;
        await using var nodes = await TestNodes.StartAsync(1, options: ledger => Options(ledger, isEchoing: false) with
        {
            Spans = _ =>
            {
                Interlocked.Increment(ref asked);
                return spans;
            },
        });
        var cluster = PeerCluster.Get(nodes.All[0].System);
        var home = await cluster.OpenRoomAsync(Hall, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20));
        Assert.NotNull(home);
        Assert.Equal(1, Volatile.Read(ref asked));

        // These know the way, and ask no door. Each change is told in a report of the node's, of which there are many more.
        for (var times = 0; times < 3; times++)
        {
            var player = nodes.Join(home, Hall);
            await nodes.UntilAsync(() => cluster.Nodes.Single().Peers == 1, "the node reports that it serves somebody");
            player.Peer.Close();
            await nodes.UntilAsync(() => cluster.Nodes.Single().Peers == 0, "the node reports that nobody is there");
        }

        Assert.Equal(home, await cluster.OpenRoomAsync(Hall, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Equal(1, Volatile.Read(ref asked));
    }

    private static RoomOptions Options(Ledger ledger, bool isEchoing) =>
        RoomOptions.Of(_ => new LedgerRoom(ledger, isEchoing: isEchoing)) with { Spans = static key => key == Hall };

    /// <summary>Players ask all doors in turn.</summary>
    private static async Task<TestNodes> BeginAsync(int players, string extra = "", bool isEchoing = false)
    {
        var nodes = await TestNodes.StartAsync(3, extra, ledger => Options(ledger, isEchoing));
        for (var i = 0; i < players; i++)
            nodes.Join(nodes.All[i % 3], Hall);
        await nodes.ConnectedAsync();
        await nodes.UntilAsync(() => PeerCluster.Get(nodes.All[0].System).Nodes.Count(node => node.Door.Length > 0) == 3, "all doors are known");
        return nodes;
    }

    private static async Task<Node> HomeAsync(TestNodes nodes)
    {
        var listing = await PeerCluster.Get(nodes.All[0].System).FindRoomsAsync(new RoomQuery());
        return nodes.All.Single(node => node.Cluster.SelfAddress.ToString() == listing.Rooms.Single(room => room.Key == Hall).Node);
    }

    /// <summary>All talk for a while, and what they say is answered.</summary>
    private static async Task PlayAsync(TestNodes nodes)
    {
        var answers = nodes.Players.Select(player => player.Answers).ToArray();
        foreach (var player in nodes.Players)
            player.IsTalking = true;
        await nodes.UntilAsync(() => nodes.Players.Zip(answers).All(pair => pair.First.Answers > pair.Second + 20), "all are answered");
        foreach (var player in nodes.Players)
            player.IsTalking = false;
        await nodes.UntilAsync(() => nodes.Players.All(player => player.Answers == player.SaidToRoom), "the last word is answered");
    }

    /// <summary>Joins and leaves that everybody has heard.</summary>
    private static int[] Signals(TestNodes nodes) => [.. nodes.Players.Select(player => player.Told.Count(line => line[0] is '+' or '-'))];

    private static async Task TakeAwayAsync(TestNodes nodes, Node node, bool dies)
    {
        var ids = nodes.Players.Select(player => player.Id).ToArray();
        var restarts = new int[nodes.Players.Count];
        for (var i = 0; i < restarts.Length; i++)
        {
            var at = i;
            nodes.Players[i].Peer.PeerRestarted += _ => restarts[at]++;
        }

        if (dies)
        {
            await node.KillAsync();
        }
        else
        {
            var drained = CoordinatedShutdown.Get(node.System).Run(CoordinatedShutdown.ClrExitReason.Instance);
            await nodes.UntilAsync(() => drained.IsCompleted, "the node is gone");
        }

        await nodes.UntilAsync(() => restarts.Count(times => times > 0) >= 2, "those who were there are back");
        Assert.Equal(ids, nodes.Players.Select(player => player.Peer.GetUniqueId()));
    }
}
