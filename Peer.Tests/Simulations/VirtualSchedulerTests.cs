using Akka.Actor;
using Peer.TestKit;
using Peer.TestKit.Time;

namespace Peer.Tests.Simulations;

public sealed class VirtualSchedulerTests : IDisposable
{
    private readonly Simulation _simulation = new(1);
    private readonly List<string> _happened = [];

    private IScheduler Scheduler => _simulation.System.Scheduler;

    [Fact]
    public void Timers_fire_in_the_order_of_their_deadlines_whatever_the_order_of_their_making()
    {
        foreach (var due in new[] { 50, 10, 30, 20, 40 })
            Plan(due, $"{due}");
        _simulation.RunFor(TimeSpan.FromMilliseconds(100));
        Assert.Equal(["10", "20", "30", "40", "50"], _happened);
    }

    [Fact]
    public void Timers_of_one_instant_fire_in_the_order_of_their_making()
    {
        for (var i = 0; i < 100; i++)
            Plan(10, $"{i}");
        _simulation.RunFor(TimeSpan.FromMilliseconds(10));
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), _happened);
    }

    [Fact]
    public void A_timer_fires_at_the_first_tick_at_or_after_its_deadline()
    {
        var at = new List<long>();
        foreach (var micros in new[] { 0, 1, 9_999, 10_000, 10_001 })
            Scheduler.Advanced.ScheduleOnce(TimeSpan.FromMicroseconds(micros), () => at.Add(_simulation.Time.Now));
        _simulation.RunFor(TimeSpan.FromMilliseconds(50));
        Assert.Equal([0, 10_000, 10_000, 10_000, 20_000], at);
    }

    [Fact]
    public void What_a_timer_plans_for_now_still_happens_now()
    {
        Scheduler.Advanced.ScheduleOnce(TimeSpan.FromMilliseconds(20), () => Plan(0, $"{_simulation.Time.Now}"));
        _simulation.RunFor(TimeSpan.FromMilliseconds(20));
        Assert.Equal(["20000"], _happened);
    }

    [Fact]
    public void A_timer_that_was_cancelled_in_time_never_fires()
    {
        using var cancelled = new Cancelable(Scheduler);
        Scheduler.Advanced.ScheduleOnce(TimeSpan.FromMilliseconds(20), () => _happened.Add("never"), cancelled);
        Scheduler.Advanced.ScheduleOnce(TimeSpan.FromMilliseconds(10), () => cancelled.Cancel());
        _simulation.RunFor(TimeSpan.FromSeconds(1));
        Assert.Empty(_happened);
    }

    [Fact]
    public void A_cancelable_with_a_delay_cancels_itself_under_virtual_time()
    {
        using var cancelled = new Cancelable(Scheduler, TimeSpan.FromMilliseconds(35));
        Scheduler.Advanced.ScheduleRepeatedly(TimeSpan.Zero, TimeSpan.FromMilliseconds(10), () => _happened.Add("beat"), cancelled);
        _simulation.RunFor(TimeSpan.FromSeconds(1));
        Assert.InRange(_happened.Count, 4, 5);
    }

    [Fact]
    public void A_repeated_timer_keeps_its_beat_and_ends_when_it_is_cancelled()
    {
        var at = new List<long>();
        using var cancelled = new Cancelable(Scheduler);
        Scheduler.Advanced.ScheduleRepeatedly(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(25), () =>
        {
            at.Add(_simulation.Time.Now);
            if (at.Count == 4)
                cancelled.Cancel();
        }, cancelled);
        _simulation.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal([10_000, 40_000, 60_000, 90_000], at);
    }

    [Fact]
    public void The_clock_stands_still_between_runs_and_ends_exactly_where_a_run_was_to_end()
    {
        Assert.Equal(0, _simulation.Time.Now);
        _simulation.RunFor(TimeSpan.FromMicroseconds(12_345));
        Assert.Equal(12_345, _simulation.Time.Now);
        Assert.Equal(TimeSpan.FromMicroseconds(12_345), Scheduler.MonotonicClock);
        Assert.Equal(_simulation.Time.GetUtcNow(), Scheduler.Now);
    }

    [Fact]
    public void A_condition_ends_a_run_in_the_instant_in_which_it_holds()
    {
        Plan(30, "done");
        Assert.True(_simulation.RunUntil(() => _happened.Count > 0, TimeSpan.FromSeconds(1)));
        Assert.Equal(30_000, _simulation.Time.Now);
        Assert.False(_simulation.RunUntil(() => _happened.Count > 1, TimeSpan.FromSeconds(1)));
        Assert.Equal(1_030_000, _simulation.Time.Now);
    }

    [Fact]
    public void What_a_script_throws_comes_out_of_the_run_and_the_run_can_go_on()
    {
        _simulation.After(TimeSpan.FromMilliseconds(10), () => throw new InvalidOperationException("a failed assertion"));
        Plan(20, "later");
        Assert.Throws<InvalidOperationException>(() => _simulation.RunFor(TimeSpan.FromSeconds(1)));
        _simulation.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(["later"], _happened);
    }

    [Fact]
    public void The_scheduler_is_at_home_in_a_simulation_only() =>
        Assert.Throws<InvalidOperationException>(() => new VirtualScheduler(Akka.Configuration.Config.Empty, null!));

    public void Dispose() => _simulation.Dispose();

    private void Plan(int milliseconds, string what) => Scheduler.Advanced.ScheduleOnce(TimeSpan.FromMilliseconds(milliseconds), () => _happened.Add(what));
}
