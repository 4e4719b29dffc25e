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

    /// <summary>When it is looked at, which is not after it is wanted; <see cref="long.MaxValue"/> when it does not stand among the others. The timers' to change.</summary>
    public long LookedAt { get; set; } = long.MaxValue;

    /// <summary>Where it stands among the others, while it does; the timers' to change.</summary>
    public int Place { get; set; }

    public void Cancel() => Wanted = long.MaxValue;

    public void Tell() => target.Tell(message, ActorRefs.NoSender);
}

/// <summary>
/// What a strand has to tell its actors, by time. A deadline that moves to a later time keeps its place, and is found to be wanted later when its first time comes, or when somebody is about to
/// sleep until then.
/// </summary>
internal sealed class StrandTimers
{
    private readonly Lock _gate = new();

    /// <summary>A heap: none is looked at before the one at half its place.</summary>
    private readonly List<StrandDeadline> _heap = [];
    private readonly List<StrandDeadline> _due = [];
    private long _next = long.MaxValue;

    /// <summary>No deadline is before it, though none need be there either; <see cref="long.MaxValue"/> when there is none at all.</summary>
    public long Next => Volatile.Read(ref _next);

    /// <summary>How many are kept.</summary>
    public int Count => _heap.Count;

    /// <summary>When the next deadline comes: worth asking before a sleep, since most deadlines move on before their time, and a wake-up to find that costs more.</summary>
    /// <returns><see cref="long.MaxValue"/> when there is none.</returns>
    public long Settle()
    {
        lock (_gate)
        {
            while (_heap.Count > 0 && _heap[0].Wanted is var wanted && wanted > _heap[0].LookedAt)
                MoveFirst(wanted);
            return Look();
        }
    }

    /// <summary>Moves a deadline, in either direction.</summary>
    public void Set(StrandDeadline deadline, long at)
    {
        if (at == long.MaxValue)
        {
            deadline.Cancel();
            return;
        }

        lock (_gate)
        {
            deadline.Wanted = at;
            if (at >= deadline.LookedAt)
                return;
            if (deadline.LookedAt == long.MaxValue)
            {
                deadline.Place = _heap.Count;
                _heap.Add(deadline);
            }

            deadline.LookedAt = at;
            Rise(deadline);
            if (at < _next)
                Volatile.Write(ref _next, at);
        }
    }

    /// <summary>Tells what is due.</summary>
    public void Fire(long now)
    {
        if (now < Next)
            return;
        lock (_gate)
        {
            while (_heap.Count > 0 && _heap[0] is var first && first.LookedAt <= now)
            {
                var wanted = first.Wanted;
                if (wanted <= now)
                {
                    wanted = first.Wanted = long.MaxValue;
                    _due.Add(first);
                }

                MoveFirst(wanted);
            }

            Look();
            foreach (var deadline in _due)
                deadline.Tell();
            _due.Clear();
        }
    }

    private long Look()
    {
        var next = _heap.Count > 0 ? _heap[0].LookedAt : long.MaxValue;
        Volatile.Write(ref _next, next);
        return next;
    }

    /// <summary>Gives the first one a later time, or takes it out when it is not wanted at all.</summary>
    private void MoveFirst(long at)
    {
        var first = _heap[0];
        first.LookedAt = at;
        if (at == long.MaxValue)
        {
            var last = _heap[^1];
            _heap.RemoveAt(_heap.Count - 1);
            if (last == first)
                return;
            Put(last, 0);
            first = last;
        }

        Sink(first);
    }

    private void Rise(StrandDeadline deadline)
    {
        var place = deadline.Place;
        for (; place > 0 && _heap[(place - 1) / 2].LookedAt > deadline.LookedAt; place = (place - 1) / 2)
            Put(_heap[(place - 1) / 2], place);
        Put(deadline, place);
    }

    private void Sink(StrandDeadline deadline)
    {
        var place = deadline.Place;
        while ((2 * place) + 1 < _heap.Count)
        {
            var child = (2 * place) + 1;
            if (child + 1 < _heap.Count && _heap[child + 1].LookedAt < _heap[child].LookedAt)
                child++;
            if (_heap[child].LookedAt >= deadline.LookedAt)
                break;
            Put(_heap[child], place);
            place = child;
        }

        Put(deadline, place);
    }

    private void Put(StrandDeadline deadline, int place)
    {
        _heap[place] = deadline;
        deadline.Place = place;
    }
}
