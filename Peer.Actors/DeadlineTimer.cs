using Akka.Actor;

namespace Peer.Actors;

/// <summary>An actor's one timer: armed for its earliest deadline and never re-armed for a later one, so that a busy actor costs nobody anything.</summary>
/// <param name="runtime">Where time comes from: the manager's strand to the millisecond, or else the system's scheduler.</param>
/// <param name="scheduler">The system's scheduler.</param>
/// <param name="target">The actor.</param>
/// <param name="message">What the actor is told.</param>
internal sealed class DeadlineTimer(PeerRuntime runtime, IScheduler scheduler, IActorRef target, object message)
{
    private ICancelable? _pending;
    private Threads.ICancelableDeadline? _onStrand;
    private long _armedFor = long.MaxValue;

    /// <summary>Makes sure that the message arrives no later than the deadline, to the precision of strand or scheduler.</summary>
    public void Arm(long deadline)
    {
        if (deadline >= _armedFor)
            return;
        Cancel();
        _armedFor = deadline;
        if (runtime.Lead is { } lead)
        {
            _onStrand = lead.Strand.Schedule(deadline, target, message);
            return;
        }

        var delay = TimeSpan.FromMicroseconds(Math.Max(0, deadline - runtime.Clock.Now));
        _pending = scheduler.ScheduleTellOnceCancelable(delay, target, message, ActorRefs.NoSender);
    }

    /// <summary>Call when the message has arrived.</summary>
    public void Elapsed()
    {
        _armedFor = long.MaxValue;
        _pending = null;
        _onStrand = null;
    }

    /// <summary>Call when the actor stops.</summary>
    public void Cancel()
    {
        _pending?.Cancel();
        _onStrand?.Cancel();
    }
}
