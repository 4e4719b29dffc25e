using CsCheck;
using Peer.Actors;
using Peer.Actors.Facade;

namespace Peer.Tests.Facade;

public sealed class BroadcastBudgetTests
{
    [Fact]
    public void Peers_are_measured_once_per_some_KiB_and_not_per_packet()
    {
        var peers = Enumerable.Range(2, 1000).ToDictionary(id => id, _ => (PeerGauge?)new PeerGauge(100_000_000));
        var budget = new BroadcastBudget();
        for (var i = 0; i < 100_000; i++)
        {
            Assert.True(budget.Admits(peers, 0, 32, 0));
            budget.Spend(32);
        }

        Assert.InRange(budget.Measurements, 1, (100_000 * 32 / BroadcastBudget.RecheckBytes) + 2);
    }

    [Fact]
    public void A_peer_that_stays_full_is_recognised_without_asking_the_others()
    {
        var full = new PeerGauge(1000);
        full.Add(1000);
        var peers = new Dictionary<int, PeerGauge?> { [2] = new(100_000), [3] = full, [4] = null };
        var budget = new BroadcastBudget();
        for (var i = 0; i < 100; i++)
            Assert.False(budget.Admits(peers, 0, 10, 0));
        Assert.Equal(1, budget.Measurements);

        full.Remove(500);
        Assert.True(budget.Admits(peers, 0, 10, 0));
    }

    [Fact]
    public void The_peer_left_out_does_not_hold_up_the_others()
    {
        var full = new PeerGauge(1000);
        full.Add(1000);
        var peers = new Dictionary<int, PeerGauge?> { [2] = new(100_000), [3] = full };
        var budget = new BroadcastBudget();
        Assert.True(budget.Admits(peers, 3, 10, 0));
        Assert.False(budget.Admits(peers, 2, 10, 0));
        Assert.False(budget.Admits(peers, 0, 10, 0));
        Assert.True(budget.Admits(peers, 3, 10, 0));
        Assert.Equal(1, budget.Measurements);
    }

    [Fact]
    public void Nobody_there_is_nobody_full()
    {
        var budget = new BroadcastBudget();
        Assert.True(budget.Admits([], 0, int.MaxValue, 0));
        Assert.True(budget.Admits([], 5, 1, long.MaxValue));
    }

    [Fact]
    public void Law_while_queues_fill_only_by_the_puts_the_answer_is_that_of_asking_everybody()
    {
        var step = Gen.Select(Gen.Int[0, 4], Gen.Int[1, 400], Gen.Int[0, 5]);
        Gen.Select(Gen.Int[300, 3000].Array[1, 4], step.List[1, 200]).Sample(
            (limits, steps) =>
            {
                var gauges = limits.Select(limit => new PeerGauge(limit)).ToArray();
                var peers = gauges.Select((gauge, i) => (Id: i + 1, gauge)).ToDictionary(pair => pair.Id, pair => (PeerGauge?)pair.gauge);
                var budget = new BroadcastBudget();
                long pending = 0;
                foreach (var (excluded, size, what) in steps)
                {
                    if (what == 0)
                    {
                        // The manager drains: what was pending is now queued.
                        foreach (var gauge in gauges)
                            gauge.Add(pending);
                        pending = 0;
                        continue;
                    }

                    if (what == 1)
                    {
                        foreach (var gauge in gauges)
                            gauge.Remove(gauge.QueuedBytes / 2);
                    }

                    var all = peers.Where(pair => pair.Key != excluded).All(pair => pair.Value!.QueuedBytes + pending + size <= pair.Value.LimitBytes);
                    Assert.Equal(all, budget.Admits(peers, excluded, size, pending));
                    if (!all)
                        continue;
                    budget.Spend(size);
                    pending += size;
                }
            },
            iter: 300);
    }
}
