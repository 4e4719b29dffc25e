using Akka.Actor;

namespace Peer.Actors;

/// <summary>An actor's one timer: armed for its earliest deadline. One that moves on to a later deadline costs a busy actor nothing: it is noticed when the earlier one has come.</summary>
/// <param name="runtime">Where time comes from: the manager's strand to the millisecond, or else the system's scheduler.</param>
/// <param name="scheduler">The system's scheduler.</param>
/// <param name="target">The actor.</param>
/// <param name="message">What the actor is told.</param>
internal sealed class DeadlineTimer(PeerRuntime runtime, IScheduler scheduler, IActorRef target, object message)
{
    private ICancelable? _pending;
    private Threads.StrandDeadline? _onStrand;
    private long _armedFor = long.MaxValue;

    /// <summary>Makes sure that the message arrives no later than the deadline, to the precision of strand or scheduler.</summary>
    public void Arm(long deadline)
    {
        if (runtime.Lead is { } lead)
        {
            _onStrand ??= new Threads.StrandDeadline(target, message);
            lead.Strand.Schedule(_onStrand, deadline);
            return;
        }

        if (deadline >= _armedFor)
            return;
        _pending?.Cancel();
        _armedFor = deadline;
        var delay = TimeSpan.FromMicroseconds(Math.Max(0, deadline - runtime.Clock.Now));
        _pending = scheduler.ScheduleTellOnceCancelable(delay, target, message, ActorRefs.NoSender);
    }

    /// <summary>Call when the message has arrived.</summary>
    public void Elapsed()
    {
        _armedFor = long.MaxValue;
        _pending = null;
    }

    /// <summary>Call when the actor stops.</summary>
    public void Cancel()
    {
        _pending?.Cancel();
        _onStrand?.Cancel();
    }
}
