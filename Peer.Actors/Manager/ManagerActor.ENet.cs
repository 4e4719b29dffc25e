using System.Net;
using Akka.Actor;
using Akka.Event;
using Peer.Actors.Connections;
using Peer.Actors.ENet;
using Peer.Actors.Transport;
using Peer.Protocol;
using Peer.Protocol.Admission;
using Peer.Protocol.ENet;
using Peer.Protocol.Routing;

namespace Peer.Actors;

/// <summary>Members that speak ENet: the same room and the same rules, another door.</summary>
internal sealed partial class ManagerActor
{
    private const long ENetTickInterval = 1_000_000;

    private readonly ENetPort? _enet;
    private readonly DeadlineTimer _enetTick;
    private bool _nativeClosed;

    private ENetPort? NewENetPort() =>
        _role.ENet is { } options ? new ENetPort(options, (_role as PeerRole.Server)?.ENetBind, _runtime) : null;

    private bool AdministerENet(object message)
    {
        switch (message)
        {
            case ENetTick:
                _enetTick.Elapsed();
                TickENet();
                return true;

            case ENetDecided decided:
                Decided(decided);
                return true;

            case SetPeerTimeout set:
                if (_peers.TryGetValue(set.Peer, out var member) && member.Guest is not null)
                    member.Connection.Tell(new UseTimeouts(new ENetTimeouts((uint)set.Limit, (uint)set.Minimum.TotalMilliseconds, (uint)set.Maximum.TotalMilliseconds)));
                return true;

            default:
                return false;
        }
    }

    private PeerCounters WithENet(PeerCounters counters) => _enet is not { } enet ? counters : counters with
    {
        HalfOpen = counters.HalfOpen + enet.Gate.Pending + enet.Applicants.Count,
        PartialBytes = counters.PartialBytes + enet.Partials.Used,
        RelayRefused = counters.RelayRefused + enet.NotRelayed.Value,
        ENetForged = enet.Forged.Value,
    };

    private bool IsSecond(IActorRef transport) => _enet is { Second: not null } enet && enet.Transport.Equals(transport) && !transport.IsNobody();

    private void StartSecond(IPEndPoint bind)
    {
        var enet = _enet!;
        enet.Transport = Context.ActorOf(_runtime.Transport(bind, _transportCounters, enet.Strangers, Wire.ENet));
        Context.Watch(enet.Transport);
    }

    private void SecondUp(TransportUp up)
    {
        var enet = _enet!;
        enet.Sender = up.Sender;
        if (enet.Local is null)
            Announce(new ENetListening(up.Local));
        enet.Local = up.Local;
        foreach (var member in _members.Values)
        {
            if (member.Guest is not null)
                member.Connection.Tell(new UseSender(up.Sender, enet.Transport));
        }
    }

    private void SecondGone()
    {
        if (_leaving is not null || _enet!.Local is not { } local)
            return;
        _log.Warning("The ENet transport failed; another one takes over {0}", local);
        StartSecond(local);
    }

    /// <summary>Whether all ports are closed with this one.</summary>
    private bool IsLastPort(IActorRef transport)
    {
        if (_enet is not { Second: not null } enet || enet.Transport.IsNobody())
            return true;
        if (IsSecond(transport))
            enet.IsClosed = true;
        else
            _nativeClosed = true;
        return enet.IsClosed && _nativeClosed;
    }

    private void GreetENet(ENetStranger stranger)
    {
        var enet = _enet!;
        enet.Strangers.Leave(stranger.Datagram.Length);
        if (SenderOfENet is null || !ENetHeader.TryReadPeer(stranger.Datagram, out var slot))
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
        else if (!_limits.TakeHandshake(source, now))
        {
            _counters.HandshakesOverPrefixRate++;
            return;
        }
        else if (!_limits.Handshakes.TryTake(1, now))
        {
            _counters.HandshakesOverBudget++;
            return;
        }
        else
        {
            length = enet.Gate.Welcome(request, stranger.From, now, reply);
            _counters.Challenges++;
            if (length == 0)
                length = enet.Gate.Refuse(request, reply, (uint)DisconnectReason.Full);
            ArmENet(now);
        }

        if (length > 0)
            SenderOfENet!.Send(reply[..length], length, Destination.Of(stranger.From));
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
            SenderOfENet!.Send(reply[..length], length, Destination.Of(stranger.From));
        if (confirmed is null)
        {
            _transportCounters.DroppedUnknownConnection.Increment();
            return;
        }

        if (_hook is null)
            Admit(enet, confirmed, stranger.Datagram, now);
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
        Adopt(member, ENetConnection.Accepting(member, enet, TransportOfENet, SenderOfENet!, _runtime, _ownId, confirmed, first), $"connection-{id}");
        Occupy(enet, member, now);
    }

    private void Refuse(ENetPort enet, PendingConnect confirmed, DisconnectReason reason)
    {
        _counters.Refused(reason);
        Span<byte> reply = stackalloc byte[ENetGate.MaxReplyLength];
        var length = enet.Gate.Refuse(confirmed, reply, (uint)reason);
        SenderOfENet?.Send(reply[..length], length, Destination.Of(confirmed.From));
        enet.Gate.Release(confirmed.Slot);
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

    private void DialENet(int peer, IReadOnlyList<IPEndPoint> endpoints, int ownId, int expected)
    {
        var enet = _enet!;
        Span<byte> drawn = stackalloc byte[4];
        _runtime.Random.Fill(drawn);
        if (enet.Gate.Take(endpoints[0], BitConverter.ToUInt32(drawn)) is not { } slot)
        {
            _log.Warning("Peer {0} was not dialled: all slots are taken", expected);
            return;
        }

        var now = _runtime.Clock.Now;
        var member = NewMember(peer, isDialling: true, new ENetGuest(endpoints[0], null, slot));
        Adopt(member, ENetConnection.Dialling(member, enet, TransportOfENet, SenderOfENet!, _runtime, new ENetDial(endpoints, ownId, expected)), $"connection-{expected}");
        Occupy(enet, member, now);
    }

    private void Occupy(ENetPort enet, Member member, long now)
    {
        enet.Slots.Add(member.Connection, member.Guest!.Slot);
        enet.HasChanged = true;
        ArmENet(now);
    }

    private void ReleaseSlot(IActorRef connection)
    {
        if (_enet is not { } enet || !enet.Slots.Remove(connection, out var slot))
            return;
        enet.Gate.Release(slot);
        enet.HasChanged = true;
    }

    private void ForgetGuest(Member member)
    {
        if (member.Guest is { Source: { } source })
            _limits.Peers.Leave(source);
    }

    private void PutOutGuests(AddressPrefix network)
    {
        foreach (var member in _members.Values)
        {
            if (member.Guest is { } guest && network.Contains(AdmissionLimits.PrefixOf(guest.From.Address)))
                member.Connection.Tell(new EndConnection(DisconnectInfo.Of(DisconnectReason.Banned), Graceful: false));
        }
    }

    private IActorRef TransportOfENet => _enet!.Second is null ? _transport : _enet.Transport;

    private IDatagramSender? SenderOfENet => _enet!.Second is null ? _sender : _enet.Sender;

    private void ArmENet(long now)
    {
        if (_enet!.SharedAt == 0)
            _enet.SharedAt = now;
        _enetTick.Arm(now + ENetTickInterval);
    }

    /// <summary>Once a second while there is anybody: those who have not confirmed go, and bandwidth is shared anew.</summary>
    private void TickENet()
    {
        if (_enet is not { } enet)
            return;
        var now = _runtime.Clock.Now;
        _counters.Unconfirmed += enet.Gate.Expire(now - Clock.Micros(_runtime.Settings.Server.ConfirmTimeout));
        foreach (var (applicant, deadline) in enet.Applicants)
        {
            if (now < deadline)
                continue;
            _counters.AdmissionsOverdue++;
            enet.Applicants.Remove(applicant);
            Refuse(enet, applicant, DisconnectReason.Refusing);
        }

        ShareBandwidth(enet, now);
        if (enet.Slots.Count + enet.Gate.Pending + enet.Applicants.Count > 0)
            ArmENet(now);
        else
            enet.SharedAt = 0;
    }

    private void ShareBandwidth(ENetPort enet, long now)
    {
        var elapsed = Math.Max(1, (now - enet.SharedAt) / 1000);
        enet.SharedAt = now;
        var members = _members.Values.Where(member => member is { Guest: not null, IsOpen: true }).ToArray();
        if (members.Length == 0 || (enet.Settings is { IncomingBandwidth: 0, OutgoingBandwidth: 0 } && members.All(member => member.Guest!.RemoteIncoming == 0)))
            return;
        var shares = Array.ConvertAll(members, member => new ENetBandwidth.Share
        {
            Sent = member.Guest!.TakeSent(),
            RemoteIncoming = member.Guest.RemoteIncoming,
            RemoteOutgoing = member.Guest.RemoteOutgoing,
        });
        ENetBandwidth.LimitThrottles(shares, enet.Settings.OutgoingBandwidth, elapsed);
        var tellsSenders = enet.HasChanged && enet.Settings.IncomingBandwidth != 0;
        if (tellsSenders)
            ENetBandwidth.LimitSenders(shares, enet.Settings.IncomingBandwidth);
        enet.HasChanged = false;
        for (var i = 0; i < members.Length; i++)
            members[i].Connection.Tell(new ShareBandwidth(shares[i].ThrottleLimit, tellsSenders ? shares[i].IncomingLimit : null));
    }
}
