using Peer.Actors.Transport;

namespace Peer.Actors.Threads;

/// <summary>The strand's own thread: watches the sockets that nobody polls, keeps the deadlines, runs what others post.</summary>
internal sealed partial class Strand
{
    /// <summary>How long a caller who polls in a loop may be away before the strand watches his socket again, in milliseconds. Each look costs a wake-up.</summary>
    public const int Patience = 4;

    /// <summary>Microseconds by which nobody is late who was not stopped, starved or asleep with the whole machine.</summary>
    private const long Overslept = 250_000;

    /// <summary>Turns that a socket has at most when it is to be read to its end.</summary>
    private const int TurnsToTheEnd = 512;

    private const int Doze = 50;
    private const int LongRest = 500;

    /// <summary>Sockets of callers from which on one look at all of them costs less than trying each.</summary>
    private const int WorthALook = 3;

    /// <summary>Microseconds for which a look at all sockets is good for those that have not made use of it yet.</summary>
    private const long LookIsGoodFor = 1000;

    private readonly Clock _clock;
    private readonly Lazy<Thread> _thread;
    private readonly SocketPoller _poller = SocketPoller.Create();
    private readonly StrandTimers _timers = new();
    private readonly Lock _leadsGate = new();
    private readonly List<Lead> _led = [];
    private DatagramBatch? _batch;
    private int _ledCount;
    private bool _callersRest;
    private long _look;
    private long _lookTaken;
    private long _lastVisit = long.MinValue / 2;
    private long _lookedAt;
    private int _sleeping;
    private int _changes;
    private long _wakesAt;

    /// <summary>Deadlines before this one are kept without waking the thread.</summary>
    private long _keepsUntil;
    private volatile bool _stopped;

    public SocketPoller Poller => _poller;

    /// <summary>When some peer of this strand was polled last.</summary>
    public long LastVisit
    {
        get => Volatile.Read(ref _lastVisit);
        set => Volatile.Write(ref _lastVisit, value);
    }

    /// <summary>Moves a deadline, which is kept to the millisecond.</summary>
    public void Schedule(StrandDeadline deadline, long at)
    {
        _timers.Set(deadline, at);
        if (at < Volatile.Read(ref _keepsUntil))
            Wake();
    }

    /// <summary>When whoever waits on the strand's behalf must be back. It may be for a deadline that has moved on: his next datagram comes sooner than that, as a rule, and each moves it again.</summary>
    public long NextDeadline => _timers.Next;

    /// <summary>Tells the actors whose time has come. Any thread may.</summary>
    /// <returns>False when that was so long ago that somebody has overslept: before anybody's silence is believed in, it takes a <see cref="CatchUp"/>.</returns>
    public bool TryFireTimers(long now)
    {
        if (now - _timers.Next > Overslept)
            return false;
        _timers.Fire(now);
        return true;
    }

    /// <summary>Reads what has come for anybody meanwhile, and then keeps the deadlines that it has not moved. Only inside.</summary>
    public void CatchUp(long now)
    {
        foreach (var reader in _poller.All())
        {
            for (var turn = 0; turn < TurnsToTheEnd; turn++)
            {
                RunPosted();
                if (!Drain(reader))
                    break;
            }
        }

        RunPosted();
        _timers.Fire(now);
    }

    /// <summary>A caller polls in a loop: his socket is his until he has been away for a while.</summary>
    public void Borrow(Lead lead)
    {
        lock (_leadsGate)
        {
            if (lead.IsBorrowed)
                return;
            lead.IsBorrowed = true;
            if (lead.Reader is { } reader)
                Lend(reader, true);
            _led.Add(lead);
            Volatile.Write(ref _ledCount, _led.Count);
        }

        // It has to begin counting how long the caller stays away.
        WakeWithin(Patience);
    }

    /// <summary>The caller is back from a long wait: the strand counts again how long he stays away.</summary>
    public void WakeWithin(int milliseconds)
    {
        // The thread may be about to sleep for as long as it thought right before this.
        Interlocked.Increment(ref _changes);
        if (_clock.Now + (milliseconds * 1000L) < Volatile.Read(ref _wakesAt))
            Wake();
    }

    /// <summary>A caller's peer has opened its socket.</summary>
    public void Attach(Lead lead, SocketReader reader)
    {
        lock (_leadsGate)
        {
            reader.IsLent = lead.IsBorrowed && lead.Reader == reader;
            _poller.Add(reader, reader.IsLent);
        }
    }

    /// <summary>Whether all callers are away for a moment, and the strand stands in for them.</summary>
    public bool CallersRest => Volatile.Read(ref _callersRest);

    /// <summary>A caller is back from his rest.</summary>
    public void EndRest()
    {
        lock (_leadsGate)
        {
            if (!_callersRest)
                return;
            Rest(false);
        }

        WakeWithin(Patience);
    }

    /// <summary>Reads what has come for a caller. Only inside.</summary>
    public void Read(SocketReader reader, long now)
    {
        if (reader.IsLent && Volatile.Read(ref _ledCount) >= WorthALook)
        {
            if (reader.Look == _look || now - _lookTaken > LookIsGoodFor)
            {
                _look++;
                _lookTaken = now;
                _poller.MarkLent();
            }

            reader.Look = _look;
            if (!reader.HasInput)
                return;
        }

        Drain(reader);
    }

    /// <summary>Makes sure that the thread runs.</summary>
    public void Start() => _ = _thread.Value;

    /// <summary>Ends the thread; what is posted afterwards is not run.</summary>
    public void Stop()
    {
        _stopped = true;
        Interlocked.Exchange(ref _sleeping, 0);
        _poller.Signal();
        if (!_thread.IsValueCreated)
            _poller.Dispose();
    }

    /// <returns>Whether there may be more.</returns>
    private bool Drain(SocketReader reader)
    {
        reader.HasInput = false;
        return reader.Drain(_batch ??= new DatagramBatch());
    }

    private void Wake()
    {
        Start();
        if (Interlocked.Exchange(ref _sleeping, 0) == 1)
            _poller.Signal();
    }

    private Thread StartThread(string name)
    {
        var thread = new Thread(Loop) { IsBackground = true, Name = name };
        thread.Start();
        return thread;
    }

    private void Loop()
    {
        while (!_stopped)
        {
            Volatile.Write(ref _wakesAt, 0);
            Volatile.Write(ref _keepsUntil, 0);
            var changes = Volatile.Read(ref _changes);
            var now = _clock.Now;
            var next = _timers.Settle();
            var wait = TimeToWait(now, next, out var slack);
            var wakesAt = wait < 0 ? long.MaxValue : now + (wait * 1000L);
            Volatile.Write(ref _wakesAt, wakesAt);
            Volatile.Write(ref _keepsUntil, wakesAt == long.MaxValue ? long.MaxValue : wakesAt - slack);
            Volatile.Write(ref _sleeping, 1);
            Interlocked.MemoryBarrier();
            if (changes != Volatile.Read(ref _changes) || _timers.Next < next || (Volatile.Read(ref _postedCount) > 0 && Volatile.Read(ref _state) == Free))
                wait = 0;
            var ready = _poller.Wait(_stopped ? 0 : wait);
            Volatile.Write(ref _sleeping, 0);
            now = _clock.Now;
            var isLate = !TryFireTimers(now);
            if (!isLate && ready.IsEmpty && Volatile.Read(ref _postedCount) == 0)
                continue;

            // Only callers who poll are inside otherwise, and they are not for long.
            var patience = default(SpinWait);
            while (!TryEnter())
                patience.SpinOnce();
            if (isLate)
                CatchUp(now);
            foreach (var reader in ready)
            {
                // Whatever was told before the datagrams came may decide where they go.
                RunPosted();
                Drain(reader);
            }

            Exit();
        }

        // A caller who is still inside may be reading. Nobody comes in any more: the system has ended, and so have all actors.
        var last = default(SpinWait);
        while (!TryEnter())
            last.SpinOnce();
        _batch?.Dispose();
        _poller.Dispose();
    }

    /// <param name="now">The time.</param>
    /// <param name="next">The next deadline.</param>
    /// <param name="slack">How much later than its time a deadline may be looked at: callers who poll keep the deadlines themselves.</param>
    /// <returns>Milliseconds; -1 for as long as nobody signals.</returns>
    private int TimeToWait(long now, long next, out long slack)
    {
        var leads = TimeForLeads(now);
        slack = leads < 0 || CallersRest ? 0 : Patience * 1000L;
        var wait = next == long.MaxValue ? -1 : (int)Math.Clamp((next + slack - now + 999) / 1000, 0, int.MaxValue);
        return wait < 0 ? leads : leads < 0 ? wait : Math.Min(wait, leads);
    }

    private int TimeForLeads(long now)
    {
        lock (_leadsGate)
        {
            // Woken for something else within a tick, it has seen nothing of who comes and who stays away.
            var elapsed = now - _lookedAt;
            if (_led.Count > 0 && elapsed < Patience * 1000L)
                return _callersRest ? LongRest : (int)(Patience - (elapsed / 1000));
            var others = LastVisit > _lookedAt;
            _lookedAt = now;
            var mayRest = !others && !_led.Exists(lead => lead.IsInside);
            var rests = false;
            var wait = -1;
            for (var i = _led.Count - 1; i >= 0; i--)
            {
                var lead = _led[i];
                switch (lead.Look(now, others, mayRest))
                {
                    case LeadState.Gone:
                        lead.IsBorrowed = false;
                        if (lead.Reader is { } reader)
                            Lend(reader, false);
                        _led.RemoveAt(i);
                        Volatile.Write(ref _ledCount, _led.Count);
                        break;

                    case LeadState.Resting:
                        rests = true;
                        break;

                    case LeadState.Waiting when wait != Patience:
                        wait = Doze;
                        break;

                    default:
                        wait = Patience;
                        break;
                }
            }

            if (rests != _callersRest)
                Rest(rests);

            // Who does not come back is gone for good at last.
            return rests && wait < 0 ? LongRest : wait;
        }
    }

    private void Lend(SocketReader reader, bool lent)
    {
        reader.IsLent = lent;
        _poller.Lend(reader, lent);
    }

    private void Rest(bool rests)
    {
        Volatile.Write(ref _callersRest, rests);
        _poller.WatchLent(rests);
    }
}
