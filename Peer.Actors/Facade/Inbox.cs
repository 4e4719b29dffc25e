using Peer.Protocol.Delivery;

using Peer.Actors.Threads;

namespace Peer.Actors.Facade;

/// <summary>Where the manager and its connections leave events and runs for the caller's thread, and where that thread may wait for them.</summary>
/// <remarks>
/// Any number of threads post; one takes. Reliable runs are bounded by the credit that <see cref="Consumed"/> gives back, unreliable ones by a limit here: what
/// is over it is dropped and counted. A run counts from its post until <see cref="Consumed"/>, wherever it waits in between.
/// </remarks>
internal sealed class Inbox(TimeProvider time, int spinMicroseconds = Inbox.DefaultSpinMicroseconds, long unreliableLimitBytes = Inbox.DefaultUnreliableLimitBytes, IInboxGate? gate = null)
{
    public const int DefaultSpinMicroseconds = 50;
    public const long DefaultUnreliableLimitBytes = 64 * 1024 * 1024;

    // Spinning on the only core would keep the producer from running.
    private readonly TimeSpan _spin = Environment.ProcessorCount > 1 ? TimeSpan.FromMicroseconds(spinMicroseconds) : TimeSpan.Zero;
    private readonly object _gate = new();
    private readonly Queue<InboxItem> _items = new();
    private int _count;
    private int _events;
    private bool _waiting;
    private ILeaderWake? _elsewhere;
    private bool _interrupted;
    private long _unreliableBytes;
    private long _droppedRuns;
    private long _droppedBytes;
    private long _wakeUps;

    /// <summary>Items that can be taken now.</summary>
    public int Count => gate is { IsOpen: false } ? 0 : Volatile.Read(ref _count);

    /// <summary>Events that nobody has taken. They have no bound here: whoever causes them has one, or gets it from whoever posts them.</summary>
    public int Events => Volatile.Read(ref _events);

    /// <summary>What unreliable runs hold, with an allowance for each.</summary>
    public long UnreliableBytes => Volatile.Read(ref _unreliableBytes);

    /// <summary>Unreliable runs dropped because of the limit.</summary>
    public long DroppedRuns => Volatile.Read(ref _droppedRuns);

    /// <summary>Bytes of the runs dropped.</summary>
    public long DroppedBytes => Volatile.Read(ref _droppedBytes);

    /// <summary>How often a blocked thread was woken: at most once a burst.</summary>
    public long WakeUps => Volatile.Read(ref _wakeUps);

    public void Post(IPeerEvent @event) => Post(new InboxItem(@event));

    public void Post(int sender, in DeliveredRun run, ICreditReturn? credit) => Post(new InboxItem(sender, run, credit));

    /// <summary>Posts one item.</summary>
    public void Post(in InboxItem item)
    {
        lock (_gate)
        {
            Enqueue(item);
            Wake();
        }
    }

    /// <summary>Posts several in their order, under one lock.</summary>
    public void Post(List<InboxItem> batch)
    {
        lock (_gate)
        {
            foreach (var item in batch)
                Enqueue(item);
            Wake();
        }
    }

    /// <summary>Takes the oldest item.</summary>
    public bool TryTake(out InboxItem item)
    {
        item = default;
        if (Count == 0)
            return false;
        lock (_gate)
        {
            if (!_items.TryDequeue(out item))
                return false;
            Volatile.Write(ref _count, _items.Count);
            if (item.Event is not null)
                Volatile.Write(ref _events, _events - 1);
        }

        gate?.Taken(item);
        return true;
    }

    /// <summary>The run of an item has been read to its end, or will never be: its credit goes back, or its share of the limit. Its buffer is the reader's to release.</summary>
    public void Consumed(in InboxItem item)
    {
        var cost = item.UnreliableCost;
        if (cost != 0)
            Interlocked.Add(ref _unreliableBytes, -cost);
        if (item.Run.CreditBytes != 0)
            item.Credit?.Consumed(item.Run.CreditBytes);
    }

    /// <summary>Waits until there is something; true as soon as there is. Spins briefly before it blocks; a timeout of zero does neither.</summary>
    public bool Wait(TimeSpan timeout)
    {
        if (Count > 0)
            return true;
        if (timeout <= TimeSpan.Zero)
            return false;
        var started = time.GetTimestamp();
        return Spin(started, timeout < _spin ? timeout : _spin) || Block(started, timeout);
    }

    /// <summary>The taker is about to wait for more than this inbox: the next post interrupts that wait. False when there is something already.</summary>
    public bool BeginElsewhere(ILeaderWake leader)
    {
        lock (_gate)
        {
            if (_count > 0)
                return false;
            _interrupted = false;
            _elsewhere = leader;
            return true;
        }
    }

    /// <summary>The taker is back; true when a post has interrupted it.</summary>
    public bool EndElsewhere()
    {
        lock (_gate)
        {
            _elsewhere = null;
            return _interrupted;
        }
    }

    private bool Spin(long started, TimeSpan limit)
    {
        if (limit == TimeSpan.Zero)
            return false;
        do
        {
            Thread.SpinWait(16);
            if (Count > 0)
                return true;
        }
        while (time.GetElapsedTime(started) < limit);
        return false;
    }

    private bool Block(long started, TimeSpan timeout)
    {
        lock (_gate)
        {
            while (_count == 0)
            {
                var left = timeout - time.GetElapsedTime(started);
                if (left <= TimeSpan.Zero)
                    return false;
                _waiting = true;
                var woken = Monitor.Wait(_gate, (int)Math.Min(int.MaxValue, Math.Ceiling(left.TotalMilliseconds)));
                _waiting = false;

                // The whole time has been waited, whatever a clock that is not the machine's may say.
                if (!woken)
                    return _count > 0;
            }

            return true;
        }
    }

    private void Enqueue(in InboxItem item)
    {
        var cost = item.UnreliableCost;
        if (cost != 0)
        {
            if (_unreliableBytes + cost > unreliableLimitBytes)
            {
                Volatile.Write(ref _droppedRuns, _droppedRuns + 1);
                Volatile.Write(ref _droppedBytes, _droppedBytes + item.Run.Bytes.Length);
                item.Run.Release();
                return;
            }

            Interlocked.Add(ref _unreliableBytes, cost);
        }

        if (item.Event is not null)
            Volatile.Write(ref _events, _events + 1);
        _items.Enqueue(item);
        Volatile.Write(ref _count, _items.Count);
    }

    // Signalling costs a system call, so only a thread that really blocks is signalled, and once.
    private void Wake()
    {
        if (_count == 0)
            return;
        if (_elsewhere is { } leader)
        {
            _elsewhere = null;
            _interrupted = true;
            Volatile.Write(ref _wakeUps, _wakeUps + 1);
            leader.Interrupt();
        }

        if (!_waiting)
            return;
        _waiting = false;
        Volatile.Write(ref _wakeUps, _wakeUps + 1);
        Monitor.Pulse(_gate);
    }
}
