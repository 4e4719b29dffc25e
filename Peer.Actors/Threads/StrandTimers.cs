using Akka.Actor;

namespace Peer.Actors.Threads;

/// <summary>What one actor is to be told when a time has come; used again for each of its deadlines.</summary>
internal sealed class StrandDeadline(IActorRef target, object message)
{
    private long _wanted = long.MaxValue;

    /// <summary>When it is to be told; <see cref="long.MaxValue"/> when it is not.</summary>
    public long Wanted
    {
        get => Volatile.Read(ref _wanted);
        set => Volatile.Write(ref _wanted, value);
    }

    /// <summary>The earliest entry that stands for it; the timers' to change.</summary>
    public long EntryAt { get; set; } = long.MaxValue;

    public void Cancel() => Wanted = long.MaxValue;

    public void Tell() => target.Tell(message, ActorRefs.NoSender);
}

/// <summary>What a strand has to tell its actors, by time. A deadline that moves to a later time keeps its entry, which finds the later time when it comes.</summary>
internal sealed class StrandTimers
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<StrandDeadline, long> _entries = new();
    private readonly List<StrandDeadline> _due = [];
    private long _next = long.MaxValue;

    /// <summary>When there is something to look at; <see cref="long.MaxValue"/> when there is not.</summary>
    public long Next => Volatile.Read(ref _next);

    /// <summary>Moves a deadline, in either direction.</summary>
    public void Set(StrandDeadline deadline, long at)
    {
        deadline.Wanted = at;
        if (at == long.MaxValue)
            return;
        lock (_gate)
        {
            if (at < deadline.EntryAt)
                Enter(deadline, at);
        }
    }

    /// <summary>Tells what is due.</summary>
    public void Fire(long now)
    {
        if (now < Next)
            return;
        lock (_gate)
        {
            while (_entries.TryPeek(out var deadline, out var at) && at <= now)
            {
                _entries.Dequeue();

                // An earlier entry has stood for it meanwhile.
                if (at != deadline.EntryAt)
                    continue;
                deadline.EntryAt = long.MaxValue;
                if (deadline.Wanted > now)
                {
                    if (deadline.Wanted != long.MaxValue)
                        Enter(deadline, deadline.Wanted);
                    continue;
                }

                deadline.Wanted = long.MaxValue;
                _due.Add(deadline);
            }

            Volatile.Write(ref _next, _entries.TryPeek(out _, out var next) ? next : long.MaxValue);
            foreach (var deadline in _due)
                deadline.Tell();
            _due.Clear();
        }
    }

    private void Enter(StrandDeadline deadline, long at)
    {
        deadline.EntryAt = at;
        _entries.Enqueue(deadline, at);
        if (at < _next)
            Volatile.Write(ref _next, at);
    }
}
