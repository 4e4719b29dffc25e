using Akka.Actor;
using Microsoft.Win32.SafeHandles;
using Peer.Actors.Facade;
using Peer.Actors.Transport;
using Inbox = Peer.Actors.Facade.Inbox;

namespace Peer.Actors.Threads;

/// <summary>Where a caller who polls in a loop is, as the strand's thread sees him.</summary>
internal enum LeadState
{
    /// <summary>Inside, or away for a moment.</summary>
    Working,

    /// <summary>Blocked in a wait of his own.</summary>
    Waiting,

    /// <summary>Away for a moment, as are all others: the strand stands in for them until one comes back.</summary>
    Resting,

    /// <summary>Away for so long that somebody else must watch his socket.</summary>
    Gone,
}

/// <summary>
/// Lets the thread that polls one peer do that peer's work: read its socket, run its actors, send. While it polls in a loop or waits, nobody else is woken
/// for its datagrams; once it has been away for a few milliseconds the strand's thread takes over.
/// </summary>
internal sealed class Lead(Strand strand, Clock clock, long spinMicroseconds) : ILeaderWake
{
    /// <summary>Polls closer together than this are a loop, in microseconds.</summary>
    private const long Loop = Strand.Patience * 1_000;

    /// <summary>Who polls many peers in turn comes round to each of them within this, in microseconds.</summary>
    private const long Round = 100_000;

    /// <summary>Callers who rest together for longer than this are gone, in microseconds.</summary>
    private const long Rest = 1_000_000;

    private readonly long _spin = Environment.ProcessorCount > 1 ? spinMicroseconds : 0;
    private volatile SocketReader? _reader;
    private SafeFileHandle? _wake;
    private int _visits;
    private int _visitsSeen;
    private volatile bool _isBorrowed;
    private volatile bool _inside;
    private volatile bool _waiting;
    private bool _seenWaiting;
    private long _lastVisit = long.MinValue / 2;

    public Strand Strand => strand;

    /// <summary>The socket, while there is one.</summary>
    public SocketReader? Reader => _reader;

    /// <summary>Whether the strand's thread leaves the socket to the caller; the strand's to change.</summary>
    public bool IsBorrowed
    {
        get => _isBorrowed;
        set => _isBorrowed = value;
    }

    /// <summary>Whether the caller is inside just now.</summary>
    public bool IsInside => _inside;

    /// <summary>How often a wait has come to sleep; more often than something happens would be a wait that never does.</summary>
    public long Sleeps { get; private set; }

    /// <summary>The transport's socket is open.</summary>
    public void Attach(SocketReader reader)
    {
        // A caller reads one socket. That of a second port stays with the strand's thread, or nobody would read it while the caller is here.
        _reader ??= reader;
        strand.Attach(this, reader);
        strand.Start();
        Interrupt();
    }

    /// <summary>The transport is about to close its socket.</summary>
    public void Detach(SocketReader reader)
    {
        strand.Poller.Remove(reader);
        if (_reader == reader)
            _reader = null;
        Interrupt();
    }

    /// <summary>Runs what waits and reads what has arrived, without waiting; nothing where another thread is at it.</summary>
    public void Help()
    {
        var now = clock.Now;
        Arrive(now, now - strand.LastVisit < Loop && now - _lastVisit < Round);
        Work(now);
        Leave(clock.Now);
    }

    /// <summary>Works until the inbox has something; true as soon as it has.</summary>
    public bool Wait(Inbox inbox, TimeSpan timeout)
    {
        var start = clock.Now;
        var end = start + Clock.Micros(timeout);
        Arrive(start, isLoop: true);
        try
        {
            for (var now = start; ; now = clock.Now)
            {
                if (!Work(now))
                    Thread.Yield();
                if (inbox.Count > 0)
                    return true;
                if (now >= end)
                    return false;
                if (now - start >= _spin && !Block(inbox, Math.Min(end, strand.NextDeadline) - now))
                    return true;
            }
        }
        finally
        {
            Leave(clock.Now);
        }
    }

    /// <summary>Tells the manager that the outbox has something: at once where that costs nothing, with the next poll where one is to be expected, else by waking the strand's thread.</summary>
    /// <param name="manager">The manager.</param>
    /// <param name="isLone">Whether no other packet is likely to follow before the next poll.</param>
    public void Ring(IActorRef manager, bool isLone)
    {
        if (isLone && strand.TryEnter())
        {
            try
            {
                manager.Tell(Doorbell.Instance, ActorRefs.NoSender);
            }
            finally
            {
                strand.Exit();
            }
        }
        else if (IsBorrowed && !strand.CallersRest && clock.Now - _lastVisit < Loop)
        {
            Strand.TellQuietly(manager, Doorbell.Instance);
        }
        else
        {
            manager.Tell(Doorbell.Instance, ActorRefs.NoSender);
        }
    }

    /// <inheritdoc />
    public void Interrupt()
    {
        if (Volatile.Read(ref _wake) is { } wake)
            LibC.Signal((int)wake.DangerousGetHandle());
    }

    /// <summary>Where the caller is; asked by the strand's thread, once a tick.</summary>
    /// <param name="now">The time.</param>
    /// <param name="others">Whether some peer of the strand has been polled since the last tick.</param>
    /// <param name="mayRest">Whether nobody polls or waits just now.</param>
    public LeadState Look(long now, bool others, bool mayRest)
    {
        var visits = Volatile.Read(ref _visits);
        var isNew = visits != _visitsSeen;
        _visitsSeen = visits;
        if (_inside)
        {
            var still = _waiting && !isNew;
            _seenWaiting = still;
            return still ? LeadState.Waiting : LeadState.Working;
        }

        _seenWaiting = false;
        var away = now - Volatile.Read(ref _lastVisit);
        return isNew || (others && away < Round) ? LeadState.Working
            : mayRest && away < Rest ? LeadState.Resting
            : LeadState.Gone;
    }

    private void Arrive(long now, bool isLoop)
    {
        Volatile.Write(ref _lastVisit, now);
        _inside = true;
        Volatile.Write(ref _visits, _visits + 1);
        strand.LastVisit = now;
        if (isLoop && !IsBorrowed && _reader is not null)
            strand.Borrow(this);

        // Who looks in once and is away again needs the strand to go on standing in for him.
        if (isLoop && strand.CallersRest)
            strand.EndRest();
    }

    private void Leave(long now)
    {
        Volatile.Write(ref _lastVisit, now);
        strand.LastVisit = now;
        _inside = false;

        // Else it would not notice for a while that nobody is here.
        if (_seenWaiting)
            strand.WakeWithin(Strand.Patience);
    }

    /// <returns>False when another thread is inside.</returns>
    private bool Work(long now)
    {
        var isLate = !strand.TryFireTimers(now);
        if (!strand.TryEnter())
            return false;
        try
        {
            if (isLate)
                strand.CatchUp(now);
            strand.RunPosted();
            if (_reader is { } reader)
                strand.Read(reader, now);
        }
        finally
        {
            strand.Exit();
        }

        return true;
    }

    /// <returns>False when the inbox has something.</returns>
    private bool Block(Inbox inbox, long microseconds)
    {
        if (microseconds <= 0)
            return true;
        if (_reader is not { } reader || Descriptor() is not { } wake)
            return !inbox.Wait(TimeSpan.FromMicroseconds(microseconds));
        if (!inbox.BeginElsewhere(this))
            return false;
        _waiting = true;
        Sleeps++;
        var isSignalled = LibC.WaitForEither(reader.Descriptor, wake, (int)Math.Min(int.MaxValue, (microseconds + 999) / 1000));
        _waiting = false;
        if (inbox.EndElsewhere() || isSignalled)
            LibC.Clear(wake);
        return true;
    }

    private int? Descriptor()
    {
        if (_wake is null)
        {
            var descriptor = LibC.NewEvent();
            if (descriptor < 0)
                return null;
            Volatile.Write(ref _wake, new SafeFileHandle(descriptor, ownsHandle: true));
        }

        return (int)_wake!.DangerousGetHandle();
    }
}
