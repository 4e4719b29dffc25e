using Peer.Protocol.Recovery;

namespace Peer.Tests.Recovery;

public class DatagramSizeDiscoveryTests
{
    private static int Climb(DatagramSizeDiscovery discovery, int pathCarries, long until = 10_000_000)
    {
        var probes = 0;
        for (var now = 0L; now < until; now += 10_000)
        {
            if (!discovery.ProbeDue(now, out var size))
                continue;
            probes++;
            discovery.ProbeSent(size);
            Assert.False(discovery.ProbeDue(now, out _));
            Assert.Equal(long.MaxValue, discovery.NextProbeAt);
            if (size <= pathCarries)
                discovery.ProbeAcked(size, now);
            else
                discovery.ProbeLost(size, now);
        }

        return probes;
    }

    [Theory]
    [InlineData(1_472, 1_500, 1_472)]
    [InlineData(1_472, 1_460, 1_452)]
    [InlineData(1_472, 1_300, 1_200)]
    [InlineData(9_000, 65_000, 9_000)]
    [InlineData(65_000, 65_000, 65_000)]
    [InlineData(1_200, 65_000, 1_200)]
    [InlineData(1_000, 65_000, 1_200)]
    public void The_largest_step_that_the_path_carries_is_found(int max, int carries, int found)
    {
        var discovery = new DatagramSizeDiscovery(new RecoverySettings { MaxDatagramSize = max });
        Assert.Equal(1_200, discovery.Current);
        Assert.InRange(Climb(discovery, carries), 0, 12);
        Assert.Equal(found, discovery.Current);
    }

    [Fact]
    public void A_size_that_fails_three_times_rests_and_is_tried_again_much_later()
    {
        var discovery = new DatagramSizeDiscovery(RecoverySettings.Default);
        Assert.Equal(3, Climb(discovery, 1_200));
        Assert.InRange(discovery.NextProbeAt, 600_000_000, 601_000_000);
        Assert.True(discovery.ProbeDue(discovery.NextProbeAt, out var size));
        discovery.ProbeSent(size);
        discovery.ProbeAcked(size, 601_000_000);
        Assert.Equal(1_392, discovery.Current);
    }

    [Fact]
    public void When_large_datagrams_stop_arriving_the_size_falls_back_at_once()
    {
        var discovery = new DatagramSizeDiscovery(RecoverySettings.Default);
        Climb(discovery, 1_500);
        discovery.DatagramAcked(10, 1_472);
        for (var number = 11; number < 16; number++)
            Assert.False(discovery.DatagramLost(number, 1_472, 0));
        Assert.True(discovery.DatagramLost(16, 1_472, 20_000_000));
        Assert.Equal(1_200, discovery.Current);
        Assert.Equal(1, discovery.BlackHoles);
        Assert.False(discovery.DatagramLost(17, 1_472, 20_000_000));
        Assert.False(discovery.ProbeDue(29_999_999, out _));
        Assert.True(discovery.ProbeDue(30_000_000, out _));
    }

    [Fact]
    public void Ordinary_loss_is_no_black_hole()
    {
        var discovery = new DatagramSizeDiscovery(RecoverySettings.Default);
        Climb(discovery, 1_500);
        for (var number = 0; number < 1_000; number += 4)
        {
            discovery.DatagramAcked(number + 3, 1_472);
            for (var lost = number; lost < number + 3; lost++)
                Assert.False(discovery.DatagramLost(lost, 1_472, 0));
        }

        for (var number = 1_000; number < 1_100; number++)
            Assert.False(discovery.DatagramLost(number, 1_200, 0));
        Assert.Equal(1_472, discovery.Current);
    }

    [Fact]
    public void The_end_of_another_probe_changes_nothing()
    {
        var discovery = new DatagramSizeDiscovery(RecoverySettings.Default);
        discovery.ProbeAcked(9_000, 0);
        discovery.ProbeLost(9_000, 0);
        Assert.Equal(1_200, discovery.Current);
        Assert.True(discovery.ProbeDue(0, out var size));
        Assert.Equal(1_392, size);
    }

    [Fact]
    public void A_new_path_begins_at_the_base()
    {
        var discovery = new DatagramSizeDiscovery(RecoverySettings.Default);
        Climb(discovery, 1_500);
        discovery.PathChanged(50);
        Assert.Equal(1_200, discovery.Current);
        Assert.True(discovery.ProbeDue(50, out _));
    }
}
