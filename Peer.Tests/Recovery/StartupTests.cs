namespace Peer.Tests.Recovery;

/// <summary>The first round trips of a connection.</summary>
public sealed class StartupTests
{
    private const long Fast = 12_500_000;

    [Theory]
    [InlineData(25_000, 0.0)]
    [InlineData(50_000, 0.0)]
    [InlineData(50_000, 0.01)]
    [InlineData(140_000, 0.0)]
    public void A_fresh_connection_fills_a_100_megabit_link_from_its_second_round_trip_on(long oneWay, double loss)
    {
        var link = new SimulatedLink(new PathShape { OneWay = oneWay, Loss = loss, Queue = 1 << 20, TimerStep = 1_000 });
        // What arrives in the first one and a half round trips is the initial window.
        link.RunFor(oneWay * 3);
        var rate = link.RunFor(oneWay * 4);
        Assert.Empty(link.Complaints);
        Assert.True(rate > 0.9 * Fast * (1 - loss), $"{rate / Fast:P0}");

        // The look for more, a quarter of a long path's content, may just not fit into the queue.
        Assert.InRange(link.QueueDrops, 0, 100);
    }

    [Theory]
    [InlineData(125_000, 50_000)]
    [InlineData(625_000, 25_000)]
    [InlineData(2_500_000, 50_000)]
    public void A_slow_link_is_not_flooded_by_it(long rate, long oneWay)
    {
        var link = new SimulatedLink(new PathShape { Rate = rate, OneWay = oneWay, Queue = Math.Max(rate / 2, 64_000), TimerStep = 1_000 });
        link.RunFor(5_000_000);
        // The initial window, and a round trip's overshoot: then it knows.
        Assert.InRange(link.QueueDrops, 0, 250);
        var drops = link.QueueDrops;
        var arrived = link.RunFor(3_000_000);
        Assert.True(arrived > 0.8 * rate, $"{arrived / rate:P0}");
        Assert.InRange(link.QueueDrops - drops, 0, 30);
    }

    [Fact]
    public void Jitter_is_not_taken_for_a_narrow_path()
    {
        var link = new SimulatedLink(new PathShape { OneWay = 25_000, Jitter = 10_000, TimerStep = 1_000 });
        link.RunFor(1_000_000);
        Assert.InRange(link.RunFor(1_000_000) / Fast, 0.75, 1.01);
    }
}
