using Akka.Configuration;
using Akka.Dispatch;

namespace Peer.Actors.Threads;

/// <summary>Hands the mailboxes of a strand's actors to the strand.</summary>
internal sealed class StrandDispatcher : MessageDispatcher
{
    private const int MessagesAtOnce = 256;

    private readonly Strand _strand;

    public StrandDispatcher(MessageDispatcherConfigurator configurator, string id, Strand strand)
        : base(configurator)
    {
        Id = id;
        Throughput = MessagesAtOnce;
        _strand = strand;
    }

    protected override void ExecuteTask(IRunnable run) => _strand.Execute(run);

    protected override void Shutdown()
    {
        // The strand's thread serves until its system ends.
    }
}

/// <summary>Registers a strand under a dispatcher's name.</summary>
internal sealed class StrandDispatcherConfigurator : MessageDispatcherConfigurator
{
    private readonly StrandDispatcher _dispatcher;

    public StrandDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites, string id, Strand strand)
        : base(config, prerequisites) => _dispatcher = new StrandDispatcher(this, id, strand);

    public override MessageDispatcher Dispatcher() => _dispatcher;
}
