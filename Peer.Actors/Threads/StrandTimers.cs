using Akka.Actor;

namespace Peer.Actors.Threads;

/// <summary>Something that will be told at a time, unless it is called off.</summary>
internal interface ICancelableDeadline
{
    void Cancel();
}

/// <summary>What a strand has to tell its actors, by time.</summary>
internal sealed class StrandTimers
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<Entry, long> _entries = new();
    private long _next = long.MaxValue;

    /// <summary>The earliest deadline; <see cref="long.MaxValue"/> when there is none. One that was called off may count.</summary>
    public long Next => Volatile.Read(ref _next);

    public ICancelableDeadline Add(long deadline, IActorRef target, object message)
    {
        var entry = new Entry(target, message);
        lock (_gate)
        {
            _entries.Enqueue(entry, deadline);
            if (deadline < _next)
                Volatile.Write(ref _next, deadline);
        }

        return entry;
    }

    /// <summary>Tells what is due.</summary>
    public void Fire(long now)
    {
        if (now < Next)
            return;
        lock (_gate)
        {
            var deadline = long.MaxValue;
            while (_entries.TryPeek(out var entry, out deadline) && deadline <= now)
            {
                _entries.Dequeue();
                entry.Tell();
                deadline = long.MaxValue;
            }

            Volatile.Write(ref _next, _entries.Count == 0 ? long.MaxValue : deadline);
        }
    }

    private sealed class Entry(IActorRef target, object message) : ICancelableDeadline
    {
        private IActorRef? _target = target;

        public void Cancel() => Volatile.Write(ref _target, null);

        public void Tell() => Volatile.Read(ref _target)?.Tell(message, ActorRefs.NoSender);
    }
}
