using System.Buffers.Binary;
using Akka.Actor;
using Akka.Event;
using Peer.Actors.Connections;
using Peer.Actors.Telemetry;
using Peer.Protocol;
using Peer.Protocol.Control;
using Peer.Protocol.Delivery;
using Peer.Protocol.Handshake;
using Peer.Protocol.Routing;

namespace Peer.Actors;

/// <summary>Members come and go: who is told what, and in which order.</summary>
internal sealed partial class ManagerActor : IRosterListener
{
    /// <summary>What a client holds for its roster: relayed bytes of peers whose join is still on its way, and leaves and joins that wait for marks of an earlier leave.</summary>
    private const long HoldBytes = 32 << 20;

    /// <summary>Relayed peers that a client takes from its server; no server may have more.</summary>
    private const int MaxRoster = 65_536;

    /// <summary>Events that may wait for a client's own reader before it takes no more news of its server's: a full roster comes and goes.</summary>
    private const int MaxUnreadEvents = 2 * MaxRoster;

    /// <summary>Notices of who joins and leaves that may wait for one peer to acknowledge them: so many for each peer that there may be, as a full room may leave at once and is marked in each channel.</summary>
    private const int NoticesPerPeer = 64;

    /// <summary>And so many in any case.</summary>
    private const int NoticesBesides = 4_096;

    private readonly RelayRoster _roster;
    private bool _relaySupported;

    private int MaxPeers => _runtime.Settings.Server.MaxPeers;

    private Member NewMember(int id, bool isDialling = false, ENet.ENetGuest? guest = null, ResumeTicket? adopted = null)
    {
        var gauge = new PeerGauge(_runtime.Settings.OutgoingQueueBytes);
        return new Member(NewConnectionId(), gauge, _runtime.Settings.Link.ReceiveWindow)
        {
            Id = id,
            IsDialling = isDialling,
            Guest = guest,
            Adopted = adopted,
            Book = _book,
            Since = UtcNow,
        };
    }

    private ulong NewConnectionId()
    {
        Span<byte> bytes = stackalloc byte[8];
        _runtime.Random.Fill(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    private void Adopt(Member member, Props props, string name)
    {
        // The name of an abandoned connection is free only once that actor has stopped.
        member.Connection = Context.Child(name).IsNobody() ? Context.ActorOf(props, name) : Context.ActorOf(props);
        Context.Watch(member.Connection);
        _members.Add(member.Connection, member);
        _unopened.Add(member);
        _book.Add(member.Gauge);
        CountHalfOpen();

        // Whoever shows the ticket of another server has proved nothing yet, and may be one of several.
        if (member.Id != 0 && member.Adopted is null)
            _peers[member.Id] = member;
    }

    private void Opened(ConnectionOpened opened)
    {
        var member = opened.Member;
        if (member.IsGone)
            return;
        if (LastObjection(member) is { } objection)
        {
            member.Connection.Tell(new EndConnection(objection, Graceful: false));
            return;
        }

        Open(member);
        _counters.Opened++;
        Activities.Tell(Activities.Handshake, _book, member.Since, UtcNow, DisconnectReason.None, (Tags.Wire, member.Guest is null ? "native" : "enet"));
        GrantReturn(member);
        switch (_role)
        {
            case PeerRole.Client:
                _ownId = opened.Offer.PeerId;
                _relaySupported = opened.Offer.Relay;
                member.Id = opened.Offer.ServerPeerId;
                _peers[member.Id] = member;
                Announce(Connected(member));
                Announce(new ConnectionSucceeded(_ownId, _relaySupported));
                break;

            case PeerRole.Server:
                // The home knows it already. A gateway tells of its own alone.
                if (_home is not null || !_afar.ContainsKey(member.Id))
                    Announce(Connected(member));
                if (_runtime.Settings.Server.Relay)
                    TellRoster(member);
                TellAfar(member);
                TellSince(member);
                break;

            default:
                Announce(Connected(member));
                break;
        }
    }

    private void Open(Member member)
    {
        member.IsOpen = true;
        _unopened.Remove(member);
        CountHalfOpen();
        _counters.Peers++;
        if (member.Guest is not null)
            _counters.Guests++;
    }

    private DateTimeOffset UtcNow => _runtime.Clock.Provider.GetUtcNow();

    private void CountHalfOpen() => _counters.HalfOpen = _unopened.Count + _applicants.Count;

    private static PeerConnected Connected(Member member) => new(member.Id)
    {
        ClientId = TokenOf(member)?.ClientId,
        UserData = TokenOf(member)?.UserData ?? [],
        HasReturned = member.Adopted is not null,
        Gauge = member.Gauge,
    };

    /// <summary>The newcomer hears of everybody, everybody hears of the newcomer.</summary>
    private void TellRoster(Member newcomer)
    {
        var joined = ControlCodec.Encode(new PeersJoined([newcomer.Id]));
        var arrived = newcomer.Adopted is null ? joined : ControlCodec.Encode(new PeersReturned([newcomer.Id]));
        var others = new List<int>();
        var returned = new List<int>();

        // Its gateway was lost, not the room: who is here has been here.
        var isOrphan = _afar.ContainsKey(newcomer.Id);
        foreach (var member in _peers.Values)
        {
            if (member == newcomer || !member.IsOpen)
                continue;

            // Who speaks ENet has never heard of the server that failed.
            var isOld = (member.Adopted is not null || isOrphan) && newcomer.Guest is null;
            (isOld ? returned : others).Add(member.Id);
            TellControl(member, member.Guest is null ? arrived : joined);
        }

        AddAfar(newcomer, others, returned);
        foreach (var part in others.Chunk(ControlCodec.MaxPeers))
            TellControl(newcomer, ControlCodec.Encode(new PeersJoined(part)));
        foreach (var part in returned.Chunk(ControlCodec.MaxPeers))
            TellControl(newcomer, ControlCodec.Encode(new PeersReturned(part)));
    }

    private void TellControl(Member member, byte[] message)
    {
        if (!LetGoIfBehind(member))
            ForwardTo(member, Run.OfControl(message));
    }

    /// <summary>Others join and leave as they please: whoever does not acknowledge the news of it is let go before it fills this end's memory.</summary>
    private bool LetGoIfBehind(Member member)
    {
        if (member.Gauge.Notices <= NoticesBesides + (NoticesPerPeer * (long)MaxPeers))
            return false;
        member.Connection.Tell(new EndConnection(DisconnectInfo.Of(DisconnectReason.QueueOverflow, "the peer does not keep up with who joins and leaves"), Graceful: false));
        return true;
    }

    private void Closed(Member member, DisconnectInfo info)
    {
        if (member.IsGone)
            return;
        Forget(member);
        CountEnd(member, info.Reason);
        if (_role is PeerRole.Client)
            LostServer(member, info);
        else if (member.IsOpen && !(_isHandedOver && _leaving is not null))
            LostPeer(member, info);
        else if (member.IsDialling)
            Warn("Mesh peer {0} could not be connected: {1} {2}", member.Id, info.Reason, info.Text);
        ContinueLeaving();
    }

    private void CountEnd(Member member, DisconnectReason reason)
    {
        if (reason == DisconnectReason.ProtocolViolation)
            _counters.Violations++;
        if (member.IsOpen)
            _counters.Ended(reason);
        else
            Activities.Tell(Activities.Handshake, _book, member.Since, UtcNow, reason, (Tags.Wire, member.Guest is null ? "native" : "enet"));
    }

    private void Forget(Member member)
    {
        member.IsGone = true;
        _book.Remove(member.Gauge);
        if (member.IsOpen)
        {
            _counters.Peers--;
            if (member.Guest is not null)
                _counters.Guests--;
        }

        RevokeReturn(member);
        _members.Remove(member.Connection);
        _unopened.Remove(member);
        CountHalfOpen();
        if (_peers.TryGetValue(member.Id, out var current) && current == member)
            _peers.Remove(member.Id);
        ForgetNewcomer(member);
        ForgetAdopted(member);
        ForgetGuest(member);
    }

    /// <summary>Drops a dialling connection whose counterpart won.</summary>
    private void Abandon(Member member)
    {
        Forget(member);

        // A slot of ENet's is free when its actor has stopped, and not before.
        if (member.Guest is null)
            Context.Unwatch(member.Connection);
        Context.Stop(member.Connection);
    }

    private void LostPeer(Member member, DisconnectInfo info)
    {
        Announce(new PeerDisconnected(member.Id, info));
        TellAfarLeft(member.Id, info);
        TellLeft(member.Id, info);
    }

    private void TellLeft(int peer, DisconnectInfo info)
    {
        if (_role is not PeerRole.Server || !_runtime.Settings.Server.Relay)
            return;
        var left = new RelayedPeerLeft(peer, DisconnectInfo.Of(info.Reason, info.Text));
        foreach (var other in _peers.Values)
        {
            if (other.IsOpen && !LetGoIfBehind(other))
                other.Connection.Tell(left);
        }
    }

    private void LostServer(Member member, DisconnectInfo info)
    {
        if (member.IsOpen)
        {
            _roster.Clear(info);
            Announce(new PeerDisconnected(member.Id, info));
            if (_leaving is null)
                Announce(new ServerDisconnected(info));
        }
        else if (_leaving is null)
        {
            Announce(new ConnectionFailed(info));
        }

        if (_leaving is null)
            BeginLeaving(info);
    }

    private void Disconnect(Kick kick)
    {
        DrainOutbox();
        if (_afar.TryGetValue(kick.Peer, out var afar))
        {
            KickAfar(afar, kick);
            return;
        }

        if (!_peers.TryGetValue(kick.Peer, out var member) || !member.IsOpen)
            return;
        member.Connection.Tell(new EndConnection(new DisconnectInfo(DisconnectReason.Kicked, kick.Text, kick.Payload), Graceful: !kick.Force));
    }

    void IRosterListener.Joined(int peer) => Announce(new PeerConnected(peer));

    void IRosterListener.Relayed(int peer, in DeliveredRun run) => Deliver(peer, run, _peers.GetValueOrDefault(PeerIds.Server)?.Credit);

    void IRosterListener.Dropped(int creditBytes) => _peers.GetValueOrDefault(PeerIds.Server)?.Credit.Consumed(creditBytes);

    void IRosterListener.Left(int peer, DisconnectInfo info) => Announce(new PeerDisconnected(peer, info));

    private void TellWhatIs(IActorRef subscriber)
    {
        if (_port.Local is { } local)
            subscriber.Tell(new Listening(local));
        foreach (var member in _peers.Values)
        {
            if (member.IsOpen)
                subscriber.Tell(Connected(member));
            if (member.IsOpen && member.IsInterrupted && !member.IsMoving)
                subscriber.Tell(new PeerInterrupted(member.Id));
        }

        if (_role is PeerRole.Client && _ownId != 0)
            subscriber.Tell(new ConnectionSucceeded(_ownId, _relaySupported));
        foreach (var peer in _roster.Present)
            subscriber.Tell(new PeerConnected(peer));
        TellAfar(subscriber);
        if (_isLinkTold)
            subscriber.Tell(GatewayLinked.Instance);
    }

    private void Announce(IPeerEvent happened)
    {
        _inbox?.Post(happened);
        foreach (var subscriber in _subscribers)
            subscriber.Tell(happened);
        foreach (var observer in _observers)
            observer.Tell(happened);
    }
}
