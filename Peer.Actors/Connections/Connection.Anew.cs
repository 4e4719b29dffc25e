using Akka.Actor;
using Peer.Protocol;
using Peer.Protocol.Delivery;
using Peer.Protocol.Handshake;

namespace Peer.Actors.Connections;

/// <summary>
/// The server knows its client and nothing of what was under way: another one has taken the place of the one that failed. The connection goes on with sequences
/// that begin anew; what was never sent goes into them, and what was sent and not acknowledged is told of.
/// </summary>
internal sealed partial class Connection
{
    private readonly Dictionary<SequenceKey, List<Run>> _unsent = [];
    private readonly List<Run> _meanwhile = [];
    private int _epoch;
    private int _unacknowledged;
    private ClientHandshake? _anew;
    private EndConnection? _endAnew;

    /// <summary>The sequences hand over what they have. Nothing comes from the server before it has heard from us.</summary>
    private void BeginningAnew(object message)
    {
        switch (message)
        {
            case SequenceGivenUp given:
                GivenUp(given);
                break;

            case Forward forward:
                foreach (var run in forward.Items)
                {
                    if (run.Key.Mode == TransferMode.Reliable && !run.Key.IsControl)
                        _meanwhile.Add(run);
                    else
                        Drop(run);
                }

                forward.Return();
                break;

            case FramesReady late:
                late.Return();
                break;

            case TimerElapsed:
                _timer.Elapsed();
                break;

            case EndConnection end:
                _endAnew ??= end;
                break;

            case Terminated failed:
                Forget(failed.ActorRef);
                ForgetAnew();
                EndInterrupted(DisconnectInfo.Of(DisconnectReason.InternalError, "a sequencer failed"));
                break;

            case CreditConsumed or Flushed or HandshakeArrived or SequenceViolated:
                break;

            default:
                Always(message);
                break;
        }
    }

    private void BeginAnew(ClientHandshake handshake)
    {
        _anew = handshake;
        _handshake = null;
        TakeRedialId();
        _offer = handshake.Offer;
        _graceDeadline = long.MaxValue;
        _candidate = null;
        _link!.Detach();
        _link.Dispose();
        TellDepartures();
        _ready.Clear();
        _positionRound++;
        Become(BeginningAnew);
        foreach (var sequencer in _sequencers.Values)
            sequencer.Tell(GiveUp.Instance);
        if (_sequencers.Count == 0)
            GoOnAnew();
    }

    private void GivenUp(SequenceGivenUp given)
    {
        if (!_sequencers.Remove(given.Key, out var line))
            return;
        Context.Unwatch(line.Actor);

        // Control messages were meant for the server that is gone.
        if (!given.Key.IsControl)
        {
            _unacknowledged += given.Unacknowledged;
            if (given.Unsent.Count > 0)
                _unsent.Add(given.Key, given.Unsent);
        }

        if (_sequencers.Count == 0)
            GoOnAnew();
    }

    private void GoOnAnew()
    {
        var handshake = _anew!;
        _epoch++;
        _reliable = new ByteBudget(_runtime.Settings.Link.ReceiveWindow);

        // Everything of the old server has been handed up before this.
        _manager.Tell(new ConnectionRestarted(
            _member, new CreditReturn(_member, _runtime.Settings.Link.ReceiveWindow, _epoch), _unacknowledged, _offer!));
        Establish(handshake.Keys, isServer: false, _offer!.ServerConnectionId, _offer.InitialCredit);
        Become(Established);
        foreach (var run in _unsent.Values.SelectMany(runs => runs))
        {
            _member.Gauge.Add(run.Bytes.Length);
            SubmitRuns.For(run.Key, _submissions).Items.Add(run);
        }

        foreach (var run in _meanwhile)
            SubmitRuns.For(run.Key, _submissions).Items.Add(run);
        _unacknowledged = 0;
        var end = _endAnew;
        ForgetAnew();
        SubmitAll();
        _link!.Ping();
        Work(Now);
        if (end is not null)
            BeginEnding(end);
    }

    private void ForgetAnew()
    {
        _unsent.Clear();
        _meanwhile.Clear();
        _endAnew = null;
        _anew?.Dispose();
        _anew = null;
    }

    private string NameOf(SequenceKey key) => _epoch == 0 ? $"sequencer-{key}" : $"sequencer-{key}-{_epoch}";
}
