using Akka.Actor;
using Akka.Event;
using Peer.Actors.Settings;

namespace Peer.Actors.Threads;

/// <summary>The strands of one actor system; managers are dealt to them in turn.</summary>
internal sealed class StrandPool
{
    private const string IdPrefix = "actorpeer.strand-";

    private readonly Strand[] _strands;
    private int _next;

    public StrandPool(ExtendedActorSystem system, ActorPeerSettings settings, Clock clock)
    {
        var log = Logging.GetLogger(system, typeof(StrandPool));
        _strands = new Strand[settings.Strands];
        for (var i = 0; i < _strands.Length; i++)
        {
            var id = IdPrefix + i;
            _strands[i] = new Strand(id, clock, failure => log.Error(failure, "{0}: an actor's mailbox failed", id));
            system.Dispatchers.RegisterConfigurator(
                id, new StrandDispatcherConfigurator(system.Dispatchers.DefaultDispatcherConfig, system.Dispatchers.Prerequisites, id, _strands[i]));
        }

        // Akka starts its scheduler when it is first used, with the help of the thread pool: many peers that are created at once would all wait for it there.
        system.Scheduler.Advanced.ScheduleOnce(TimeSpan.Zero, () => { });
        system.RegisterOnTermination(Stop);
    }

    /// <summary>The strand for a new manager, and the name of its dispatcher.</summary>
    public (Strand Strand, string Dispatcher) Next()
    {
        var at = (int)((uint)Interlocked.Increment(ref _next) % (uint)_strands.Length);
        return (_strands[at], IdPrefix + at);
    }

    private void Stop()
    {
        foreach (var strand in _strands)
            strand.Stop();
    }
}
