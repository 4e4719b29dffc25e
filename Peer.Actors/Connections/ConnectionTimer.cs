using Akka.Actor;

namespace Peer.Actors.Connections;

/// <summary>The one timer of a connection: armed for the earliest deadline, never re-armed for a later one, so that a busy connection costs the scheduler nothing.</summary>
internal sealed class ConnectionTimer(IScheduler scheduler, IActorRef target, Clock clock)
{
    private ICancelable? _pending;
    private long _armedFor = long.MaxValue;

    /// <summary>Makes sure that <see cref="TimerElapsed"/> arrives no later than the deadline, to the scheduler's precision.</summary>
    public void Arm(long deadline)
    {
        if (deadline >= _armedFor)
            return;
        _pending?.Cancel();
        _armedFor = deadline;
        var delay = TimeSpan.FromMicroseconds(Math.Max(0, deadline - clock.Now));
        _pending = scheduler.ScheduleTellOnceCancelable(delay, target, TimerElapsed.Instance, ActorRefs.NoSender);
    }

    /// <summary>Call when the message has arrived.</summary>
    public void Elapsed()
    {
        _armedFor = long.MaxValue;
        _pending = null;
    }

    public void Cancel() => _pending?.Cancel();
}

/// <summary>A connection's deadline may have come.</summary>
internal sealed record TimerElapsed : IConnectionMessage, INotInfluenceReceiveTimeout
{
    public static TimerElapsed Instance { get; } = new();
}
