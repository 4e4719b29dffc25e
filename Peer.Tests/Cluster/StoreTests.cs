using Akka.Actor;
using Peer.Cluster.Rooms;

namespace Peer.Tests.Cluster;

/// <summary>What a room stores, when, and what becomes of it when the store is slow or fails.</summary>
[Collection(ClusterTests.Name)]
public sealed class StoreTests
{
    /// <summary>Whoever is shown the way is there before a room closes, on a busy machine, too.</summary>
    private const string ShortLived = "actorpeer.cluster.rooms { empty-after = 2s, move-timeout = 500ms }";

    private readonly TestStore _store = new();

    [Fact]
    public async Task After_a_crash_a_room_opens_with_what_was_stored_last()
    {
        await using var nodes = await StartAsync(3);
        var player = nodes.Join(nodes.All[0], "hall");
        await PlayAsync(nodes, player, 250);
        await nodes.UntilAsync(() => _store.Of("hall") >= 200, "it is stored");
        player.IsTalking = false;
        await nodes.UntilAsync(() => player.Answers == player.SaidToRoom && _store.Of("hall") == player.Answers / 100 * 100, "all is quiet");
        var stored = player.Answers / 100 * 100;
        Assert.Equal(stored, _store.Of("hall"));

        await (await HostOf(nodes)).KillAsync();
        await nodes.UntilAsync(() => player.Told.Contains("!1"), "its room is back");

        Assert.Equal(["opened 0", $"opened {stored}"], _store.Calls.Where(call => call.StartsWith("opened", StringComparison.Ordinal)));
        Assert.False(_store.HasOverlapped);
    }

    [Fact]
    public async Task A_room_that_closes_stores_once_more_and_opens_with_it()
    {
        // It never stores on the way, however much is said before the first answers come.
        await using var nodes = await StartAsync(1, "actorpeer.cluster.rooms.empty-after = 2s", _ => RoomOptions.Of(_ => new CountingRoom(_store, every: int.MaxValue), _store));
        var player = nodes.Join(nodes.All[0], "hall");
        await PlayAsync(nodes, player, 7);
        player.IsTalking = false;
        await nodes.UntilAsync(() => player.Answers == player.SaidToRoom, "all is quiet");
        player.Peer.Close();
        await nodes.UntilAsync(() => _store.Calls.Contains("stored") && nodes.All[0].Rooms == 0, "the room closes");

        await PlayAsync(nodes, nodes.Join(nodes.All[0], "hall"), 1);
        Assert.Equal(["load hall", "opened 0", $"store {player.Answers}", "stored", "load hall", $"opened {player.Answers}"], _store.Calls.Take(6));
    }

    [Fact]
    public async Task A_room_whose_store_hangs_closes_all_the_same_and_says_so()
    {
        await using var nodes = await StartAsync(1, ShortLived);
        var player = nodes.Join(nodes.All[0], "hall");
        await PlayAsync(nodes, player, 7);
        _store.Gate = new TaskCompletionSource().Task;
        player.Peer.Close();
        await nodes.UntilAsync(() => nodes.Log().Any(line => line.Contains("Room hall closes although its logic has not stored it in time", StringComparison.Ordinal)), "the room closes");
        await nodes.UntilAsync(() => _store.LastToken.IsCancellationRequested, "the store is told that nobody waits");

        _store.Gate = Task.CompletedTask;
        await PlayAsync(nodes, nodes.Join(nodes.All[0], "hall"), 1);
    }

    [Fact]
    public async Task Whoever_asks_for_a_room_that_cannot_be_loaded_is_told_and_the_next_one_may_get_in()
    {
        await using var nodes = await StartAsync(1);
        _store.Gate = Task.FromException(new IOException("no disk"));
        var first = nodes.Join(nodes.All[0], "hall");
        await nodes.UntilAsync(() => first.Told.Count == 1, "it is refused");
        Assert.Equal("failed Refusing the room's state could not be loaded", first.Told[0]);
        await nodes.UntilAsync(() => nodes.Log().Any(line => line.Contains("The state of room hall could not be loaded: no disk", StringComparison.Ordinal)), "the log tells");

        _store.Gate = Task.CompletedTask;
        var second = nodes.Join(nodes.All[0], "hall");
        await nodes.UntilAsync(() => second.Told.Count > 0, "it is answered");
        await PlayAsync(nodes, second, 1);
    }

    [Fact]
    public async Task A_room_that_does_not_load_in_time_is_refused_and_the_store_is_told()
    {
        await using var nodes = await StartAsync(1, "actorpeer.cluster.rooms.open-timeout = 300ms");
        _store.Gate = new TaskCompletionSource().Task;
        do
        {
            var player = nodes.Join(nodes.All[0], "hall");
            await nodes.UntilAsync(() => player.Told.Count == 1, "it is refused");
            Assert.Equal("failed Refusing the room did not open in time", player.Told[0]);
        }
        while (_store.Calls.IsEmpty); // On a machine that stood still the time was over before the store was asked.
        await nodes.UntilAsync(() => _store.LastToken.IsCancellationRequested, "nobody waits");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_store_that_fails_is_told_in_the_log_and_the_room_goes_on(bool atOnce)
    {
        await using var nodes = await StartAsync(1);
        var player = nodes.Join(nodes.All[0], "hall");
        await nodes.UntilAsync(() => player.IsConnected, "it is in");
        var failure = new IOException("disk full");
        if (atOnce)
            _store.Thrown = failure;
        else
            _store.Gate = Task.FromException(failure);
        await PlayAsync(nodes, player, 250);
        await nodes.UntilAsync(() => nodes.Log().Count(line => line.Contains("The state of room hall could not be stored: disk full", StringComparison.Ordinal)) >= 2, "each failure is told");
        Assert.Equal(0, _store.Of("hall"));

        (_store.Thrown, _store.Gate) = (null, Task.CompletedTask);
        await PlayAsync(nodes, player, 150);
        await nodes.UntilAsync(() => _store.Of("hall") >= 300, "it is stored again");
        Assert.Empty(player.Complaints);
    }

    [Fact]
    public async Task A_slow_store_is_asked_once_at_a_time_and_then_for_the_newest_state()
    {
        await using var nodes = await StartAsync(1, options: _ => RoomOptions.Of(_ => new CountingRoom(_store, every: 10), _store));
        var player = nodes.Join(nodes.All[0], "hall");
        await nodes.UntilAsync(() => player.IsConnected, "it is in");
        var gate = new TaskCompletionSource();
        _store.Gate = gate.Task;
        await PlayAsync(nodes, player, 95);
        player.IsTalking = false;
        await nodes.UntilAsync(() => player.Answers == player.SaidToRoom, "all is quiet");
        Assert.Equal("store 10", _store.Calls.Last());

        gate.SetResult();
        await nodes.UntilAsync(() => _store.Calls.Count(call => call == "stored") == 2, "both are stored");
        Assert.Equal(["store 10", "stored", $"store {player.Answers}", "stored"], _store.Calls.Skip(2));
        Assert.Equal((player.Answers, false), (_store.Of("hall"), _store.HasOverlapped));
    }

    [Fact]
    public async Task A_room_that_moves_waits_for_its_store_so_that_no_older_state_comes_after_a_newer_one()
    {
        await using var nodes = await StartAsync(2);
        var player = nodes.Join(nodes.All[0], "hall");
        await nodes.UntilAsync(() => player.IsConnected, "it is in");
        var gate = new TaskCompletionSource();
        _store.Gate = gate.Task;
        await PlayAsync(nodes, player, 120);
        await nodes.UntilAsync(() => _store.Calls.Last() == "store 100", "the store is asked");

        var host = await HostOf(nodes);
        var drained = CoordinatedShutdown.Get(host.System).Run(CoordinatedShutdown.ClrExitReason.Instance);
        await nodes.UntilAsync(() => player.SaidToRoom > player.Answers + 100, "the room has fallen silent");
        Assert.Equal("store 100", _store.Calls.Last());

        gate.SetResult();
        await nodes.UntilAsync(() => drained.IsCompleted, "the node is gone");
        await PlayAsync(nodes, player, 100);
        Assert.False(_store.HasOverlapped);
        var calls = _store.Calls.ToArray();
        Assert.InRange(Array.FindIndex(calls, call => call.StartsWith("moved", StringComparison.Ordinal)), Array.IndexOf(calls, "stored") + 1, calls.Length);
        Assert.Empty(player.Complaints);
        Assert.Equal(0, player.Gaps);
    }

    private async Task<Node> HostOf(TestNodes nodes)
    {
        foreach (var node in nodes.Alive)
        {
            if ((await node.ListAsync()).Count > 0)
                return node;
        }

        throw new InvalidOperationException($"no node has the room; {string.Join(", ", _store.Calls)}");
    }

    private Task<TestNodes> StartAsync(int count, string extra = "", Func<Ledger, RoomOptions>? options = null) =>
        TestNodes.StartAsync(count, extra, options ?? (_ => RoomOptions.Of(_ => new CountingRoom(_store), _store)));

    private static async Task PlayAsync(TestNodes nodes, Player player, int answers)
    {
        player.IsTalking = true;
        var before = player.Answers;
        await nodes.UntilAsync(() => player.Answers >= before + answers, "it is answered");
    }
}
