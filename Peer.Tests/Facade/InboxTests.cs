using Peer.Actors;
using Peer.Actors.Facade;
using Peer.Protocol;

namespace Peer.Tests.Facade;

public sealed class InboxTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    [Fact]
    public void Things_come_out_in_the_order_in_which_they_went_in()
    {
        var inbox = new Inbox(TimeProvider.System);
        inbox.Post(new PeerConnected(5));
        inbox.Post(5, Runs.Delivered(Runs.Reliable, 3, [1]), null);
        inbox.Post([new InboxItem(new PeerDisconnected(5, DisconnectInfo.None)), new InboxItem(Stopped.Instance)]);

        Assert.Equal(4, inbox.Count);
        Assert.True(inbox.TryTake(out var first));
        Assert.True(inbox.TryTake(out var second));
        Assert.True(inbox.TryTake(out var third));
        Assert.True(inbox.TryTake(out var last));
        Assert.False(inbox.TryTake(out _));
        Assert.IsType<PeerConnected>(first.Event);
        Assert.Null(second.Event);
        Assert.Equal(5, second.Sender);
        Assert.IsType<PeerDisconnected>(third.Event);
        Assert.Same(Stopped.Instance, last.Event);
    }

    [Fact]
    public void Unreliable_runs_over_the_limit_are_dropped_and_counted_and_reliable_ones_are_not()
    {
        var inbox = new Inbox(TimeProvider.System, unreliableLimitBytes: 1000);
        var run = Runs.Delivered(Runs.Unreliable, 0, new byte[300]);
        for (var i = 0; i < 5; i++)
            inbox.Post(9, run, null);
        inbox.Post(9, Runs.Delivered(Runs.Reliable, 5000, new byte[5000]), null);

        Assert.Equal(3, inbox.Count);
        Assert.Equal(3, inbox.DroppedRuns);
        Assert.Equal(3 * run.Bytes.Length, inbox.DroppedBytes);
        Assert.InRange(inbox.UnreliableBytes, 1, 1000);
    }

    [Fact]
    public void What_was_taken_counts_until_it_was_read()
    {
        var inbox = new Inbox(TimeProvider.System, unreliableLimitBytes: 500);
        inbox.Post(9, Runs.Delivered(Runs.Unreliable, 0, new byte[300]), null);
        Assert.True(inbox.TryTake(out var item));

        inbox.Post(9, Runs.Delivered(Runs.Unreliable, 0, new byte[300]), null);
        Assert.Equal(1, inbox.DroppedRuns);
        inbox.Consumed(item);
        Assert.Equal(0, inbox.UnreliableBytes);
        inbox.Post(9, Runs.Delivered(Runs.Unreliable, 0, new byte[300]), null);
        Assert.Equal(1, inbox.DroppedRuns);
    }

    [Fact]
    public void A_flood_of_tiny_unreliable_runs_is_bounded_too()
    {
        var inbox = new Inbox(TimeProvider.System, unreliableLimitBytes: 64 * 1024);
        var run = Runs.Delivered(Runs.Unreliable, 0, [1]);
        for (var i = 0; i < 10_000; i++)
            inbox.Post(9, run, null);
        Assert.InRange(inbox.Count, 1, 600);
    }

    [Fact]
    public void A_wait_of_zero_never_blocks_and_a_wait_with_something_there_is_over_at_once()
    {
        var time = new ManualTime();
        var inbox = new Inbox(time);
        Assert.False(inbox.Wait(TimeSpan.Zero));
        inbox.Post(Stopped.Instance);
        Assert.True(inbox.Wait(TimeSpan.Zero));
        Assert.True(inbox.Wait(TimeSpan.FromDays(1)));
        Assert.Equal(0, time.Reads);
    }

    [Fact]
    public void A_wait_for_nothing_ends()
    {
        var inbox = new Inbox(TimeProvider.System);
        Assert.False(inbox.Wait(TimeSpan.FromMilliseconds(5)));
        Assert.False(inbox.Wait(TimeSpan.FromMicroseconds(1)));
    }

    [Fact]
    public void A_wait_ends_even_when_the_clock_stands_still()
    {
        var inbox = new Inbox(new ManualTime(), spinMicroseconds: 0);
        Assert.False(inbox.Wait(TimeSpan.FromMilliseconds(5)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    public void Every_post_wakes_a_waiting_reader_and_none_is_missed(int spinMicroseconds)
    {
        const int Rounds = 3000;
        var ping = new Inbox(TimeProvider.System, spinMicroseconds);
        var pong = new Inbox(TimeProvider.System, spinMicroseconds);
        var answered = 0;
        var other = new Thread(() =>
        {
            while (answered < Rounds && ping.Wait(Bound))
            {
                while (ping.TryTake(out var item))
                {
                    answered++;
                    pong.Post(item);
                }
            }
        });
        other.Start();
        for (var i = 0; i < Rounds; i++)
        {
            ping.Post(Stopped.Instance);
            Assert.True(pong.Wait(Bound));
            Assert.True(pong.TryTake(out _));
        }

        Assert.True(other.Join(Bound));
        Assert.Equal(Rounds, answered);
        Assert.InRange(ping.WakeUps, 0, Rounds);
    }

    [Fact]
    public void Posts_of_several_threads_all_arrive_each_in_its_own_order()
    {
        const int Each = 20_000;
        var inbox = new Inbox(TimeProvider.System, spinMicroseconds: 0);
        var writers = Enumerable.Range(0, 3).Select(writer => new Thread(() =>
        {
            for (var i = 0; i < Each; i++)
                inbox.Post(new InboxItem(new PeerConnected((writer * Each) + i)));
        })).ToList();
        writers.ForEach(writer => writer.Start());
        var next = new int[3];
        while (next.Sum() < 3 * Each)
        {
            Assert.True(inbox.Wait(Bound));
            while (inbox.TryTake(out var item))
            {
                var number = ((PeerConnected)item.Event!).Peer;
                Assert.Equal(next[number / Each]++, number % Each);
            }
        }

        writers.ForEach(writer => Assert.True(writer.Join(Bound)));
    }

    [Fact]
    public void A_burst_with_nobody_waiting_wakes_nobody()
    {
        var inbox = new Inbox(TimeProvider.System);
        for (var i = 0; i < 100; i++)
            inbox.Post(Stopped.Instance);
        Assert.Equal(0, inbox.WakeUps);
        Assert.True(inbox.Wait(Bound));
    }

    [Fact]
    public void Waiting_and_taking_allocate_nothing()
    {
        var inbox = new Inbox(TimeProvider.System, spinMicroseconds: 0);

        // What the runtime sets up for itself on the way is paid once, whenever that is.
        Assert.Contains(0L, Enumerable.Range(0, 10).Select(_ => AllocatedBy(100)));

        long AllocatedBy(int items)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Round(inbox, items);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        static void Round(Inbox inbox, int items)
        {
            for (var i = 0; i < items; i++)
                inbox.Post(new InboxItem(Stopped.Instance));
            inbox.Wait(Bound);
            while (inbox.TryTake(out _))
            {
            }

            inbox.Wait(TimeSpan.FromMilliseconds(1));
        }
    }
}
