using Akka.Actor;
using Peer.Actors.Transport;
using Peer.Protocol;
using Peer.Protocol.Delivery;
using Peer.Protocol.Links;

namespace Peer.Actors.Connections;

/// <summary>The way out: flush, CLOSE, and the last word to the manager.</summary>
internal sealed partial class Connection
{
    /// <summary>CLOSE is on its way, or the other end's CLOSE is still being answered.</summary>
    private void Leaving(object message)
    {
        switch (message)
        {
            case Terminated stopped:
                SequencerStopped(stopped.ActorRef);
                break;

            case EndConnection or RelayedPeerLeft or FramesReady or Flushed or CreditConsumed or HelloRepeated:
                break;

            default:
                Drive(message);
                break;
        }
    }

    private void BeginEnding(EndConnection end)
    {
        if (!end.Graceful || _sequencers.Count == 0)
        {
            CloseLink(end.Info);
            return;
        }

        _ending = end.Info;
        _flushDeadline = Now + Clock.Micros(_runtime.Settings.FlushTimeout);
        _unflushed = _sequencers.Count;
        foreach (var sequencer in _sequencers.Values)
            sequencer.Tell(Flush.Instance);
        FollowLink(Now);
    }

    private void CloseLink(DisconnectInfo info)
    {
        _ending = null;
        _flushDeadline = long.MaxValue;
        var now = Now;
        _link!.Close(info, now);
        Become(Leaving);
        Work(now);
    }

    /// <summary>Sequencers may still be handing up what arrived before the end: the manager hears of the end after the last of them has stopped.</summary>
    private void TellClosedOnceQuiet()
    {
        if (_closedTold)
            return;
        Become(Leaving);
        if (_sequencers.Count == 0)
        {
            _closedTold = true;
            _manager.Tell(new ConnectionClosed(_member, _lost ?? _link!.End, _link!.WasAnswered));
            return;
        }

        if (_stopping)
            return;
        _stopping = true;

        // A pill waits its turn behind the frames that still lie in the mailbox; Context.Stop would jump the queue and lose them.
        foreach (var sequencer in _sequencers.Values)
            sequencer.Actor.Tell(PoisonPill.Instance);
    }

    private void SequencerStopped(IActorRef sequencer)
    {
        Forget(sequencer);
        FollowLink(Now);
    }

    private void Forget(IActorRef sequencer)
    {
        foreach (var (key, line) in _sequencers)
        {
            if (!line.Actor.Equals(sequencer))
                continue;
            _sequencers.Remove(key);
            return;
        }
    }

    /// <summary>Ends a connection that never came to traffic.</summary>
    private void End(DisconnectInfo info)
    {
        _closedTold = true;
        _farewell = info;
        _manager.Tell(new ConnectionClosed(_member, info));
        Context.Stop(Self);
    }

    /// <summary>Stopped by a failure, unconfirmed, or from outside by a system that shuts down: one CLOSE, unrepeated, is better than a time-out.</summary>
    private void SendFarewell()
    {
        if (_member.IsAbandoned || _link is not { State: LinkState.Open } link)
            return;
        link.Close(_member.HasFailed ? DisconnectInfo.Of(DisconnectReason.InternalError, "the connection failed") : _farewell, Now);
        Span<byte> datagram = stackalloc byte[DeliverySettings.BaseDatagram];
        var length = link.Transmit(Now, datagram, out var segment);
        _sender.Send(datagram[..length], segment, _destination);
    }
}
