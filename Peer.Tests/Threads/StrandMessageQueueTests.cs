using System.Diagnostics;
using Akka.Actor;
using Peer.Actors.Threads;

namespace Peer.Tests.Threads;

public sealed class StrandMessageQueueTests
{
    [Fact]
    public void Messages_come_out_in_the_order_in_which_they_went_in()
    {
        var queue = new StrandMessageQueue();
        var next = 0;
        var expected = 0;
        foreach (var burst in (int[])[1, 3, 4, 5, 200, 1, 0, 70, 2])
        {
            for (var i = 0; i < burst; i++)
                queue.Enqueue(ActorRefs.Nobody, new Envelope(next++, ActorRefs.NoSender));
            for (var i = 0; i < burst - 1; i++)
                Assert.Equal(expected++, Taken(queue));
        }

        Assert.Equal(next - expected, queue.Count);
        while (queue.HasMessages)
            Assert.Equal(expected++, Taken(queue));
        Assert.Equal(next, expected);
        Assert.False(queue.TryDequeue(out _));
    }

    [Fact]
    public void An_unread_queue_goes_to_the_dead_letters_as_a_whole()
    {
        var queue = new StrandMessageQueue();
        var dead = new StrandMessageQueue();
        for (var i = 0; i < 9; i++)
            queue.Enqueue(ActorRefs.Nobody, new Envelope(i, ActorRefs.NoSender));
        queue.CleanUp(ActorRefs.Nobody, dead);
        Assert.Equal((0, 9), (queue.Count, dead.Count));
        Assert.Equal(0, Taken(dead));
    }

    /// <summary>Without a fence between the two steps of each side, both look too early now and then, and the message lies there unread.</summary>
    [Fact]
    public void Either_the_sender_sees_that_the_reader_sleeps_or_the_reader_sees_the_message()
    {
        const int Rounds = 50_000;

        // Where the two threads have one core between them nothing can go wrong, and so many rounds would take minutes.
        var enough = TimeSpan.FromSeconds(20);
        var begun = Stopwatch.GetTimestamp();
        var isOver = false;
        var queue = new StrandMessageQueue();
        var envelope = new Envelope("news", ActorRefs.NoSender);
        var (arrived, asleep, seen, missed) = (0, 0, 0, 0);
        var sender = new Thread(() =>
        {
            for (var round = 0; !Volatile.Read(ref isOver); round++)
            {
                Meet(ref arrived, 2 * round);
                queue.Enqueue(ActorRefs.Nobody, envelope);
                seen = Volatile.Read(ref asleep);
                Meet(ref arrived, (2 * round) + 1);
            }
        });
        sender.Start();
        for (var round = 0; !isOver; round++)
        {
            asleep = 0;
            queue.TryDequeue(out _);
            Meet(ref arrived, 2 * round);
            Interlocked.Exchange(ref asleep, 1);
            var found = queue.HasMessages;
            Volatile.Write(ref isOver, round + 1 == Rounds || Stopwatch.GetElapsedTime(begun) > enough);
            Meet(ref arrived, (2 * round) + 1);
            missed += seen == 0 && !found ? 1 : 0;
        }

        sender.Join();
        Assert.Equal(0, missed);
    }

    /// <summary>Waits until both threads are here for that time.</summary>
    private static void Meet(ref int arrived, int before)
    {
        Interlocked.Increment(ref arrived);
        var patience = default(SpinWait);
        while (Volatile.Read(ref arrived) < 2 * (before + 1))
            patience.SpinOnce(sleep1Threshold: -1);
    }

    private static int Taken(StrandMessageQueue queue) => queue.TryDequeue(out var envelope) ? (int)envelope.Message : -1;
}
