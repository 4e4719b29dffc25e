using System.Net;
using CsCheck;
using Peer.Protocol.Admission;

namespace Peer.Tests.Admission;

public sealed class LimitTests
{
    private const long Second = 1_000_000;

    [Fact]
    public void A_budget_gives_its_burst_at_once_and_its_rate_thereafter()
    {
        var budget = new RateBudget(10, 3);
        Assert.Equal([true, true, true, false], Enumerable.Range(0, 4).Select(_ => budget.TryTake(1, 0)));
        Assert.True(budget.TryTake(1, Second / 20), "half of one is left, the other half is owed");
        Assert.False(budget.TryTake(1, Second / 10));
        Assert.True(budget.TryTake(1, Second * 2 / 10));
        Assert.Equal(3, Enumerable.Range(0, 9).Count(_ => budget.TryTake(1, 60 * Second)));
    }

    [Fact]
    public void A_piece_larger_than_the_burst_passes_once_and_is_paid_off()
    {
        var budget = new RateBudget(100, 10);
        Assert.True(budget.TryTake(210, 0));
        Assert.False(budget.TryTake(1, 2 * Second - 1));
        Assert.True(budget.TryTake(1, (2 * Second) + 20_000));
    }

    [Fact]
    public void A_clock_that_goes_back_gives_nothing_and_never_blocks_for_good()
    {
        var budget = new RateBudget(1, 1);
        Assert.True(budget.TryTake(1, 100 * Second));
        Assert.False(budget.TryTake(1, 0));
        Assert.False(budget.TryTake(1, 100 * Second));
        Assert.True(budget.TryTake(1, (101 * Second) + 1));
    }

    [Fact]
    public void No_budget_gives_more_than_its_burst_and_its_rate_in_any_span() =>
        Gen.Select(Gen.Int[1, 50], Gen.Int[1, 20], Gen.Int[0, 300_000].Array[1, 200]).Sample(
            (rate, burst, gaps) =>
            {
                var budget = new RateBudget(rate, burst);
                var taken = new List<long>();
                var now = 0L;
                foreach (var gap in gaps)
                {
                    now += gap;
                    if (budget.TryTake(1, now))
                        taken.Add(now);
                }

                for (var from = 0; from < taken.Count; from++)
                {
                    for (var to = from; to < taken.Count; to++)
                        Assert.True(to - from + 1 <= burst + 1 + ((taken[to] - taken[from]) * rate / (double)Second));
                }
            },
            iter: 200);

    [Fact]
    public void Each_prefix_has_a_rate_of_its_own()
    {
        var rates = new PrefixRates(10, 40, new SeededRandom(1));
        var loud = Source("192.0.2.1");
        Assert.Equal(40, Enumerable.Range(0, 1_000).Count(_ => rates.TryTake(loud, 0)));
        Assert.True(rates.TryTake(Source("192.0.3.1"), 0));
        Assert.False(rates.TryTake(Source("192.0.2.200"), 0), "the same /24");
        Assert.Equal(10, Enumerable.Range(0, 1_000).Count(_ => rates.TryTake(loud, Second)));
    }

    [Fact]
    public void Few_prefixes_take_little_memory()
    {
        var rates = new PrefixRates(10, 40, new SeededRandom(3));
        var sources = Enumerable.Range(0, 8).Select(n => Source(new IPAddress([192, 0, (byte)n, 1]))).ToArray();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var n = 0; n < 10_000; n++)
            rates.TryTake(sources[n % 8], n * Second / 1_000);

        // A node has thousands of rooms, and whoever joins one comes from somewhere.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 4_000);
    }

    [Fact]
    public void Who_has_spent_its_rate_gets_no_new_one_when_many_come_and_what_they_took_is_given_back()
    {
        var rates = new PrefixRates(10, 40, new SeededRandom(4));
        var loud = Source("192.0.2.1");
        Assert.Equal(40, Enumerable.Range(0, 1_000).Count(_ => rates.TryTake(loud, 0)));
        for (var i = 0; i < 50; i++)
            Assert.True(rates.TryTake(Source(new IPAddress([10, 0, (byte)i, 1])), 0));
        Assert.True(rates.IsSketched);
        Assert.False(rates.TryTake(loud, 0));
        Assert.True(rates.TryTake(loud, Second));

        Assert.True(rates.TryTake(loud, 120 * Second));
        Assert.False(rates.IsSketched);
    }

    [Fact]
    public void Thousands_of_loud_prefixes_do_not_silence_the_quiet_ones()
    {
        // Fewer than there are cells, each ten times over its rate: who is quiet shares both of its cells with a loud one only now and then.
        var rates = new PrefixRates(10, 10, new SeededRandom(2));
        for (var i = 0; i < 1_000; i++)
        {
            for (var n = 0; n < 100; n++)
                rates.TryTake(Source(new IPAddress([10, (byte)(i >> 8), (byte)i, 1])), n * Second / 100);
        }

        var served = Enumerable.Range(0, 1_000).Count(i => rates.TryTake(Source(new IPAddress([172, (byte)(i >> 8), (byte)i, 1])), Second));
        Assert.InRange(served, 970, 1_000);
    }

    [Fact]
    public void Sources_are_a_24_of_ipv4_and_a_64_of_ipv6()
    {
        Assert.Equal(Source("192.0.2.1"), Source("192.0.2.254"));
        Assert.NotEqual(Source("192.0.2.1"), Source("192.0.3.1"));
        Assert.Equal(Source("2001:db8:1:2::1"), Source("2001:db8:1:2:ffff::9"));
        Assert.NotEqual(Source("2001:db8:1:2::1"), Source("2001:db8:1:3::1"));
        Assert.NotEqual(Source("0.0.0.0"), Source("::"));
    }

    [Fact]
    public void A_census_remembers_only_those_who_live()
    {
        var census = new PrefixCensus();
        for (var i = 0; i < 1_000; i++)
        {
            census.Enter(Source(new IPAddress([10, 0, (byte)i, 1])));
            Assert.InRange(census.Of(Source(new IPAddress([10, 0, (byte)i, 2]))), 1, 4);
        }

        Assert.Equal(256, census.Prefixes);
        for (var i = 0; i < 1_000; i++)
            census.Leave(Source(new IPAddress([10, 0, (byte)i, 1])));
        Assert.Equal(0, census.Prefixes);
    }

    [Fact]
    public void A_ban_holds_for_its_network_until_its_time()
    {
        var bans = new BanList(10);
        Assert.True(bans.TryBan(Network("203.0.113.0/24"), 10 * Second, 0));
        Assert.True(bans.TryBan(Network("2001:db8::/32"), long.MaxValue, 0));
        Assert.True(bans.TryBan(77, 5 * Second, 0));
        Assert.True(bans.IsBanned(Bytes("203.0.113.9"), Second));
        Assert.False(bans.IsBanned(Bytes("203.0.114.9"), Second));
        Assert.True(bans.IsBanned(Bytes("2001:db8:1::1"), long.MaxValue - 1));
        Assert.False(bans.IsBanned(Bytes("2001:db9::1"), Second));
        Assert.True(bans.IsBanned(77, Second));
        Assert.False(bans.IsBanned(77, 5 * Second));
        Assert.False(bans.IsBanned(Bytes("203.0.113.9"), 10 * Second));
        Assert.Equal(1, bans.Count);
        Assert.True(bans.Unban(Network("2001:db8::/32")));
        Assert.False(bans.IsBanned(Bytes("2001:db8:1::1"), Second));
        Assert.Equal(0, bans.Count);
    }

    [Fact]
    public void A_full_list_of_bans_takes_no_more_until_one_expires()
    {
        var bans = new BanList(2);
        Assert.True(bans.TryBan(1, 10, 0));
        Assert.True(bans.TryBan(2, 20, 0));
        Assert.False(bans.TryBan(3, 30, 0));
        Assert.True(bans.TryBan(2, 25, 0));
        Assert.True(bans.TryBan(3, 30, 10));
        Assert.False(bans.IsBanned(1, 10));
    }

    [Theory]
    [InlineData("all is well", "all is well")]
    [InlineData("größer 不 🙂", "größer 不 🙂")]
    [InlineData("a\r\nWARN forged line", "a  WARN forged line")]
    [InlineData("\u001b[2Jgone", "\uFFFD[2Jgone")]
    [InlineData("abc\u202Egnp", "abc\uFFFDgnp")]
    [InlineData("\0\u0085\u2028", "\uFFFD\uFFFD ")]
    public void Text_of_others_moves_no_cursor_and_starts_no_line(string text, string plain) => Assert.Equal(plain, PlainText.Of(text));

    private static AddressPrefix Source(string address) => Source(IPAddress.Parse(address));

    private static AddressPrefix Source(IPAddress address) => AddressPrefix.SourceOf(address.GetAddressBytes());

    private static AddressPrefix Network(string text)
    {
        var network = IPNetwork.Parse(text);
        return AddressPrefix.Of(network.BaseAddress.GetAddressBytes(), network.PrefixLength);
    }

    private static byte[] Bytes(string address) => IPAddress.Parse(address).GetAddressBytes();
}
