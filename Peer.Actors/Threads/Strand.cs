using Akka.Actor;
using Akka.Dispatch;
using Peer.Protocol;

namespace Peer.Actors.Threads;

/// <summary>
/// Runs the actors of some managers, one thread at a time: its own, or that of a caller who polls and so does the work himself instead of waiting for
/// another thread to do it. A message from one of its actors to another costs a queue, never a thread.
/// </summary>
internal sealed partial class Strand
{
    private const int Free = 0;
    private const int Taken = 1;

    [ThreadStatic]
    private static Strand? _running;

    /// <summary>What this thread sets off waits for the next poll or tick: nobody is woken for it.</summary>
    [ThreadStatic]
    private static bool _quiet;

    private readonly Lock _gate = new();
    private readonly Action<Exception> _failed;
    private readonly Queue<IRunnable> _own = new();
    private Queue<IRunnable> _posted = new();
    private Queue<IRunnable> _taken = new();
    private readonly SpareShelves _spares = new();

    /// <summary>Those of the thread that is inside.</summary>
    private SpareShelves? _itsSpares;
    private int _postedCount;
    private int _state;

    /// <param name="name">Names the thread.</param>
    /// <param name="clock">Deadlines are on it.</param>
    /// <param name="failed">Told of an exception that no actor's supervisor has seen.</param>
    public Strand(string name, Clock clock, Action<Exception> failed)
    {
        _failed = failed;
        _clock = clock;
        _thread = new Lazy<Thread>(() => StartThread(name));
    }

    /// <summary>Runs it as soon as a thread is inside; wakes one if none is.</summary>
    public void Execute(IRunnable run)
    {
        if (_running == this)
        {
            _own.Enqueue(run);
            return;
        }

        lock (_gate)
        {
            _posted.Enqueue(run);
            Volatile.Write(ref _postedCount, _posted.Count);
        }

        Interlocked.MemoryBarrier();
        if (!_quiet && Volatile.Read(ref _state) == Free)
            Wake();
    }

    /// <summary>Tells an actor something whose consequences wait for the next poll of this thread, or for the strand's next tick.</summary>
    public static void TellQuietly(IActorRef target, object message)
    {
        _quiet = true;
        try
        {
            target.Tell(message, ActorRefs.NoSender);
        }
        finally
        {
            _quiet = false;
        }
    }

    /// <summary>Makes the calling thread the one inside, unless another one is.</summary>
    public bool TryEnter()
    {
        if (_running is not null || Interlocked.CompareExchange(ref _state, Taken, Free) != Free)
            return false;
        _running = this;
        _itsSpares = SpareShelves.Use(_spares);
        return true;
    }

    /// <summary>Leaves; whatever was posted meanwhile is run first.</summary>
    public void Exit()
    {
        while (true)
        {
            RunPosted();
            _running = null;
            SpareShelves.Use(_itsSpares);
            _itsSpares = null;
            Volatile.Write(ref _state, Free);
            Interlocked.MemoryBarrier();
            if (Volatile.Read(ref _postedCount) == 0 || !TryEnter())
                return;
        }
    }

    /// <summary>Runs everything that waits, and what it sets off. Only inside.</summary>
    public void RunPosted()
    {
        while (true)
        {
            while (_own.TryDequeue(out var run))
                Run(run);
            if (Volatile.Read(ref _postedCount) == 0)
                return;
            lock (_gate)
            {
                (_posted, _taken) = (_taken, _posted);
                Volatile.Write(ref _postedCount, 0);
            }

            while (_taken.TryDequeue(out var run))
            {
                Run(run);
                while (_own.TryDequeue(out var next))
                    Run(next);
            }
        }
    }

    private void Run(IRunnable run)
    {
        try
        {
            run.Run();
        }
        catch (Exception failure)
        {
            // Akka's mailboxes hand failures to supervisors; what comes out all the same must not end a thread that serves others.
            _failed(failure);
        }
    }
}
