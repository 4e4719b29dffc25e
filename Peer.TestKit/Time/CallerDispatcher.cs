using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;

namespace Peer.TestKit.Time;

/// <summary>Runs actors on the simulation's thread; those of a frozen host not until it thaws.</summary>
internal sealed class CallerDispatcher : MessageDispatcher
{
    private readonly WorkQueue _work;
    private readonly SimulatedHost? _host;

    public CallerDispatcher(MessageDispatcherConfigurator configurator, WorkQueue work, SimulatedHost? host)
        : base(configurator)
    {
        Throughput = 1000;
        _work = work;
        _host = host;
    }

    protected override void ExecuteTask(IRunnable run)
    {
        if (_host is { Meter: { } meter })
            run = new MeteredTurn(run, meter);
        if (_host is { IsHolding: true })
            _host.Hold(run);
        else
            _work.Execute(run);
    }

    protected override void Shutdown()
    {
        // There is no thread of its own to end.
    }

    private sealed class MeteredTurn(IRunnable turn, Action<IRunnable> meter) : IRunnable
    {
        public void Run() => meter(turn);

        public void Execute() => meter(turn);
    }
}

/// <summary>Makes the <see cref="CallerDispatcher"/> of the system's own actors, or of one host's.</summary>
internal sealed class CallerDispatcherConfigurator : MessageDispatcherConfigurator
{
    private readonly CallerDispatcher _dispatcher;

    /// <summary>Called by Akka, for the dispatchers that the configuration names.</summary>
    /// <param name="config">The dispatcher's section.</param>
    /// <param name="prerequisites">What Akka supplies.</param>
    public CallerDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites)
        : this(config, prerequisites, null)
    {
    }

    internal CallerDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites, SimulatedHost? host)
        : base(config, prerequisites) => _dispatcher = new CallerDispatcher(this, ((VirtualScheduler)prerequisites.Scheduler).Work, host);

    public override MessageDispatcher Dispatcher() => _dispatcher;
}
