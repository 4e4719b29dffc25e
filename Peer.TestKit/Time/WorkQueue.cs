using System.Diagnostics.CodeAnalysis;
using Akka.Dispatch;

namespace Peer.TestKit.Time;

/// <summary>
/// Mailboxes that have something to do, run one after the other by the thread that set them off. One thread at a time is the owner and runs actors;
/// what others set off meanwhile waits for it.
/// </summary>
internal sealed class WorkQueue
{
    private const int Nobody = 0;

    private readonly Lock _gate = new();

    // The owner's alone, so that the many messages between actors take no lock.
    private readonly Queue<IRunnable> _waiting = new();
    private readonly Queue<IRunnable> _foreign = new();
    private volatile bool _hasForeign;
    private volatile int _owner;
    private bool _isDraining;

    /// <summary>Runs it, and all that it sets off, unless this thread is at it up the stack or another thread is the owner.</summary>
    public void Execute(IRunnable run)
    {
        if (_owner == Environment.CurrentManagedThreadId)
        {
            _waiting.Enqueue(run);
            if (!_isDraining)
                Drain();
            return;
        }

        lock (_gate)
        {
            if (_owner != Nobody)
            {
                _foreign.Enqueue(run);
                _hasForeign = true;
                return;
            }

            _owner = Environment.CurrentManagedThreadId;
        }

        try
        {
            _waiting.Enqueue(run);
            Drain();
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Makes this thread the owner, as soon as another one is done; false when it was that already.</summary>
    public bool Enter()
    {
        var self = Environment.CurrentManagedThreadId;
        if (_owner == self)
            return false;
        var wait = new SpinWait();
        while (true)
        {
            lock (_gate)
            {
                if (_owner == Nobody)
                {
                    _owner = self;
                    return true;
                }
            }

            wait.SpinOnce();
        }
    }

    /// <summary>Ends the ownership, when nothing is left that others wait for.</summary>
    public void Leave()
    {
        while (true)
        {
            lock (_gate)
            {
                if (_foreign.Count == 0)
                {
                    _owner = Nobody;
                    return;
                }
            }

            Drain();
        }
    }

    /// <summary>The owner runs what waits; also from inside an actor, whose own mailbox then has to wait for it.</summary>
    public void RunWaiting()
    {
        if (_hasForeign || _waiting.Count > 0)
            Drain();
    }

    private void Drain()
    {
        var outer = _isDraining;
        _isDraining = true;
        try
        {
            while (_waiting.TryDequeue(out var next) || TryAdopt(out next))
                next.Run();
        }
        finally
        {
            _isDraining = outer;
        }
    }

    private bool TryAdopt([NotNullWhen(true)] out IRunnable? next)
    {
        next = null;
        if (!_hasForeign)
            return false;
        lock (_gate)
        {
            var found = _foreign.TryDequeue(out next);
            _hasForeign = _foreign.Count > 0;
            return found;
        }
    }
}
