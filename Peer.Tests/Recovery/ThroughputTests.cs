using Peer.Protocol.Recovery;

namespace Peer.Tests.Recovery;

public class ThroughputTests
{
    private const long Second = 1_000_000;
    private const double Fast = 12_500_000;

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.01)]
    [InlineData(0.05)]
    public void A_lossy_link_of_100_megabit_and_100_ms_is_kept_at_least_85_percent_full(double loss)
    {
        var link = new SimulatedLink(new PathShape { Loss = loss });
        link.RunFor(2 * Second);
        var rate = link.RunFor(8 * Second);
        Assert.Empty(link.Complaints);
        Assert.InRange(rate / Fast, 0.85, 1.01);
    }

    [Theory]
    [InlineData(0.10, 0.75)]
    [InlineData(0.20, 0.62)]
    public void Heavy_random_loss_does_not_bring_the_rate_down(double loss, double least)
    {
        var link = new SimulatedLink(new PathShape { Loss = loss, LossBack = loss });
        link.RunFor(3 * Second);
        var rate = link.RunFor(7 * Second);
        Assert.Empty(link.Complaints);
        Assert.InRange(rate / Fast, least, 1.01);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(10_000, 1)]
    [InlineData(10_000, 1_000)]
    public void A_local_link_passes_500_megabytes_a_second(long timerStep, long wakeStep)
    {
        var link = new SimulatedLink(new PathShape
        {
            Rate = 2_000_000_000, OneWay = 50, Queue = 64 << 20, TimerStep = timerStep, WakeStep = wakeStep,
        });
        link.RunFor(Second / 10);
        var rate = link.RunFor(Second / 10);
        Assert.Empty(link.Complaints);
        Assert.True(rate > 500e6, $"{rate / 1e6:F0} MB/s");
    }

    [Fact]
    public void A_local_link_reaches_a_gigabyte_a_second_within_fifty_round_trips()
    {
        var link = new SimulatedLink(new PathShape { Rate = 4_000_000_000, OneWay = 50, Queue = 64 << 20, TimerStep = 1 });
        link.RunFor(5_000);
        Assert.True(link.Recovery.PacingRate > 1_000_000_000, $"{link.Recovery.PacingRate / 1e6:F0} MB/s, {link.Recovery.Phase}");
    }

    [Theory]
    [InlineData(2_500_000, 25_000)]
    [InlineData(12_500_000, 50_000)]
    [InlineData(1_250_000, 10_000)]
    public void A_deep_buffer_is_not_kept_full(long rate, long oneWay)
    {
        var link = new SimulatedLink(new PathShape { Rate = rate, OneWay = oneWay, Queue = rate * 2, TimerStep = 1_000 });
        link.RunFor(3 * Second);
        var throughput = link.RunFor(6 * Second);
        Assert.True(throughput > 0.85 * rate, $"{throughput / rate:P0}");
        Assert.InRange(link.MeanRtt, 2 * oneWay, 3 * oneWay);
        Assert.InRange(link.WorstRtt, 2 * oneWay, 4 * oneWay);
    }

    [Fact]
    public void A_slow_local_network_with_a_deep_buffer_gets_its_queue_back()
    {
        var link = new SimulatedLink(new PathShape { OneWay = 150, Queue = 10_000_000 });
        link.RunFor(Second);
        var rate = link.RunFor(3 * Second);
        Assert.True(rate > 0.85 * Fast, $"{rate / Fast:P0}");
        Assert.InRange(link.MeanRtt, 300, 10_000);
    }

    [Fact]
    public void Five_seconds_of_total_loss_are_over_soon_after_the_path_returns()
    {
        var link = new SimulatedLink(new PathShape());
        link.RunFor(3 * Second);
        link.Dead = true;
        Assert.Equal(0, link.RunFor(5 * Second), Fast / 20);
        link.Dead = false;
        link.RunFor(3 * Second / 2);
        var rate = link.RunFor(3 * Second);
        Assert.Empty(link.Complaints);
        Assert.True(rate > 0.85 * Fast, $"{rate / Fast:P0}");
    }

    [Fact]
    public void A_path_that_becomes_slower_is_followed()
    {
        var link = new SimulatedLink(new PathShape());
        link.RunFor(3 * Second);
        link.Rate = (long)Fast / 5;
        link.RunFor(8 * Second);
        var drops = link.QueueDrops;
        var rate = link.RunFor(4 * Second);
        Assert.InRange(rate / link.Rate, 0.85, 1.01);
        Assert.True(link.QueueDrops - drops < 20, $"{link.QueueDrops - drops} dropped");
    }

    [Fact]
    public void A_path_that_becomes_faster_is_found_out()
    {
        var link = new SimulatedLink(new PathShape { Rate = (long)Fast / 5 });
        link.RunFor(3 * Second);
        link.Rate = (long)Fast;
        link.RunFor(5 * Second);
        Assert.InRange(link.RunFor(3 * Second) / Fast, 0.8, 1.01);
    }

    [Fact]
    public void A_shallow_queue_is_not_overrun_for_long()
    {
        var link = new SimulatedLink(new PathShape { Queue = 60_000, TimerStep = 1_000 });
        link.RunFor(3 * Second);
        var drops = link.QueueDrops;
        var sent = link.Recovery.SentPackets;
        var rate = link.RunFor(6 * Second);
        Assert.True(rate > 0.75 * Fast, $"{rate / Fast:P0}");
        var lost = (double)(link.QueueDrops - drops) / (link.Recovery.SentPackets - sent);
        Assert.True(lost < 0.1, $"{lost:P1} dropped");
    }

    [Fact]
    public void Packets_that_overtake_each_other_are_soon_no_longer_taken_for_lost()
    {
        var link = new SimulatedLink(new PathShape { Jitter = 30_000 });
        link.RunFor(2 * Second);
        Assert.True(link.Recovery.SpuriousLosses > 0);
        Assert.True(link.Recovery.PacketThreshold > 3);
        var spurious = link.Recovery.SpuriousLosses;
        var sent = link.Recovery.SentPackets;
        var rate = link.RunFor(2 * Second);
        Assert.Empty(link.Complaints);
        Assert.True(rate > 0.85 * Fast, $"{rate / Fast:P0}");
        Assert.True(link.Recovery.SpuriousLosses - spurious < (link.Recovery.SentPackets - sent) / 1_000);
    }

    [Fact]
    public void A_quiet_connection_bursts_at_the_pace_it_had_learnt()
    {
        var link = new SimulatedLink(new PathShape());
        link.RunFor(3 * Second);
        link.Greedy = false;
        link.RunFor(10 * Second);
        Assert.Equal(0, link.Unended);
        Assert.Equal(0, link.Recovery.BytesInFlight);
        Assert.Equal(long.MaxValue, link.Recovery.NextTimeout);
        link.Greedy = true;
        link.Send();
        var rate = link.RunFor(2 * Second);
        Assert.True(rate > 0.75 * Fast, $"{rate / Fast:P0}");
    }
}
