using Akka.Actor;
using Peer.Protocol.Handover;

namespace Peer.Actors.Connections;

/// <summary>A sequence that another server has handed over.</summary>
internal sealed partial class Sequencer
{
    public Sequencer(HandedSequence handed, Member member, IActorRef manager, PeerRuntime runtime, InboundBudgets budgets)
        : this(handed.Key, member, manager, runtime, budgets, handed.Outbound.Oldest, handed.Inbound.Expected)
    {
        if (!_inbound.TryImport(handed.Inbound))
            throw new InvalidOperationException($"sequence {handed.Key} was handed over with more than it may hold");
        var ready = FramesReady.Blank();
        ready.Key = handed.Key;
        ready.Items.AddRange(_outbound.Import(handed.Outbound));
        _connection.Tell(ready);
        _counted = _outbound.QueuedBytes;
        _member.Gauge.Add(_counted);
        CutFrames();
    }

    public static Props Restored(HandedSequence handed, Member member, IActorRef manager, PeerRuntime runtime, InboundBudgets budgets) =>
        Akka.Actor.Props.Create(() => new Sequencer(handed, member, manager, runtime, budgets)).WithDispatcher(runtime.Settings.Dispatcher);
}
