using Akka.Actor;
using CsCheck;
using Peer.Actors.Threads;

namespace Peer.Tests.Threads;

public sealed class StrandTimersTests
{
    private const int Deadlines = 6;

    /// <summary>Deadlines move, are cancelled, come, and are looked at before a sleep, in any order: each is told once, when its last time has come, and whoever sleeps is told when that is.</summary>
    [Fact]
    public void Each_deadline_is_told_once_at_the_last_time_it_was_given_and_a_sleeper_wakes_for_no_other()
    {
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, Deadlines - 1], Gen.Long[0, 50]).Array[1, 60].Sample(steps =>
        {
            var told = new List<int>();
            var timers = new StrandTimers();
            var deadlines = Enumerable.Range(0, Deadlines).Select(number => new StrandDeadline(new Ear(told), number)).ToArray();
            var wanted = Enumerable.Repeat(long.MaxValue, Deadlines).ToArray();
            var now = 0L;
            foreach (var (step, number, time) in steps)
            {
                switch (step)
                {
                    case 0 or 1:
                        wanted[number] = now + time;
                        timers.Set(deadlines[number], now + time);
                        break;

                    case 2:
                        wanted[number] = long.MaxValue;
                        deadlines[number].Cancel();
                        break;

                    case 3:
                        Assert.Equal(wanted.Min(), timers.Settle());
                        Assert.Equal(wanted.Min(), timers.Next);
                        break;

                    default:
                        now += time;
                        told.Clear();
                        timers.Fire(now);
                        Assert.Equal(Enumerable.Range(0, Deadlines).Where(i => wanted[i] <= now), told.Order());
                        foreach (var one in told)
                            wanted[one] = long.MaxValue;
                        break;
                }

                Assert.True(timers.Next <= wanted.Min(), "no deadline is before the one that callers are told of");
                Assert.InRange(timers.Count, wanted.Count(time => time != long.MaxValue), Deadlines);
            }
        });
    }

    [Fact]
    public void A_deadline_that_has_moved_on_wakes_nobody_at_its_first_time()
    {
        var timers = new StrandTimers();
        var deadline = new StrandDeadline(ActorRefs.Nobody, "late");
        timers.Set(deadline, 10);
        timers.Set(deadline, 500);

        Assert.Equal(500, timers.Settle());
        timers.Set(deadline, 20);
        Assert.Equal(20, timers.Settle());
    }

    private sealed class Ear(List<int> told) : MinimalActorRef
    {
        public override ActorPath Path { get; } = new RootActorPath(Address.AllSystems) / "ear";

        public override IActorRefProvider Provider => throw new NotSupportedException();

        protected override void TellInternal(object message, IActorRef sender) => told.Add((int)message);
    }
}
