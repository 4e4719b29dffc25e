using Akka.Actor;

namespace Peer.Actors;

/// <summary>An actor's one timer: armed for its earliest deadline and never re-armed for a later one, so that a busy actor costs the scheduler nothing.</summary>
/// <param name="scheduler">The system's scheduler.</param>
/// <param name="target">The actor.</param>
/// <param name="clock">The clock that deadlines are on.</param>
/// <param name="message">What the actor is told.</param>
internal sealed class DeadlineTimer(IScheduler scheduler, IActorRef target, Clock clock, object message)
{
    private ICancelable? _pending;
    private long _armedFor = long.MaxValue;

    /// <summary>Makes sure that the message arrives no later than the deadline, to the scheduler's precision.</summary>
    public void Arm(long deadline)
    {
        if (deadline >= _armedFor)
            return;
        _pending?.Cancel();
        _armedFor = deadline;
        var delay = TimeSpan.FromMicroseconds(Math.Max(0, deadline - clock.Now));
        _pending = scheduler.ScheduleTellOnceCancelable(delay, target, message, ActorRefs.NoSender);
    }

    /// <summary>Call when the message has arrived.</summary>
    public void Elapsed()
    {
        _armedFor = long.MaxValue;
        _pending = null;
    }

    /// <summary>Call when the actor stops.</summary>
    public void Cancel() => _pending?.Cancel();
}
