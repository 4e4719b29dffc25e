using CsCheck;
using Peer.Protocol.Recovery;

namespace Peer.Tests.Recovery;

public class PacerTests
{
    [Fact]
    public void An_idle_sender_may_burst_two_milliseconds_worth()
    {
        var pacer = new Pacer(100_000_000, 1_200, 0);
        Assert.Equal(200_000, pacer.Available(0));
        Assert.Equal(200_000, pacer.Available(10_000_000));
    }

    [Fact]
    public void A_slow_sender_may_burst_ten_datagrams()
    {
        var pacer = new Pacer(64 << 10, 1_200, 0);
        Assert.Equal(12_000, pacer.Available(0));
    }

    [Fact]
    public void A_sender_made_to_wait_catches_up_what_a_coarse_timer_kept_from_it()
    {
        var pacer = new Pacer(100_000_000, 1_200, 0);
        pacer.Spend(200_000, 0);
        Assert.Equal(12, pacer.TimeUntil(1_200, 0));
        Assert.Equal(1_000_000, pacer.Available(10_000));
        Assert.Equal(1_500_000, pacer.Available(30_000));
    }

    [Fact]
    public void After_the_time_it_names_the_bytes_may_leave() =>
        Gen.Select(Gen.Long[1_000, 10_000_000_000], Gen.Int[1, 100_000], Gen.Int[1, 65_000], Gen.Long[0, 1_000_000]).Sample((rate, spent, bytes, start) =>
        {
            var pacer = new Pacer(rate, 1_200, start);
            pacer.Spend(spent, start);
            var wait = pacer.TimeUntil(bytes, start);
            Assert.InRange(wait, 0, long.MaxValue / 2);
            Assert.InRange(pacer.TimeUntil(bytes, start + wait), 0, 1);
            Assert.Equal(0, pacer.TimeUntil(bytes, start + wait + 1));
        }, iter: 2_000);

    [Fact]
    public void Over_any_time_no_more_leaves_than_the_rate_and_one_catch_up() =>
        Gen.Select(Gen.Long[100_000, 1_000_000_000], Gen.Long[1, 20_000].Array[1, 60]).Sample((rate, pauses) =>
        {
            var pacer = new Pacer(rate, 1_200, 0);
            var now = 0L;
            var left = 0L;
            foreach (var pause in pauses)
            {
                for (var i = 0; i < 500 && pacer.TimeUntil(1_200, now) == 0; i++)
                {
                    pacer.Spend(1_200, now);
                    left += 1_200;
                }

                now += pause;
            }

            Assert.True(left <= (rate * 1e-6 * (now + 15_000)) + 12_000 + 1_200);
        }, iter: 100);

    [Fact]
    public void A_clock_that_goes_back_earns_nothing_and_breaks_nothing()
    {
        var pacer = new Pacer(1_000_000, 1_200, 0);
        pacer.Spend(12_000, 0);
        Assert.Equal(0, pacer.Available(-1_000_000));
        Assert.Equal(1_000, pacer.Available(-999_000));
    }
}
