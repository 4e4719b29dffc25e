using System.Runtime.InteropServices;
using Akka.Actor;
using Peer.Protocol;
using Peer.Protocol.Delivery;
using Peer.Protocol.Handover;
using Peer.Protocol.Wire;

namespace Peer.Actors.Connections;

/// <summary>What a sequencer may hold for its connection.</summary>
/// <param name="Partials">Unreliable messages of which pieces are missing.</param>
/// <param name="Reliable">Reliable bytes that nobody has taken yet.</param>
/// <param name="Early">What frames ahead of their turn cost beside their payloads.</param>
internal sealed record InboundBudgets(ByteBudget Partials, ByteBudget Reliable, ByteBudget Early);

/// <summary>Numbers, orders and reassembles the messages of one (channel, mode) of one connection.</summary>
internal sealed partial class Sequencer : UntypedActor
{
    private readonly SequenceKey _key;
    private readonly OutboundSequence _outbound;
    private readonly InboundSequence _inbound;
    private readonly Member _member;
    private readonly IActorRef _manager;
    private readonly IActorRef _connection;
    private readonly Clock _clock;
    private long _counted;
    private long _countedNotices;
    private readonly DeadlineTimer _expiry;
    private readonly SequencerLine _line;
    private bool _flushAsked;

    private Sequencer(
        SequenceKey key, Member member, IActorRef manager, PeerRuntime runtime, InboundBudgets budgets, SequencerLine line, long firstOut = 0, long firstIn = 0)
    {
        _key = key;
        _line = line;
        _member = member;
        _manager = manager;
        _connection = Context.Parent;
        _expiry = new DeadlineTimer(runtime, Context.System.Scheduler, Self, ExpirePartials.Instance);
        _clock = runtime.Clock;
        _outbound = new OutboundSequence(key, runtime.Settings.Link.Delivery, firstOut);
        _inbound = new InboundSequence(key, runtime.Settings.Link.Delivery, budgets.Partials, budgets.Reliable, budgets.Early, firstIn);
    }

    /// <param name="key">Channel and mode.</param>
    /// <param name="member">Whose connection it belongs to.</param>
    /// <param name="manager">Who gets what arrives.</param>
    /// <param name="runtime">Settings and time.</param>
    /// <param name="budgets">What it may hold.</param>
    /// <param name="line">How its connection reaches it.</param>
    public static Props Props(SequenceKey key, Member member, IActorRef manager, PeerRuntime runtime, InboundBudgets budgets, SequencerLine line) =>
        runtime.Place(Producer<Sequencer>.Props(() => new Sequencer(key, member, manager, runtime, budgets, line)));

    /// <summary>Numbers and cuts runs.</summary>
    public void Submit(SubmitRuns submitted, List<OutboundFrame> ready)
    {
        foreach (var run in submitted.Items)
        {
            // The manager counted the run's bytes when it routed it; from here on the sequence's own count holds.
            _counted += run.Bytes.Length;
            _outbound.Submit(run);
        }

        submitted.Return();
        CutFrames(ready);
    }

    /// <summary>Lets go of frames: reliable ones were acknowledged, unreliable ones have left.</summary>
    public void Release(FramesDone done, List<OutboundFrame> ready)
    {
        foreach (var frame in done.Items)
        {
            if (_key.Mode == TransferMode.Reliable)
                _outbound.Acknowledged(frame);
            else
                _outbound.Finished(frame);
        }

        done.Return();
        CutFrames(ready);
    }

    /// <summary>Orders and reassembles what arrived.</summary>
    public void Receive(FramesArrived arrived)
    {
        // Only pieces of unreliable messages wait for anything.
        var now = _key.Mode == TransferMode.Reliable ? 0 : _clock.Now;
        var delivered = RunsArrived.Blank();
        foreach (ref readonly var frame in CollectionsMarshal.AsSpan(arrived.Items))
        {
            if (_inbound.Receive(frame, now, delivered.Items, arrived.Owner) != InboundVerdict.Violation)
                continue;
            _connection.Tell(new SequenceViolated(_key));
            break;
        }

        arrived.Owner.Release();
        arrived.Return();
        if (delivered.Items.Count > 0)
        {
            delivered.Member = _member;
            _manager.Tell(delivered);
        }
        else
        {
            delivered.Return();
        }

        if (_key.Mode != TransferMode.Reliable)
            _expiry.Arm(_inbound.NextDeadline);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ExpirePartials:
                _expiry.Elapsed();
                _inbound.Expire(_clock.Now);
                _expiry.Arm(_inbound.NextDeadline);
                break;

            case SequencerFailed failed:
                failed.Failure.Throw();
                break;

            case ISequencerMessage told:
                Handle(told);
                _line.Handled(this);
                break;

            default:
                Unhandled(message);
                break;
        }
    }

    private void Handle(ISequencerMessage message)
    {
        switch (message)
        {
            case SubmitRuns submitted:
                var cut = FramesReady.Blank();
                Submit(submitted, cut.Items);
                Hand(cut);
                break;

            case FramesArrived arrived:
                Receive(arrived);
                break;

            case FramesDone done:
                var next = FramesReady.Blank();
                Release(done, next.Items);
                Hand(next);
                break;

            case PositionAsked asked:
                _connection.Tell(new PositionTold(asked.Round, new ReliablePosition(_key, _inbound.Expected)));
                break;

            case Reconcile reconcile when !_outbound.CanServe(reconcile.Expected):
                _connection.Tell(new SequenceViolated(_key));
                break;

            case Reconcile:
                break;

            case PassBarrier:
                _connection.Tell(new BarrierPassed(_key));
                break;

            case ExportSequence:
                _connection.Tell(new SequenceExported(new HandedSequence(_key, _outbound.Export(), _inbound.Export())));
                break;

            case GiveUp:
                var unsent = new List<Run>();
                var unacknowledged = _outbound.GiveUp(unsent);
                _connection.Tell(new SequenceGivenUp(_key, unsent, unacknowledged));
                Context.Stop(Self);
                break;

            case Flush:
                _flushAsked = true;
                AnswerFlush();
                break;

            default:
                Unhandled(message);
                break;
        }
    }

    protected override void PostStop()
    {
        _line.Close();
        _expiry.Cancel();

        // Not _outbound: if only this sequencer failed, the connection may still be reading frames whose buffers must not return to the pool.
        _inbound.Dispose();
        _member.Gauge.Remove(_counted);
        _member.Gauge.CountNotices(-_countedNotices);
    }

    private void Hand(FramesReady ready)
    {
        if (ready.Items.Count > 0)
            _connection.Tell(ready);
        else
            ready.Return();
    }

    private void CutFrames(List<OutboundFrame> ready)
    {
        _outbound.Cut(ready);
        var (queued, notices) = (_outbound.QueuedBytes, _outbound.Notices);
        _member.Gauge.Remove(_counted - queued);
        _member.Gauge.CountNotices(notices - _countedNotices);
        (_counted, _countedNotices) = (queued, notices);
        AnswerFlush();
    }

    private void AnswerFlush()
    {
        if (!_flushAsked || !_outbound.IsIdle)
            return;
        _flushAsked = false;
        _connection.Tell(new Flushed(_key));
    }
}
