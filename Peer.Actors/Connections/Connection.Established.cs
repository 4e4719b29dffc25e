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

/// <summary>Traffic: what every connected peer does.</summary>
internal sealed partial class Connection
{
    /// <summary>Traffic flows both ways.</summary>
    private void Established(object message)
    {
        switch (message)
        {
            case Forward forward:
                Submit(forward);
                break;

            case FramesReady ready:
                Take(ready);
                Work(Now);
                break;

            case CreditConsumed consumed:
                Take(consumed);
                Work(Now);
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
                if (!Resume(message))
                    Drive(message);
                break;
        }
    }

    /// <summary>What keeps the link going in every later behaviour.</summary>
    private void Drive(object message)
    {
        switch (message)
        {
            case Inbound inbound:
                Receive(inbound);
                break;

            case TimerElapsed:
                _timer.Elapsed();
                var now = Now;
                ExpireAttempts(now);
                _link!.HandleTimeout(now);
                Work(now);
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

            case ResumeAsked or HoldTicket or PositionTold or BarrierPassed or SequenceExported or ExportConnection or MigrateConnection:
                break;

            case Freeze:
                _manager.Tell(new ConnectionFrozen(_member));
                break;

            case Inbound inbound:
                _ingress.Leave(inbound.Datagrams.Length);
                inbound.Owner.Release();
                inbound.Return();
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
                foreach (var run in forward.Items)
                    Drop(run);
                forward.Return();
                break;

            default:
                Unhandled(message);
                break;
        }
    }

    private void Submit(Forward forward)
    {
        foreach (var run in forward.Items)
            SubmitRuns.For(run.Key, _submissions).Items.Add(run);
        forward.Return();
        SubmitAll();
    }

    private void SubmitAll()
    {
        foreach (var runs in _submissions)
            SequencerFor(runs.Key).Submit(runs, _ready);
        _submissions.Clear();
        if (EnqueueReady() && _graceDeadline == long.MaxValue && !_isFrozen)
            Work(Now);
    }

    private void Take(FramesReady ready)
    {
        var now = Now;
        foreach (var frame in ready.Items)
            _link!.Enqueue(frame, now);
        ready.Return();
    }

    private void Take(CreditConsumed consumed)
    {
        // Nobody waits for the credit of a server that is gone.
        if (consumed.Epoch != _epoch)
            return;
        _reliable.Release(consumed.Bytes);
        _link!.ReturnCredit(consumed.Bytes);
    }

    /// <summary>Gives the link what the sequencers have cut; false when that is nothing.</summary>
    private bool EnqueueReady()
    {
        if (_ready.Count == 0)
            return false;
        var now = Now;
        foreach (var frame in _ready)
            _link!.Enqueue(frame, now);
        _ready.Clear();
        return true;
    }

    private void Receive(Inbound inbound)
    {
        var now = Now;
        _ingress.Leave(inbound.Datagrams.Length);
        if (IsOverIngressRate(inbound))
        {
            inbound.Owner.Release();
            inbound.Return();
            return;
        }

        if (_attempts.Count > 0)
            TryTakeOver(inbound);
        _receivingFrom = inbound.From;
        var advanced = _link!.Receive(inbound.Datagrams, now);
        if (_welcome is not null && _link.IsConfirmed)
            ConfirmClient();
        foreach (var frames in _arrivals)
        {
            inbound.Owner.Retain();
            frames.Owner = inbound.Owner;
            SequencerFor(frames.Key).Receive(frames);
        }

        _arrivals.Clear();
        inbound.Owner.Release();
        if (advanced && !inbound.From.Equals(_destination.EndPoint))
            ChallengeNewPath(inbound);
        inbound.Return();
        Work(now);
    }

    /// <summary>Sends what is due, hands back what is done, follows the link's state, and arms the timer.</summary>
    private void Work(long now)
    {
        do
        {
            Transmit(ref now);
            TellDepartures();
        }
        while (EnqueueReady());
        Publish(now);
        FollowLink(now);
    }

    private void Transmit(ref long now)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BatchBytes);
        int length;
        while ((length = _link!.Transmit(now, buffer.AsSpan(0, BatchBytes), out var segment)) > 0)
        {
            _sender.Send(buffer.AsSpan(0, length), segment, _destination);
            if (length > BatchBytes / 2)
                now = Now;
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    private void FollowLink(long now)
    {
        var link = _link!;
        if (_ending is { } ending && link.State == LinkState.Open && now >= _flushDeadline)
            CloseLink(ending);
        if (TryInterrupt(now))
            return;
        if (link.State is LinkState.Lingering or LinkState.Closed)
            TellClosedOnceQuiet();
        if (link.State == LinkState.Closed && _closedTold)
        {
            Context.Stop(Self);
            return;
        }

        _timer.Arm(Math.Min(Math.Min(Math.Min(link.NextTimeout(now), _flushDeadline), _publishAt), AttemptsDue));
    }

    private void Drop(Run run)
    {
        _member.Gauge.Remove(run.Bytes.Length);
        run.Release();
    }

    private void MarkAsLeft(RelayedPeerLeft left)
    {
        var marks = new List<byte>();
        foreach (var key in _sequencers.Keys)
        {
            if (key.Mode != TransferMode.Reliable || key.IsControl)
                continue;
            marks.Add(key.Channel);
            SubmitRuns.For(key, _submissions).Items.Add(Run.EndOf(key, left.Peer));
        }

        var message = ControlCodec.Encode(new PeerLeft(left.Peer, left.Info.Reason, left.Info.Text, [.. marks]));
        var run = Run.OfControl(message);
        _member.Gauge.Add(run.Bytes.Length);
        SubmitRuns.For(run.Key, _submissions).Items.Add(run);
        SubmitAll();
    }

    /// <summary>Renews what callers may read; an idle connection publishes its last word and then nothing.</summary>
    private void Publish(long now)
    {
        if (now < _publishedAt + _statisticsInterval)
        {
            _publishAt = _publishedAt + _statisticsInterval;
            return;
        }

        _publishedAt = now;
        _publishAt = long.MaxValue;
        _member.Publish(_link!.Statistics(now));
    }
}
