using Akka.Actor;
using Akka.Event;
using Peer.Actors.Transport;
using Peer.Protocol;
using Peer.Protocol.Crypto;
using Peer.Protocol.Handshake;
using Peer.Protocol.Links;
using Peer.Protocol.Wire;

namespace Peer.Actors.Connections;

/// <summary>
/// An interrupted connection: the link is lost, the sequences stay. It goes on in a new link, under new keys, as soon as the client has proved
/// to hold the secret of its ticket; or it ends when the grace time is over.
/// </summary>
internal sealed partial class Connection
{
    /// <summary>Attempts that are welcomed and not proven. The oldest gives way: whoever has the secret needs a round trip, whoever stole a ticket stays forever.</summary>
    private const int MaxAttempts = 8;

    private readonly List<ResumeAttempt> _attempts = [];
    private readonly List<ReliablePosition> _positions = [];
    private long _graceDeadline = long.MaxValue;
    private int _positionRound;
    private int _positionsDue;

    /// <summary>Why the connection ended, where the link does not know.</summary>
    private DisconnectInfo? _lost;

    private long AttemptsDue => _attempts.Count > 0 ? _attempts[0].Deadline : long.MaxValue;

    /// <summary>Nothing is heard; what is reliable waits.</summary>
    private void Interrupted(object message)
    {
        switch (message)
        {
            case Forward forward:
                for (var i = forward.Items.Count - 1; i >= 0; i--)
                {
                    if (forward.Items[i].Key.Mode == TransferMode.Reliable)
                        continue;
                    Drop(forward.Items[i]);
                    forward.Items.RemoveAt(i);
                }

                Submit(forward);
                break;

            case FramesReady ready:
                Take(ready);
                break;

            case CreditConsumed consumed:
                Take(consumed);
                break;

            case RelayedPeerLeft left:
                MarkAsLeft(left);
                break;

            case Inbound inbound:
                Receive(inbound);
                Revived();
                break;

            case HandshakeArrived arrived when _handshake is not null:
                _handshake.Handle(arrived.Datagram.Span, Now);
                AdvanceRedial();
                break;

            case TimerElapsed:
                _timer.Elapsed();
                Wait();
                break;

            case EndConnection end:
                EndInterrupted(end.Info);
                break;

            case SequenceViolated violated:
                EndInterrupted(DisconnectInfo.Of(DisconnectReason.ProtocolViolation, $"the rules of sequence {violated.Key} were broken"));
                break;

            case Terminated failed:
                Forget(failed.ActorRef);
                EndInterrupted(DisconnectInfo.Of(DisconnectReason.InternalError, "a sequencer failed"));
                break;

            case Flushed or HelloRepeated or HandshakeArrived:
                break;

            default:
                if (!Resume(message))
                    Always(message);
                break;
        }
    }

    /// <summary>What belongs to resuming in every behaviour of an open connection.</summary>
    private bool Resume(object message)
    {
        switch (message)
        {
            case ResumeAsked asked:
                Answer(asked);
                return true;

            case HoldTicket hold:
                // An older one may have waited in the control sequence while the newest came on another way.
                if (_ticket is null || hold.Ticket.Generation > _ticket.Generation)
                    _ticket = hold.Ticket;
                return true;

            case HoldServers hold:
                _servers = hold.Endpoints;
                return true;

            case PositionTold told:
                Told(told);
                return true;

            case Freeze:
                BeginFreezing();
                return true;

            default:
                return false;
        }
    }

    /// <summary>The link has timed out: whether it is an interruption and no end yet.</summary>
    private bool TryInterrupt(long now)
    {
        if (_graceDeadline != long.MaxValue)
            return true;
        if (TryMigrate(now))
            return true;
        if (!_link!.HasTimedOut || _ending is not null || _closedTold || _stopping || _lost is not null)
            return false;
        var grace = Clock.Micros(_runtime.Settings.Resume.Grace);
        if (_ticket is { } ticket)
            grace = Math.Min(grace, ticket.GraceMs * 1000L);
        else if (!_member.MayResume)
            return false;
        if (grace == 0)
            return false;
        _graceDeadline = now + grace;
        _link.Listens = true;
        _candidate = null;
        Become(Interrupted);
        _manager.Tell(new ConnectionInterrupted(_member));
        if (_ticket is not null)
            BeginRedial();
        Wait();
        return true;
    }

    /// <summary>Sees to what is due, and arms the timer for what comes next.</summary>
    private void Wait()
    {
        var now = Now;
        ExpireAttempts(now);
        if (now >= _graceDeadline)
        {
            EndInterrupted(_link!.End);
            return;
        }

        if (_handshake is not null)
        {
            AdvanceRedial();
            return;
        }

        if (now >= _redialAt)
        {
            RedialNext();
            return;
        }

        _timer.Arm(Math.Min(Math.Min(_graceDeadline, AttemptsDue), _redialAt));
    }

    /// <summary>The other end's datagrams may be late and not lost, and it may not have noticed anything: then the link itself goes on.</summary>
    private void Revived()
    {
        if (_graceDeadline == long.MaxValue || _link!.State != LinkState.Open)
            return;
        _graceDeadline = long.MaxValue;
        DropRedial();
        _manager.Tell(new ConnectionResumed(_member, null, 0));
        Become(Established);
        Work(Now);
    }

    private void EndInterrupted(DisconnectInfo info)
    {
        _lost = info;
        _link!.Listens = false;
        _graceDeadline = long.MaxValue;
        DropAttempts();
        DropRedial();
        TellClosedOnceQuiet();
        FollowLink(Now);
    }

    /// <summary>A server's connection answers whoever shows its ticket; the same HELLO again gets the same answer.</summary>
    private void Answer(ResumeAsked asked)
    {
        if (_attempts.Find(attempt => attempt.Key.Equals(asked.Newcomer.Attempt)) is { } same)
        {
            same.SendWelcome(_sender);
            return;
        }

        var accepted = ServerHandshake.Accept(asked.Newcomer.Hello, asked.Ticket.Secret, asked.Offer, _runtime.Settings.Server.Identity, _runtime.Random);
        if (accepted is null)
            return;
        if (_attempts.Count == MaxAttempts)
            DropAttempt(0);
        var begun = new ResumeAttempt(asked, accepted, Now + Clock.Micros(_runtime.Settings.Server.ConfirmTimeout));
        _attempts.Add(begun);
        _transport.Tell(new Register(begun.ConnectionId, Self, _ingress));
        begun.SendWelcome(_sender);
        _timer.Arm(begun.Deadline);
    }

    /// <summary>Whether these datagrams prove an attempt, which is the connection's link from here on. Others are left to the caller, or dropped.</summary>
    private bool TryTakeOver(Inbound inbound)
    {
        if (!SealedHeader.TryRead(inbound.Datagrams.Span, out var id, out _, out _)
            || _attempts.Find(attempt => attempt.ConnectionId == id) is not { } attempt
            || !attempt.IsProvenBy(inbound.Datagrams.Span))
            return false;
        _attempts.Remove(attempt);
        DropAttempts();
        _transport.Tell(new Unregister(_member.ConnectionId));
        _member.ConnectionId = attempt.ConnectionId;
        _destination = Destination.Of(attempt.Newcomer.From);
        GoOn(attempt.Keys, isServer: true, attempt.RemoteId);
        _manager.Tell(new ConnectionResumed(_member, attempt.Newcomer, attempt.Generation));
        return true;
    }

    /// <summary>Both ends have the new keys.</summary>
    private void GoOn(SessionKeys keys, bool isServer, ulong remoteId)
    {
        var carry = _link!.Detach();
        _link.Dispose();
        _link = new PeerLink(_runtime.Settings.Link, keys, isServer, remoteId, carry, this, Now);
        keys.Dispose();
        _candidate = null;
        _graceDeadline = long.MaxValue;
        TellDepartures();
        _positions.Clear();
        _positionRound++;
        _positionsDue = 0;
        foreach (var (key, sequencer) in _sequencers)
        {
            if (key.Mode != TransferMode.Reliable)
                continue;
            _positionsDue++;
            sequencer.Tell(new PositionAsked(_positionRound));
        }

        if (_positionsDue == 0)
            _link.TellPositions(_positions);
        Become(Established);
    }

    private void Told(PositionTold told)
    {
        if (told.Round != _positionRound)
            return;
        _positions.Add(told.Position);
        if (--_positionsDue > 0)
            return;
        _link!.TellPositions(_positions);
        Work(Now);
    }

    void ILinkListener.PositionsHeard(IReadOnlyList<ReliablePosition> positions)
    {
        // What is done by this news must be known to a sequencer before it compares.
        TellDepartures();
        foreach (var position in positions)
        {
            if (position.Expected > 0 && !_sequencers.ContainsKey(position.Key))
                _link!.Close(DisconnectInfo.Of(DisconnectReason.ProtocolViolation, $"sequence {position.Key} was never begun"), Now);
        }

        foreach (var (key, sequencer) in _sequencers)
        {
            if (key.Mode == TransferMode.Reliable)
                sequencer.Tell(new Reconcile(positions.FirstOrDefault(position => position.Key == key).Expected));
        }
    }

    private void TellDepartures()
    {
        foreach (var frames in _departures)
        {
            if (_sequencers.TryGetValue(frames.Key, out var sequencer))
                sequencer.Release(frames, _ready);
        }

        _departures.Clear();
    }

    private void ExpireAttempts(long now)
    {
        while (AttemptsDue <= now)
            DropAttempt(0);
    }

    private void DropAttempts()
    {
        while (_attempts.Count > 0)
            DropAttempt(0);
    }

    private void DropAttempt(int at)
    {
        _transport.Tell(new Unregister(_attempts[at].ConnectionId));
        _attempts[at].Dispose();
        _attempts.RemoveAt(at);
    }
}
