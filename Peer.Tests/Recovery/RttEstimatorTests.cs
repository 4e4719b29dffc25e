using CsCheck;
using Peer.Protocol.Recovery;

namespace Peer.Tests.Recovery;

public class RttEstimatorTests
{
    [Fact]
    public void The_minimum_is_never_above_the_mean_and_everything_stays_finite() =>
        Gen.Select(Gen.OneOf(Gen.Long, Gen.Long[0, 500_000]), Gen.OneOf(Gen.Long, Gen.Long[0, 20_000]), Gen.OneOf(Gen.Long, Gen.Long[0, 100_000_000]))
            .Array[1, 60].Sample(samples =>
            {
                var rtt = new RttEstimator(RecoverySettings.Default);
                foreach (var (sample, delay, now) in samples)
                {
                    Assert.Equal(sample >= 0, rtt.Update(sample, delay, now));
                    Assert.InRange(rtt.Min, 1, rtt.Smoothed);
                    Assert.InRange(rtt.Min, 1, rtt.Latest);
                    Assert.InRange(rtt.Smoothed, 1, 60_000_000);
                    Assert.InRange(rtt.Variance, 0, 60_000_000);
                    Assert.InRange(rtt.Jitter, 0, 60_000_000);
                }
            }, iter: 2_000);

    [Fact]
    public void A_steady_path_is_learnt()
    {
        var rtt = new RttEstimator(RecoverySettings.Default);
        Assert.False(rtt.HasSample);
        for (var i = 0; i < 100; i++)
            rtt.Update(20_000, 0, i * 20_000);
        Assert.Equal((20_000, 20_000, 20_000, 0), (rtt.Latest, rtt.Smoothed, rtt.Min, rtt.Jitter));
        Assert.InRange(rtt.Variance, 0, 10);
    }

    [Fact]
    public void The_other_ends_delay_is_taken_off_but_never_below_the_minimum()
    {
        var rtt = new RttEstimator(RecoverySettings.Default);
        rtt.Update(20_000, 0, 0);
        for (var i = 0; i < 100; i++)
            rtt.Update(25_000, 5_000, 0);
        Assert.Equal(20_000, rtt.Smoothed);
        for (var i = 0; i < 100; i++)
            rtt.Update(25_000, long.MaxValue, 0);
        Assert.InRange(rtt.Smoothed, 24_900, 25_000);
    }

    [Fact]
    public void The_minimum_is_forgotten_after_ten_seconds()
    {
        var rtt = new RttEstimator(RecoverySettings.Default);
        rtt.Update(10_000, 0, 0);
        rtt.Update(90_000, 0, 8_000_000);
        Assert.Equal(10_000, rtt.Min);
        rtt.Update(90_000, 0, 11_000_000);
        Assert.Equal(90_000, rtt.Min);
        Assert.Equal(90_000, rtt.Smoothed);
    }

    [Fact]
    public void A_negative_sample_is_ignored()
    {
        var rtt = new RttEstimator(RecoverySettings.Default);
        Assert.False(rtt.Update(-1, 0, 0));
        Assert.False(rtt.HasSample);
    }
}
