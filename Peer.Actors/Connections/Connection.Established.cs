using System.Buffers;
using System.Buffers.Binary;
using Akka.Actor;
using Akka.Event;
using Peer.Actors.Transport;
using Peer.Protocol;
using Peer.Protocol.Control;
using Peer.Protocol.Delivery;
using Peer.Protocol.Links;

namespace Peer.Actors.Connections;

/// <summary>The later behaviours: traffic, and leaving.</summary>
internal sealed partial class Connection
{
    /// <summary>Traffic flows both ways.</summary>
    private void Established(object message)
    {
        switch (message)
        {
            case Inbound inbound:
                Receive(inbound);
                Work();
                break;

            case Forward forward:
                foreach (var run in forward.Runs)
                    SequencerFor(run.Key).Tell(new SubmitRun(run));
                break;

            case FramesReady ready:
                foreach (var frame in ready.Frames)
                    _link!.Enqueue(frame);
                Work();
                break;

            case TimerElapsed:
                _timer.Elapsed();
                _link!.HandleTimeout(Now);
                Work();
                break;

            case CreditConsumed consumed:
                _reliable.Release(consumed.Bytes);
                _link!.ReturnCredit(consumed.Bytes);
                Work();
                break;

            case RelayedPeerLeft left:
                MarkAsLeft(left);
                break;

            case HelloRepeated:
                break;

            case EndConnection end:
                BeginEnding(end);
                break;

            case Flushed when _ending is not null && --_unflushed == 0:
                CloseLink(_ending);
                break;

            default:
                Always(message);
                break;
        }
    }

    /// <summary>CLOSE is on its way, or the other end's CLOSE is still being answered.</summary>
    private void Leaving(object message)
    {
        switch (message)
        {
            case Inbound inbound:
                Receive(inbound);
                Work();
                break;

            case TimerElapsed:
                _timer.Elapsed();
                _link!.HandleTimeout(Now);
                Work();
                break;

            case Forward forward:
                foreach (var run in forward.Runs)
                    Drop(run);
                break;

            case Terminated stopped:
                SequencerStopped(stopped.ActorRef);
                break;

            case EndConnection or RelayedPeerLeft or FramesReady or Flushed or CreditConsumed or HelloRepeated:
                break;

            default:
                Always(message);
                break;
        }
    }

    private void Always(object message)
    {
        switch (message)
        {
            case UseSender use:
                _sender = use.Sender;
                UseTransport(use.Transport);
                break;

            case Inbound inbound:
                _ingress.Leave(inbound.Datagrams.Length);
                break;

            case SequenceViolated violated:
                CloseLink(DisconnectInfo.Of(DisconnectReason.ProtocolViolation, $"the rules of sequence {violated.Key} were broken"));
                break;

            case Terminated failed:
                _log.Warning("Connection to peer {0}: {1} failed; the connection ends", _member.Id, failed.ActorRef.Path.Name);
                Forget(failed.ActorRef);
                CloseLink(DisconnectInfo.Of(DisconnectReason.InternalError, "a sequencer failed"));
                break;

            case Forward forward:
                foreach (var run in forward.Runs)
                    Drop(run);
                break;

            default:
                Unhandled(message);
                break;
        }
    }

    private void Receive(Inbound inbound)
    {
        _ingress.Leave(inbound.Datagrams.Length);
        _receivingFrom = inbound.From;
        var advanced = _link!.Receive(inbound.Datagrams, Now);
        if (_welcome is not null && _link.IsConfirmed)
            ConfirmClient();
        foreach (var (key, frames) in _arrivals)
            SequencerFor(key).Tell(new FramesArrived(frames));
        _arrivals.Clear();
        if (advanced && !inbound.From.Equals(_destination.EndPoint))
            ChallengeNewPath(inbound);
    }

    /// <summary>Sends what is due, hands back what is done, follows the link's state, and arms the timer.</summary>
    private void Work()
    {
        var link = _link!;
        var buffer = ArrayPool<byte>.Shared.Rent(BatchBytes);
        int length;
        while ((length = link.Transmit(Now, buffer.AsSpan(0, BatchBytes), out var segment)) > 0)
            _sender.Send(buffer.AsSpan(0, length), segment, _destination);
        ArrayPool<byte>.Shared.Return(buffer);

        foreach (var (key, frames) in _departures)
        {
            if (_sequencers.TryGetValue(key, out var sequencer))
                sequencer.Tell(new FramesDone(frames));
        }

        _departures.Clear();
        Publish();
        FollowLink();
    }

    private void FollowLink()
    {
        var link = _link!;
        var now = Now;
        if (_ending is { } ending && link.State == LinkState.Open && now >= _flushDeadline)
            CloseLink(ending);
        if (link.State is LinkState.Lingering or LinkState.Closed)
            TellClosedOnceQuiet();
        if (link.State == LinkState.Closed && _closedTold)
        {
            Context.Stop(Self);
            return;
        }

        _timer.Arm(Math.Min(Math.Min(link.NextTimeout(now), _flushDeadline), _publishAt));
    }

    private void BeginEnding(EndConnection end)
    {
        if (!end.Graceful || _sequencers.Count == 0)
        {
            CloseLink(end.Info);
            return;
        }

        _ending = end.Info;
        _flushDeadline = Now + (_runtime.Settings.FlushTimeout.Ticks / TimeSpan.TicksPerMicrosecond);
        _unflushed = _sequencers.Count;
        foreach (var sequencer in _sequencers.Values)
            sequencer.Tell(Flush.Instance);
        _timer.Arm(_flushDeadline);
    }

    private void CloseLink(DisconnectInfo info)
    {
        _ending = null;
        _flushDeadline = long.MaxValue;
        _link!.Close(info, Now);
        Become(Leaving);
        Work();
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
            _manager.Tell(new ConnectionClosed(_member, _link!.End));
            return;
        }

        if (_stopping)
            return;
        _stopping = true;

        // A pill waits its turn behind the frames that still lie in the mailbox; Context.Stop would jump the queue and lose them.
        foreach (var sequencer in _sequencers.Values)
            sequencer.Tell(PoisonPill.Instance);
    }

    private void SequencerStopped(IActorRef sequencer)
    {
        Forget(sequencer);
        FollowLink();
    }

    private void Forget(IActorRef sequencer)
    {
        foreach (var (key, actor) in _sequencers)
        {
            if (!actor.Equals(sequencer))
                continue;
            _sequencers.Remove(key);
            return;
        }
    }

    /// <summary>Ends a connection that never came to traffic.</summary>
    private void End(DisconnectInfo info)
    {
        _closedTold = true;
        _manager.Tell(new ConnectionClosed(_member, info));
        Context.Stop(Self);
    }

    /// <summary>Stopped by a failure, or from outside by a system that shuts down: one CLOSE, unrepeated, is better than a time-out.</summary>
    private void SendFarewell()
    {
        if (_link is not { State: LinkState.Open } link)
            return;
        link.Close(_member.HasFailed ? DisconnectInfo.Of(DisconnectReason.InternalError, "the connection failed") : DisconnectInfo.Of(DisconnectReason.ShuttingDown), Now);
        Span<byte> datagram = stackalloc byte[DeliverySettings.BaseDatagram];
        var length = link.Transmit(Now, datagram, out var segment);
        _sender.Send(datagram[..length], segment, _destination);
    }

    private void Drop(Run run)
    {
        _member.Gauge.Remove(run.Bytes.Length);
        run.Release();
    }

    private void MarkAsLeft(RelayedPeerLeft left)
    {
        var marks = new List<byte>();
        foreach (var (key, sequencer) in _sequencers)
        {
            if (key.Mode != TransferMode.Reliable || key.IsControl)
                continue;
            marks.Add(key.Channel);
            sequencer.Tell(new SubmitRun(Run.EndOf(key, left.Peer)));
        }

        var message = ControlCodec.Encode(new PeerLeft(left.Peer, left.Info.Reason, left.Info.Text, [.. marks]));
        var writer = new RunWriter(SequenceKey.Control, null);
        writer.Append(message);
        var run = writer.Take();
        _member.Gauge.Add(run.Bytes.Length);
        SequencerFor(SequenceKey.Control).Tell(new SubmitRun(run));
    }

    private void ChallengeNewPath(Inbound inbound)
    {
        // A challenge may be lost, so it is repeated for as long as the address goes on sending, but not for each datagram.
        if (inbound.Datagrams.Length < PeerLink.PathChallengeSize || (inbound.From.Equals(_candidate) && Now < _challengeAgain))
            return;

        // The token stays: where the round trip is longer than the interval, every answer would be one to an earlier challenge.
        if (!inbound.From.Equals(_candidate))
        {
            _candidate = inbound.From;
            Span<byte> token = stackalloc byte[8];
            _runtime.Random.Fill(token);
            _challenge = BinaryPrimitives.ReadUInt64LittleEndian(token);
        }

        _challengeAgain = Now + ChallengeInterval;
        Span<byte> datagram = stackalloc byte[PeerLink.PathChallengeSize];
        var length = _link!.ChallengePath(datagram, _challenge, Now);
        _sender.Send(datagram[..length], length, Destination.Of(inbound.From));
    }

    void ILinkListener.PathValidated()
    {
        // Only the new path itself may prove the new path: whoever merely forwards a client's datagrams gains nothing.
        if (_candidate is null || !_candidate.Equals(_receivingFrom))
            return;
        _log.Info("Peer {0} moved from {1} to {2}", _member.Id, _destination.EndPoint, _candidate);
        _destination = Destination.Of(_candidate);
        _candidate = null;
        _link!.PathChanged(Now);
    }

    /// <summary>Renews what callers may read; an idle connection publishes its last word and then nothing.</summary>
    private void Publish()
    {
        var now = Now;
        if (now < _publishedAt + _statisticsInterval)
        {
            _publishAt = _publishedAt + _statisticsInterval;
            return;
        }

        _publishedAt = now;
        _publishAt = long.MaxValue;
        _member.Gauge.Statistics = _link!.Statistics();
    }
}
