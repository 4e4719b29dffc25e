using Akka.Actor;
using Peer.Protocol.Handover;

namespace Peer.Actors.Connections;

/// <summary>A sequence that another server has handed over.</summary>
internal sealed partial class Sequencer
{
    private Sequencer(HandedSequence handed, Member member, IActorRef manager, PeerRuntime runtime, InboundBudgets budgets, SequencerLine line)
        : this(handed.Key, member, manager, runtime, budgets, line, handed.Outbound.Oldest, handed.Inbound.Expected)
    {
        if (!_inbound.TryImport(handed.Inbound))
            throw new InvalidOperationException($"sequence {handed.Key} was handed over with more than it may hold");
        var ready = FramesReady.Blank();
        ready.Key = handed.Key;
        ready.Items.AddRange(_outbound.Import(handed.Outbound));
        _counted = _outbound.QueuedBytes;
        _member.Gauge.Add(_counted);
        CutFrames(ready.Items);
        Hand(ready);
    }

    /// <summary>Goes on where a sequencer of another server stopped.</summary>
    public static Props Restored(HandedSequence handed, Member member, IActorRef manager, PeerRuntime runtime, InboundBudgets budgets, SequencerLine line) =>
        runtime.Place(Producer<Sequencer>.Props(() => new Sequencer(handed, member, manager, runtime, budgets, line)));
}
