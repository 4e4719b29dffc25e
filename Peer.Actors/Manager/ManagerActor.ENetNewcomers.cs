using System.Net;
using Akka.Actor;
using Peer.Actors.Connections;
using Peer.Actors.ENet;
using Peer.Actors.Transport;
using Peer.Protocol;
using Peer.Protocol.Admission;
using Peer.Protocol.ENet;
using Peer.Protocol.Routing;

namespace Peer.Actors;

/// <summary>Strangers who speak ENet, from their CONNECT to their place in the room.</summary>
internal sealed partial class ManagerActor
{
    private void GreetENet(ENetStranger stranger)
    {
        var enet = _enet!;
        enet.Strangers.Leave(stranger.Datagram.Length);
        if (PortOfENet.Sender is null || !ENetHeader.TryReadPeer(stranger.Datagram, out var slot))
            return;
        var now = _runtime.Clock.Now;
        if (slot != ENetFormat.NoPeer)
            Confirm(enet, stranger, now);
        else if (_role is not PeerRole.Client)
            HearConnect(enet, stranger, now);
    }

    /// <summary>CONNECT: the address is not proven, so what it costs is limited by what it says, and the answer is no longer than it.</summary>
    private void HearConnect(ENetPort enet, ENetStranger stranger, long now)
    {
        _counters.Hellos++;
        Span<byte> address = stackalloc byte[18];
        var bytes = address[..(WriteAddress(stranger.From, address) - sizeof(ushort))];
        var source = _limits.SourceOf(stranger.From.Address, bytes);
        if (!_limits.TakeHello(source, now))
        {
            _counters.HellosOverPrefixRate++;
            return;
        }

        if (enet.Gate.Read(stranger.Datagram) is not { } request)
        {
            _counters.HellosMalformed++;
            return;
        }

        if (!_limits.Challenges.TryTake(1, now))
        {
            _counters.ChallengesOverBudget++;
            return;
        }

        Span<byte> reply = stackalloc byte[ENetGate.MaxReplyLength];
        int length;
        if (enet.Gate.IsRepeated(request, stranger.From))
        {
            length = enet.Gate.Repeat(request, stranger.From, now, reply);
        }
        else if (Objection(request.Data, bytes, source, now) is { } objection)
        {
            _counters.Refused(objection.Reason);
            length = enet.Gate.Refuse(request, reply, (uint)objection.Reason);
        }
        else
        {
            length = enet.Gate.Welcome(request, stranger.From, now, reply) ?? enet.Gate.Refuse(request, reply, (uint)DisconnectReason.Full);
            _counters.Challenges++;
            ArmENet(now);
        }

        if (length > 0)
            PortOfENet.Sender!.Send(reply[..length], length, Destination.Of(stranger.From));
    }

    private DisconnectInfo? Objection(uint data, ReadOnlySpan<byte> address, AddressPrefix? source, long now)
    {
        if (Closed() is { } closed)
            return closed;
        if (_limits.Banned.IsBanned(address, now))
            return DisconnectInfo.Of(DisconnectReason.Banned);
        var server = _runtime.Settings.Server;
        if (_peers.Count + _applicants.Count >= MaxPeers || (source is { } prefix && _limits.Peers.Of(prefix) >= server.MaxPeersPerPrefix))
            return DisconnectInfo.Of(DisconnectReason.Full);

        // A client of this protocol names itself.
        var id = (int)data;
        var mayJoin = _role is PeerRole.Mesh ? MayJoinMesh(id) : id >= PeerIds.FirstClient && !_peers.ContainsKey(id);
        return mayJoin ? null : DisconnectInfo.Of(DisconnectReason.IdInUse);
    }

    /// <summary>A datagram for a slot without a connection: perhaps a client that confirms.</summary>
    private void Confirm(ENetPort enet, ENetStranger stranger, long now)
    {
        Span<byte> reply = stackalloc byte[ENetGate.MaxReplyLength];
        var confirmed = enet.Gate.Confirm(stranger.Datagram, stranger.From, now, reply, out var length);
        if (length > 0)
            PortOfENet.Sender!.Send(reply[..length], length, Destination.Of(stranger.From));
        if (confirmed is null)
            _transportCounters.DroppedUnknownConnection.Increment();
        else if (MayConfirm(confirmed, now))
            LetIn(enet, confirmed, stranger.Datagram, now);
    }

    /// <summary>An address that is proven counts for the rates; who is over them is asked again, and confirms again.</summary>
    private bool MayConfirm(PendingConnect confirmed, long now)
    {
        Span<byte> address = stackalloc byte[18];
        var source = _limits.SourceOf(confirmed.From.Address, address[..(WriteAddress(confirmed.From, address) - sizeof(ushort))]);
        if (!_limits.TakeHandshake(source, now))
        {
            _counters.HandshakesOverPrefixRate++;
            return false;
        }

        if (_limits.Handshakes.TryTake(1, now))
            return true;
        _counters.HandshakesOverBudget++;
        return false;
    }

    private void LetIn(ENetPort enet, PendingConnect confirmed, byte[] first, long now)
    {
        if (!enet.Gate.Accept(confirmed))
            Dismiss(enet, confirmed, DisconnectReason.Full);
        else if (_hook is null)
            Admit(enet, confirmed, first, now);
        else
            AskHook(enet, confirmed, now);
    }

    private void Admit(ENetPort enet, PendingConnect confirmed, byte[] first, long now)
    {
        Span<byte> address = stackalloc byte[18];
        var bytes = address[..(WriteAddress(confirmed.From, address) - sizeof(ushort))];
        var source = _limits.SourceOf(confirmed.From.Address, bytes);

        // The world may have changed since its CONNECT.
        if (Objection(confirmed.Data, bytes, source, now) is { } objection)
        {
            Refuse(enet, confirmed, objection.Reason);
            return;
        }

        _counters.Welcomes++;
        var id = (int)confirmed.Data;
        var member = NewMember(id, guest: new ENetGuest(confirmed.From, source, confirmed.Slot));
        if (source is { } prefix)
            _limits.Peers.Enter(prefix);
        Adopt(member, ENetConnection.Accepting(member, enet, PortOfENet.Transport, PortOfENet.Sender!, _runtime, _ownId, confirmed, first), $"connection-{id}");
        Occupy(enet, member, now);
    }

    /// <summary>Somebody who has a slot and may not stay.</summary>
    private void Refuse(ENetPort enet, PendingConnect confirmed, DisconnectReason reason)
    {
        Dismiss(enet, confirmed, reason);
        enet.Gate.Release(confirmed.Slot);
    }

    private void Dismiss(ENetPort enet, PendingConnect answered, DisconnectReason reason)
    {
        _counters.Refused(reason);
        Span<byte> reply = stackalloc byte[ENetGate.MaxReplyLength];
        var length = enet.Gate.Refuse(answered, reply, (uint)reason);
        PortOfENet.Sender?.Send(reply[..length], length, Destination.Of(answered.From));
    }

    /// <summary>Those who were answered take themselves for connected, although nobody here knows them yet: they hear that it is over, too.</summary>
    private void DismissAll(DisconnectReason reason)
    {
        if (_enet is not { } enet)
            return;
        foreach (var pending in enet.Gate.ForgetAll())
            Dismiss(enet, pending, reason);
        foreach (var applicant in enet.Applicants.Keys)
            Refuse(enet, applicant, reason);
        enet.Applicants.Clear();
    }

    private void AskHook(ENetPort enet, PendingConnect confirmed, long now)
    {
        var server = _runtime.Settings.Server;
        if (_questions >= server.HalfOpen)
        {
            Refuse(enet, confirmed, DisconnectReason.Full);
            return;
        }

        _questions++;
        enet.Applicants.Add(confirmed, now + Clock.Micros(server.AdmissionTimeout));
        ArmENet(now);
        var props = AdmissionCase.Props(
            _hook!, new AdmissionRequest(confirmed.From, null, default, default), (verdict, failure) => new ENetDecided(confirmed, verdict, failure), CancellationToken.None);
        Context.ActorOf(props.WithDispatcher(server.AdmissionDispatcher));
    }

    private void Decided(ENetDecided decided)
    {
        _questions--;
        if (decided.Failure is { } failure)
        {
            _counters.AdmissionsFailed++;
            Warn("The admission hook threw {0}", failure);
        }

        if (_enet is not { } enet || !enet.Applicants.Remove(decided.Confirmed))
            return;
        if (decided.Verdict is { Reason: DisconnectReason.None })
            Admit(enet, decided.Confirmed, [], _runtime.Clock.Now);
        else
            Refuse(enet, decided.Confirmed, decided.Verdict?.Reason ?? DisconnectReason.Refusing);
    }
}
