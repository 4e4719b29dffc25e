using Peer.Lab.Relay;

namespace Peer.Tests.Lab.Relay;

/// <summary>The laws of one direction, in virtual time.</summary>
public sealed class RelayDirectionTests
{
    private const int Datagram = 1_200;
    private const long Mbit = 1_000_000;

    [Fact]
    public void The_same_seed_and_arrivals_give_the_same_fates()
    {
        var shape = new RelayShape { Loss = 0.1, Duplicate = 0.1, Delay = 5_000, Jitter = 3_000, BitsPerSecond = 50 * Mbit, QueueBytes = 30_000, Seed = 7 };

        Assert.Equal(Fates(shape, 5_000, gap: 150), Fates(shape, 5_000, gap: 150));
        Assert.NotEqual(Fates(shape, 5_000, gap: 150), Fates(shape with { Seed = 8 }, 5_000, gap: 150));
    }

    [Fact]
    public void Without_jitter_nothing_is_overtaken()
    {
        var fates = Fates(new RelayShape { Loss = 0.2, Duplicate = 0.2, Delay = 10_000, BitsPerSecond = 100 * Mbit }, 5_000, gap: 90);

        Assert.Equal(fates.Order(), fates);
    }

    [Fact]
    public void Jitter_stays_within_its_bound_and_reorders()
    {
        var fates = Fates(new RelayShape { Delay = 10_000, Jitter = 2_000 }, 5_000, gap: 100);

        Assert.Equal(5_000, fates.Count);
        for (var i = 0; i < fates.Count; i++)
            Assert.InRange(fates[i] - (i * 100), 10_000, 12_000);
        Assert.NotEqual(fates.Order(), fates);
    }

    [Theory]
    [InlineData(0.01)]
    [InlineData(0.2)]
    public void The_wanted_share_is_lost_and_doubled(double share)
    {
        var direction = new RelayDirection(new RelayShape { Loss = share, Duplicate = share });
        Span<long> leaveAt = stackalloc long[2];
        for (var i = 0; i < 100_000; i++)
            direction.Admit(Datagram, i, leaveAt);

        var counts = direction.Counts;
        Assert.Equal((100_000, 100_000L * Datagram), (counts.Datagrams, counts.Bytes));
        Assert.InRange(counts.Lost / 100_000.0, share * 0.8, share * 1.2);
        Assert.InRange(counts.Duplicated / 100_000.0, share * 0.75, share * 1.2);
        Assert.Equal(counts.Datagrams - counts.Lost + counts.Duplicated, counts.Delivered);
    }

    [Fact]
    public void The_rate_is_kept_to_the_microsecond_however_fast_datagrams_arrive()
    {
        var fates = Fates(new RelayShape { Delay = 50_000, BitsPerSecond = 100 * Mbit, QueueBytes = 10 << 20 }, 1_000, gap: 0);

        // 1 200 bytes at 100 Mbit/s take 96 us.
        for (var i = 0; i < fates.Count; i++)
            Assert.InRange(fates[i], 50_000 + ((i + 1) * 96) - 1, 50_000 + ((i + 1) * 96) + 1);
    }

    [Fact]
    public void A_full_queue_drops_the_newest_and_holds_no_more_than_its_size()
    {
        var direction = new RelayDirection(new RelayShape { BitsPerSecond = 100 * Mbit, QueueBytes = 50 * Datagram });
        Span<long> leaveAt = stackalloc long[2];
        var passed = 0;
        for (var i = 0; i < 200; i++)
            passed += direction.Admit(Datagram, 0, leaveAt);
        Assert.InRange(passed, 50, 52);
        Assert.Equal(200 - passed, direction.Counts.Overflowed);

        // Half the queue has drained: as much may come again.
        passed = 0;
        for (var i = 0; i < 200; i++)
            passed += direction.Admit(Datagram, 25 * 96, leaveAt);
        Assert.InRange(passed, 24, 26);
    }

    [Fact]
    public void What_is_longer_than_the_path_carries_vanishes()
    {
        var direction = new RelayDirection(RelayShape.Clear);
        Span<long> leaveAt = stackalloc long[2];
        Assert.Equal(1, direction.Admit(1_472, 0, leaveAt));
        Assert.Equal(0, direction.Admit(1_473, 0, leaveAt));
    }

    [Fact]
    public void Chance_takes_the_same_datagrams_whatever_their_size_and_speed()
    {
        var shape = new RelayShape { Loss = 0.3, Seed = 3 };
        var slow = new RelayDirection(shape);
        var fast = new RelayDirection(shape with { BitsPerSecond = Mbit, QueueBytes = 2_000 });
        Span<long> leaveAt = stackalloc long[2];
        for (var i = 0; i < 1_000; i++)
        {
            slow.Admit(100, i * 1_000, leaveAt);
            fast.Admit(Datagram, i, leaveAt);
            Assert.Equal(slow.Counts.Lost, fast.Counts.Lost);
        }
    }

    private static List<long> Fates(RelayShape shape, int datagrams, long gap)
    {
        var direction = new RelayDirection(shape);
        Span<long> leaveAt = stackalloc long[2];
        var fates = new List<long>();
        for (var i = 0; i < datagrams; i++)
        {
            var copies = direction.Admit(Datagram, i * gap, leaveAt);
            for (var copy = 0; copy < copies; copy++)
                fates.Add(leaveAt[copy]);
        }

        return fates;
    }
}
