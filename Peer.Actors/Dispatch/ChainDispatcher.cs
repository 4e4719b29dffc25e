using Akka.Configuration;
using Akka.Dispatch;

namespace Peer.Actors.Dispatch;

/// <summary>
/// Runs what an actor sets off on the thread that the actor runs on, one mailbox after the other: a packet's way from transport to
/// connection to sequencer to manager wakes no other thread. Work that piles up behind one thread is handed to the pool.
/// </summary>
internal sealed class ChainDispatcher : MessageDispatcher
{
    [ThreadStatic]
    private static Chain? _current;

    private readonly int _longest;

    public ChainDispatcher(MessageDispatcherConfigurator configurator, int throughput, int longest)
        : base(configurator)
    {
        Throughput = throughput;
        _longest = longest;
    }

    protected override void ExecuteTask(IRunnable run)
    {
        if (_current is { } chain && chain.Waiting.Count < _longest)
            chain.Waiting.Enqueue(run);
        else
            ThreadPool.UnsafeQueueUserWorkItem(new Chain(run), preferLocal: false);
    }

    protected override void Shutdown()
    {
        // The pool is the process's own.
    }

    /// <summary>One thread's work: a first mailbox, and whatever it and its followers set off.</summary>
    private sealed class Chain(IRunnable first) : IThreadPoolWorkItem
    {
        public Queue<IRunnable> Waiting { get; } = new();

        public void Execute()
        {
            var outer = _current;
            _current = this;
            try
            {
                first.Run();
                while (Waiting.TryDequeue(out var next))
                    next.Run();
            }
            finally
            {
                _current = outer;

                // A mailbox does not throw, but if one did, those behind it would be lost with their actors for good.
                while (Waiting.TryDequeue(out var next))
                    ThreadPool.UnsafeQueueUserWorkItem(new Chain(next), preferLocal: false);
            }
        }
    }
}

/// <summary>Makes a <see cref="ChainDispatcher"/> from <c>throughput</c> and <c>longest-chain</c>.</summary>
public sealed class ChainDispatcherConfigurator : MessageDispatcherConfigurator
{
    private readonly ChainDispatcher _dispatcher;

    /// <summary>Called by Akka.</summary>
    /// <param name="config">The dispatcher's section.</param>
    /// <param name="prerequisites">What Akka supplies.</param>
    public ChainDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites)
        : base(config, prerequisites)
    {
        _dispatcher = new ChainDispatcher(this, config.GetInt("throughput", 64), config.GetInt("longest-chain", 8));
    }

    /// <inheritdoc />
    public override MessageDispatcher Dispatcher() => _dispatcher;
}
