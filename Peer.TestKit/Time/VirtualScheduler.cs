using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace Peer.TestKit.Time;

/// <summary>Akka's scheduler on virtual time, with the ticks of the real one: what is due between two ticks happens at the later one.</summary>
public sealed class VirtualScheduler : SchedulerBase
{
    [ThreadStatic]
    private static EventQueue? _ofThisThread;

    private readonly EventQueue _events;
    private readonly long _tick;

    /// <summary>Called by Akka while a <see cref="Simulation"/> creates its system on this thread.</summary>
    /// <param name="config">The system's configuration.</param>
    /// <param name="log">Not used.</param>
    public VirtualScheduler(Config config, ILoggingAdapter log)
        : base(config, log)
    {
        _events = _ofThisThread ?? throw new InvalidOperationException("VirtualScheduler lives in a Simulation only");
        _tick = Math.Max(1, (long)config.GetTimeSpan("akka.scheduler.tick-duration", TimeSpan.FromMilliseconds(10)).TotalMicroseconds);
    }

    internal WorkQueue Work { get; } = new();

    /// <inheritdoc />
    public override TimeSpan MonotonicClock => _events.Time.Elapsed;

    /// <inheritdoc />
    public override TimeSpan HighResMonotonicClock => _events.Time.Elapsed;

    /// <inheritdoc />
    protected override DateTimeOffset TimeNow => _events.Time.GetUtcNow();

    /// <summary>Schedulers made on this thread while the action runs live on that queue.</summary>
    internal static T Within<T>(EventQueue events, Func<T> create)
    {
        var outer = _ofThisThread;
        _ofThisThread = events;
        try
        {
            return create();
        }
        finally
        {
            _ofThisThread = outer;
        }
    }

    /// <inheritdoc />
    protected override void InternalScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Once(delay, () => receiver.Tell(message, sender), cancelable);

    /// <inheritdoc />
    protected override void InternalScheduleTellRepeatedly(
        TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Repeatedly(initialDelay, interval, () => receiver.Tell(message, sender), cancelable);

    /// <inheritdoc />
    protected override void InternalScheduleOnce(TimeSpan delay, Action action, ICancelable cancelable) => Once(delay, action, cancelable);

    /// <inheritdoc />
    protected override void InternalScheduleOnce(TimeSpan delay, IRunnable action, ICancelable cancelable) => Once(delay, action.Run, cancelable);

    /// <inheritdoc />
    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable cancelable) =>
        Repeatedly(initialDelay, interval, action, cancelable);

    /// <inheritdoc />
    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, IRunnable action, ICancelable cancelable) =>
        Repeatedly(initialDelay, interval, action.Run, cancelable);

    private void Once(TimeSpan delay, Action happen, ICancelable? cancelable) => Plan(_events.Time.Now + Micros(delay), happen, cancelable);

    private void Repeatedly(TimeSpan initialDelay, TimeSpan interval, Action happen, ICancelable? cancelable)
    {
        var due = _events.Time.Now + Micros(initialDelay);
        Plan(due, Next, cancelable);

        void Next()
        {
            happen();
            due += Math.Max(_tick, Micros(interval));
            Plan(due, Next, cancelable);
        }
    }

    private void Plan(long due, Action happen, ICancelable? cancelable)
    {
        var tick = (due + _tick - 1) / _tick * _tick;
        _events.At(tick, cancelable is null ? happen : () =>
        {
            if (!cancelable.IsCancellationRequested)
                happen();
        });
    }

    private static long Micros(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;
}
