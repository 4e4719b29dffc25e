using Peer.TestKit;
using Peer.TestKit.Network;

namespace Peer.Tests.Simulations;

public sealed class SimulatedLinkTests
{
    private const int Many = 20_000;
    private const int Length = 1_000;

    [Fact]
    public void A_clean_link_delays_and_nothing_else()
    {
        var ways = Carry(new LinkConditions { Latency = TimeSpan.FromMilliseconds(30) }, 100, gap: 1_000);
        Assert.All(ways, way => Assert.Equal(new Way(way.Sent, way.Sent + 30_000, -1, -1), way));
    }

    [Theory]
    [InlineData(0.01)]
    [InlineData(0.1)]
    [InlineData(0.5)]
    public void The_share_that_is_lost_is_the_share_that_was_asked_for(double loss) =>
        Assert.InRange(Share(Carry(new LinkConditions { Loss = loss }), way => way.Arrives == (long)Fate.Lost), loss * 0.85, loss * 1.15);

    [Fact]
    public void Bursts_are_as_long_and_as_frequent_as_Gilbert_and_Elliott_say()
    {
        var ways = Carry(new LinkConditions { BurstBegins = 0.02, BurstEnds = 0.2, BurstLoss = 1 });

        // A share of p / (p + r) of the time in bursts of 1 / r datagrams.
        Assert.InRange(Share(ways, IsLost), 0.0909 * 0.8, 0.0909 * 1.2);
        var bursts = 0;
        for (var i = 0; i < ways.Count; i++)
            bursts += IsLost(ways[i]) && (i == 0 || !IsLost(ways[i - 1])) ? 1 : 0;
        Assert.InRange(ways.Count(IsLost) / (double)bursts, 4.2, 5.8);
    }

    [Fact]
    public void A_burst_loses_its_own_share_and_ends_when_the_link_heals()
    {
        var link = new SimulatedLink(new SeededSource(3));
        var burst = new LinkConditions { BurstBegins = 1, BurstEnds = 0, BurstLoss = 0.8 };
        Assert.InRange(Share(Carry(burst, link: link), IsLost), 0.77, 0.83);
        Assert.DoesNotContain(Carry(LinkConditions.Lan, 1_000, link: link), IsLost);
    }

    [Fact]
    public void Bandwidth_spaces_datagrams_out()
    {
        var ways = Carry(new LinkConditions { Latency = TimeSpan.Zero, Bandwidth = 100_000 }, 50, gap: 0);
        Assert.Equal(Enumerable.Range(1, 50).Select(i => i * 10_000L), ways.Select(way => way.Arrives));
    }

    [Fact]
    public void A_full_queue_drops_what_comes_last_and_empties_at_the_bandwidth()
    {
        var link = new SimulatedLink(new SeededSource(3));
        var narrow = new LinkConditions { Latency = TimeSpan.Zero, Bandwidth = 100_000, QueueBytes = 20_000 };
        var ways = Carry(narrow, 50, gap: 0, link: link);
        Assert.Equal(20, ways.Count(way => way.Arrives >= 0));
        Assert.All(ways.Skip(20), way => Assert.Equal((long)Fate.Queue, way.Arrives));
        Assert.True(link.Carry(narrow, 100_000, Length, out _, out _) >= 0);
    }

    [Fact]
    public void Jitter_stays_within_its_bounds_and_lets_datagrams_overtake_one_another()
    {
        var ways = Carry(new LinkConditions { Latency = TimeSpan.FromMilliseconds(10), Jitter = TimeSpan.FromMilliseconds(5) });
        Assert.All(ways, way => Assert.InRange(way.Arrives - way.Sent, 10_000, 14_999));
        Assert.InRange(ways.Average(way => way.Arrives - way.Sent), 12_400, 12_600);
        Assert.Contains(ways.Zip(ways.Skip(1)), pair => pair.Second.Arrives < pair.First.Arrives);
    }

    [Fact]
    public void A_reordered_datagram_is_held_back()
    {
        var ways = Carry(new LinkConditions { Latency = TimeSpan.FromMilliseconds(10), Reordering = 0.05, ReorderDelay = TimeSpan.FromMilliseconds(3) });
        Assert.InRange(Share(ways, way => way.Arrives - way.Sent == 13_000), 0.04, 0.06);
        Assert.All(ways, way => Assert.Contains(way.Arrives - way.Sent, new long[] { 10_000, 13_000 }));
    }

    [Fact]
    public void The_share_that_arrives_twice_is_the_share_that_was_asked_for() =>
        Assert.InRange(Share(Carry(new LinkConditions { Duplication = 0.05 }), way => way.Second >= 0), 0.04, 0.06);

    [Fact]
    public void Corruption_flips_one_bit_somewhere_in_the_datagram()
    {
        var ways = Carry(new LinkConditions { Corruption = 0.5 });
        Assert.InRange(Share(ways, way => way.Flipped >= 0), 0.48, 0.52);
        Assert.All(ways, way => Assert.InRange(way.Flipped, -1, (Length * 8) - 1));
        Assert.True(ways.Select(way => way.Flipped).Distinct().Count() > 1_000);
    }

    [Fact]
    public void Above_the_MTU_is_a_black_hole_and_below_it_is_not()
    {
        var link = new SimulatedLink(new SeededSource(3));
        var narrow = new LinkConditions { Mtu = 1_200 };
        Assert.True(link.Carry(narrow, 0, 1_200, out _, out _) >= 0);
        Assert.Equal((long)Fate.TooLarge, link.Carry(narrow, 0, 1_201, out _, out _));
    }

    [Fact]
    public void Nothing_passes_a_link_that_is_down_or_cut()
    {
        var link = new SimulatedLink(new SeededSource(3));
        Assert.Equal((long)Fate.Down, link.Carry(new LinkConditions { IsDown = true }, 0, 1, out _, out _));
        link.IsCut = true;
        Assert.Equal((long)Fate.Down, link.Carry(LinkConditions.Lan, 0, 1, out _, out _));
        link.IsCut = false;
        Assert.True(link.Carry(LinkConditions.Lan, 0, 1, out _, out _) >= 0);
    }

    private static bool IsLost(Way way) => way.Arrives == (long)Fate.Lost;

    private static double Share(List<Way> ways, Predicate<Way> of) => ways.Count(way => of(way)) / (double)ways.Count;

    private static List<Way> Carry(LinkConditions conditions, int count = Many, long gap = 100, SimulatedLink? link = null)
    {
        link ??= new SimulatedLink(new SeededSource(3));
        var ways = new List<Way>();
        for (var i = 0; i < count; i++)
        {
            var arrives = link.Carry(conditions, i * gap, Length, out var second, out var flipped);
            ways.Add(new Way(i * gap, arrives, second, flipped));
        }

        return ways;
    }

    private readonly record struct Way(long Sent, long Arrives, long Second, int Flipped);
}
