using Akka.Actor;
using Akka.Event;
using Peer.Actors.Connections;
using Peer.Actors.Facade;
using Peer.Protocol;
using Peer.Protocol.Control;
using Peer.Protocol.Delivery;
using Peer.Protocol.Routing;
using Error = Peer.Protocol.Error;

namespace Peer.Actors;

/// <summary>The way of a run: from the caller to the connections, from a connection to the caller, and across the relay.</summary>
internal sealed partial class ManagerActor
{
    /// <summary>A relayed run shares the buffer that it came in unless it is smaller than such a part of it.</summary>
    private const int RelayCopiesBelow = 16;

    private readonly List<Run> _drained = [];
    private readonly Dictionary<Member, Forward> _outgoing = [];

    /// <param name="isConnected">Where it is not any more, what was put meanwhile goes nowhere.</param>
    private void DrainOutbox(bool isConnected = true)
    {
        if (_outbox is null)
            return;
        _outbox.Drain(_drained);
        foreach (var run in _drained)
        {
            _outbox.BeginRouting();
            try
            {
                if (isConnected)
                    Route(run, run.Peer ?? Target.Everybody);
            }
            finally
            {
                _outbox.Routed(run);
            }

            run.Release();
        }

        _drained.Clear();
        SendOutgoing();
    }

    private void SendOne(Send send)
    {
        var error = Objection(send);
        if (error != Error.Ok)
        {
            Sender.Tell(new SendFailed(send, error));
            return;
        }

        if (send.Payload.Length == 0)
            return;
        var writer = new RunWriter(new SequenceKey((byte)send.Channel, send.Mode), send.Target);
        writer.Append(send.Payload.Span);
        var run = writer.Take();
        Route(run, send.Target);
        run.Release();
        SendOutgoing();
    }

    private Error Objection(Send send)
    {
        if (_peers.Count == 0 && _role is PeerRole.Client)
            return Error.Unconfigured;
        if (send.Channel is < 0 or >= SequenceKey.ControlChannel || !Enum.IsDefined(send.Mode))
            return Error.InvalidParameter;
        if (send.Payload.Length > _runtime.Settings.MaxMessageBytes)
            return Error.OutOfMemory;
        var named = Target.Named(send.Target);
        var isEverybody = named == 0 || send.Target == -_ownId;
        if (!isEverybody && (named > int.MaxValue || !IsKnown((int)named)))
            return Error.InvalidParameter;
        if (IsAfarBusy(send.Target, send.Payload.Length))
            return Error.Busy;
        foreach (var member in _peers.Values)
        {
            if ((_role is PeerRole.Client || Target.Reaches(send.Target, member.Id)) && member.Gauge.QueuedBytes + send.Payload.Length > member.Gauge.LimitBytes)
                return Error.Busy;
        }

        return Error.Ok;
    }

    private bool IsKnown(int peer) => (_peers.TryGetValue(peer, out var member) && member.IsOpen) || _roster.Contains(peer) || _afar.ContainsKey(peer);

    /// <summary>Our own run to whomever the target reaches. A client sends everything to its server, which takes it from there.</summary>
    private void Route(Run run, int target)
    {
        if (_role is PeerRole.Client)
        {
            if (_peers.TryGetValue(PeerIds.Server, out var server) && server.IsOpen)
                Queue(server, run.Share(target == PeerIds.Server || (!_relaySupported && Target.Reaches(target, PeerIds.Server)) ? null : target));
            return;
        }

        if (target > 0)
        {
            if (_peers.TryGetValue(target, out var member) && member.IsOpen)
                Queue(member, run.Share(null));
            else if (_afar.TryGetValue(target, out var afar))
                RouteAfar(afar, target, run);
            return;
        }

        foreach (var member in _peers.Values)
        {
            if (member.IsOpen && Target.Reaches(target, member.Id))
                Queue(member, run.Share(null));
        }

        SendAfar(PeerIds.Server, target, run.Key, run.Messages, run.Bytes.Span, 0);
        Remember(null, target, run);
    }

    /// <summary>One message to each connection, however many runs it gets.</summary>
    private void Queue(Member member, Run run)
    {
        if (member.IsInterrupted)
        {
            // What is unreliable would be late.
            if (run.Key.Mode != TransferMode.Reliable)
            {
                _counters.DroppedAway += run.Messages;
                run.Release();
                return;
            }

            Hold(member, run.Bytes.Length);
        }

        _counters.MessagesOut += run.Messages;
        member.Gauge.Add(run.Bytes.Length);
        if (!_outgoing.TryGetValue(member, out var forward))
            _outgoing.Add(member, forward = Forward.Blank());
        forward.Items.Add(run);
    }

    private void SendOutgoing()
    {
        foreach (var (member, forward) in _outgoing)
            member.Connection.Tell(forward);
        _outgoing.Clear();
    }

    private static void ForwardTo(Member member, Run run)
    {
        member.Gauge.Add(run.Bytes.Length);
        var forward = Forward.Blank();
        forward.Items.Add(run);
        member.Connection.Tell(forward);
    }

    private void Receive(RunsArrived arrived)
    {
        var member = arrived.Member;
        if (member.IsGone || !member.IsOpen)
        {
            foreach (var run in arrived.Items)
                run.Release();
            arrived.Return();
            return;
        }

        foreach (var run in arrived.Items)
        {
            if (!run.Key.IsControl)
                _counters.MessagesIn += run.Messages;
            if (run.Key.IsControl)
                ReadControl(member, run);
            else if (_role is PeerRole.Client && run.Peer is { } sender)
                ReceiveRelayed(member, sender, run);
            else if (_role is PeerRole.Server && run.Peer is { } target && target != PeerIds.Server)
                Relay(member, target, run);
            else if (!run.Ended)
                Deliver(member.Id, run, member.Credit);
            else
                run.Release();
        }

        arrived.Return();
        SendOutgoing();
    }

    private void ReceiveRelayed(Member server, int sender, in DeliveredRun run)
    {
        if (sender < PeerIds.FirstClient || sender == _ownId || !_roster.Arrived(sender, run))
            Violated(server, $"a packet of peer {sender}, who cannot have sent it");
    }

    /// <summary>A client's packet for other clients: the sender is the connection's own, whatever the packet says.</summary>
    private void Relay(Member sender, int target, in DeliveredRun run)
    {
        if (run.Ended)
        {
            run.Release();
            Violated(sender, "only a server ends a relayed sequence");
            return;
        }

        // The server's reader may be through with its part before the others have theirs.
        run.Owner?.Retain();
        if (Target.Reaches(target, PeerIds.Server))
        {
            // Where the server is elsewhere, it is one of those to whom the run is relayed.
            if (_home is null || !_runtime.Settings.Server.Relay)
                Deliver(sender.Id, run, sender.Credit);
            else
                run.Release();
        }
        else
        {
            run.Release();
            sender.Credit.Consumed(run.CreditBytes);
        }

        RelayToOthers(sender, target, run);
        run.Release();
    }

    private void RelayToOthers(Member sender, int target, in DeliveredRun run)
    {
        if (!_runtime.Settings.Server.Relay)
        {
            _counters.RelayRefused += run.Messages;
            return;
        }

        if (target > 0)
        {
            if (_peers.TryGetValue(target, out var member) && member.IsOpen && member != sender)
                RelayTo(member, sender.Id, run);
            else if (_afar.TryGetValue(target, out var afar) && !afar.IsLost)
                SendTo(afar.Gateway, sender.Id, target, run.Key, run.Messages, run.Bytes.Span, 0);
            else if (!Remember(sender, target, run))
                _counters.UnknownTarget += run.Messages;
            return;
        }

        foreach (var member in _peers.Values)
        {
            if (member != sender && member.IsOpen && Target.Reaches(target, member.Id))
                RelayTo(member, sender.Id, run);
        }

        SendAfar(sender.Id, target, run.Key, run.Messages, run.Bytes.Span, run.CreditBytes);
        Remember(sender, target, run);
    }

    /// <summary>A relayed packet cannot push back on its sender without punishing everybody else, so a receiver that does not keep up is let go.</summary>
    private void RelayTo(Member member, int? sender, in DeliveredRun run)
    {
        if (member.Gauge.QueuedBytes + run.Bytes.Length <= member.Gauge.LimitBytes)
        {
            _counters.MessagesRelayed += run.Messages;
            Queue(member, Relayed(run, sender));
        }
        else if (run.Key.Mode == TransferMode.Reliable)
            member.Connection.Tell(new EndConnection(DisconnectInfo.Of(DisconnectReason.QueueOverflow, "the peer does not keep up with what is relayed to it"), Graceful: false));
        else
            _counters.DroppedUnreliable += run.Messages;
    }

    /// <summary>The same bytes on their way out. A receiver may be slow, and a few bytes of his must not keep all that came with them.</summary>
    private static Run Relayed(in DeliveredRun run, int? sender)
    {
        if (run.Owner is not { } owner)
            return new Run(run.Key, sender, run.Bytes, run.Messages, null);
        if (run.Bytes.Length < owner.Array.Length / RelayCopiesBelow)
        {
            owner = RunBuffer.Copy(run.Bytes.Span);
            return new Run(run.Key, sender, owner.Array.AsMemory(0, run.Bytes.Length), run.Messages, owner);
        }

        owner.Retain();
        return new Run(run.Key, sender, run.Bytes, run.Messages, owner);
    }

    private void ReadControl(Member member, in DeliveredRun run)
    {
        if (_role is PeerRole.Client && _inbox?.Events > MaxUnreadEvents)
            member.Connection.Tell(new EndConnection(DisconnectInfo.Of(DisconnectReason.QueueOverflow, "more peers join and leave than anybody reads of"), Graceful: false));
        else if (!TryReadControl(member, run.Bytes))
            Violated(member, "a control message that it may not send");
        run.Release();
    }

    private bool TryReadControl(Member member, ReadOnlyMemory<byte> messages)
    {
        var offset = 0;
        while (RunReader.TryNext(messages, ref offset, out var bytes))
        {
            switch (ControlCodec.Decode(bytes))
            {
                case PeersJoined joined when _role is PeerRole.Client && _roster.Count + joined.Peers.Length <= MaxRoster:
                    if (!joined.Peers.All(_roster.Joined))
                        return false;
                    break;

                case PeersReturned returned when _role is PeerRole.Client && _roster.Count + returned.Peers.Length <= MaxRoster:
                    if (!returned.Peers.All(_roster.Returned))
                        return false;
                    break;

                case RosterSettled when _role is PeerRole.Client:
                    _roster.Settled();
                    break;

                case TicketIssued ticket when _role is PeerRole.Client:
                    member.Connection.Tell(new HoldTicket(ticket));
                    TellControl(member, ControlCodec.Encode(new TicketHeld(ticket.Generation)));
                    break;

                case ServersTold told when _role is PeerRole.Client:
                    member.Connection.Tell(new HoldServers(told.Endpoints));
                    break;

                case TicketHeld held when _role is PeerRole.Server:
                    if (!Held(member, held))
                        return false;
                    break;

                case PeerLeft left when _role is PeerRole.Client:
                    if (!_roster.Left(left))
                        return false;
                    break;

                default:
                    return false;
            }
        }

        return true;
    }

    private void Violated(Member member, string what)
    {
        Warn("Peer {0} broke the protocol: {1}", member.Id, what);
        member.Connection.Tell(new EndConnection(DisconnectInfo.Of(DisconnectReason.ProtocolViolation, what), Graceful: false));
    }

    /// <summary>Up to the application, with the run's reference: the facade takes runs, an actor takes packets, which are copies that it may keep.</summary>
    private void Deliver(int sender, in DeliveredRun run, ICreditReturn? credit)
    {
        if (_home is { } home)
        {
            SendTo(home, sender, PeerIds.Server, run.Key, run.Messages, run.Bytes.Span, run.CreditBytes);
            run.Release();
            return;
        }

        if (_subscribers.Count > 0)
            TellPackets(sender, run);
        if (_inbox is { } inbox)
        {
            inbox.Post(sender, run, credit);
            return;
        }

        run.Release();
        credit?.Consumed(run.CreditBytes);
    }

    private void TellPackets(int sender, in DeliveredRun run)
    {
        var offset = 0;
        while (RunReader.TryNext(run.Bytes, ref offset, out var payload))
        {
            var packet = new PacketReceived(sender, run.Key.Channel, run.Key.Mode, payload.ToArray());
            foreach (var subscriber in _subscribers)
                subscriber.Tell(packet);
        }
    }
}
