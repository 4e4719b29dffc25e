using Akka.Dispatch;

namespace Peer.TestKit.Time;

/// <summary>
/// Mailboxes that have something to do, run one after the other by the thread that set them off. What a foreign thread sets off while the simulation
/// runs waits for the simulation's thread: two never run actors at once.
/// </summary>
internal sealed class WorkQueue
{
    private readonly Lock _gate = new();
    private readonly Queue<IRunnable> _waiting = new();
    private Thread? _owner;
    private Thread? _runner;

    /// <summary>Runs it, and all that it sets off, unless somebody up the stack or another thread is at it.</summary>
    public void Execute(IRunnable run)
    {
        var self = Thread.CurrentThread;
        lock (_gate)
        {
            _waiting.Enqueue(run);
            if (_runner is not null || (_owner is not null && _owner != self))
                return;
            _runner = self;
        }

        Drain(null);
    }

    /// <summary>Makes this thread the only one that runs actors; false when it was that already.</summary>
    public bool Enter()
    {
        var self = Thread.CurrentThread;
        var wait = new SpinWait();
        while (true)
        {
            lock (_gate)
            {
                if (_owner == self)
                    return false;
                if (_owner is null && (_runner is null || _runner == self))
                {
                    _owner = self;
                    return true;
                }
            }

            wait.SpinOnce();
        }
    }

    public void Leave()
    {
        lock (_gate)
            _owner = null;
    }

    /// <summary>Runs what waits; also from inside an actor, whose own mailbox then has to wait for it.</summary>
    public void RunWaiting()
    {
        Thread? outer;
        lock (_gate)
        {
            if (_waiting.Count == 0)
                return;
            outer = _runner;
            _runner = Thread.CurrentThread;
        }

        Drain(outer);
    }

    private void Drain(Thread? outer)
    {
        while (true)
        {
            IRunnable? next;
            lock (_gate)
            {
                if (!_waiting.TryDequeue(out next))
                {
                    _runner = outer;
                    return;
                }
            }

            try
            {
                next.Run();
            }
            catch
            {
                // Mailboxes do not throw; should one all the same, the others must still find a runner.
                lock (_gate)
                    _runner = outer;
                throw;
            }
        }
    }
}
