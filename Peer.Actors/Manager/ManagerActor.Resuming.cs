using System.Buffers.Binary;
using System.Net;
using Akka.Actor;
using Akka.Event;
using Peer.Actors.Connections;
using Peer.Actors.Settings;
using Peer.Actors.Telemetry;
using Peer.Protocol;
using Peer.Protocol.Admission;
using Peer.Protocol.Control;
using Peer.Protocol.Crypto;
using Peer.Protocol.Delivery;
using Peer.Protocol.Handshake;

namespace Peer.Actors;

/// <summary>Clients that are away and may come back: their tickets, their time, and the memory that waits for them.</summary>
internal sealed partial class ManagerActor
{
    private IReadOnlyList<byte[]> _ticketKeys;
    private readonly ulong _applicationId;

    /// <summary>Those who are away, the longest first.</summary>
    private readonly LinkedList<Member> _away = [];

    /// <summary>All who hold tickets, in the order in which these must be renewed: all last equally long.</summary>
    private readonly LinkedList<Member> _renewals = [];
    private readonly DeadlineTimer _renewal;
    private long _held;

    private ResumeSettings ResumeRules => _runtime.Settings.Resume;

    private bool IssuesTickets => _role is PeerRole.Server && ResumeRules.Grace > TimeSpan.Zero;

    private IReadOnlyList<byte[]> NewTicketKeys()
    {
        if (!IssuesTickets)
            return [];
        if (ResumeRules.TicketKeys.Count > 0)
            return ResumeRules.TicketKeys;
        var key = new byte[TicketSeal.KeyLength];
        _runtime.Random.Fill(key);
        return [key];
    }

    /// <summary>What clients are told of other servers; null when there is nothing to tell.</summary>
    private byte[]? _servers;

    private bool Resume(object message)
    {
        switch (message)
        {
            case TellServers tell when _role is PeerRole.Server:
                Spread(tell);
                return true;

            case ConnectionInterrupted interrupted:
                Interrupted(interrupted);
                return true;

            case ConnectionResumed resumed:
                Resumed(resumed);
                return true;

            case ConnectionRestarted restarted:
                Restarted(restarted);
                return true;

            case TicketsDue:
                RenewTickets();
                return true;

            case ReturnsDue:
                ReturnsElapsed();
                return true;

            default:
                return false;
        }
    }

    /// <summary>A member is open: it may come back from here on.</summary>
    private void GrantReturn(Member member)
    {
        // Who speaks ENet has no word for a ticket.
        if (!IssuesTickets || member.Guest is not null)
            return;
        Span<byte> session = stackalloc byte[16];
        _runtime.Random.Fill(session);
        var drawn = BinaryPrimitives.ReadUInt128LittleEndian(session);
        member.Membership = member.Adopted is { } ticket
            ? new Membership(member, drawn) { Newest = ticket.Generation, Oldest = ticket.Generation, Token = Known(ticket.ClientId, ticket.UserData) }
            : new Membership(member, drawn);
        member.MayResume = true;
        IssueTicket(member);
        if (_servers is { } servers)
            TellControl(member, servers);
    }

    private void Spread(TellServers tell)
    {
        string[] endpoints = [.. tell.Endpoints.Where(endpoint => endpoint.Length is > 0 and <= ControlCodec.MaxServerLength).Take(ControlCodec.MaxServers)];
        _servers = ControlCodec.Encode(new ServersTold(endpoints));
        if (!IssuesTickets)
            return;
        foreach (var member in _peers.Values)
        {
            if (member.IsOpen && member.Membership is not null)
                TellControl(member, _servers);
        }
    }

    private void IssueTicket(Member member)
    {
        var (issued, membership) = NewTicket(member);
        TellControl(member, ControlCodec.Encode(issued));
        membership.RenewAt = _runtime.Clock.Now + (Clock.Micros(ResumeRules.TicketLifetime) / 2);
        if (membership.Renewal.List is not null)
            _renewals.Remove(membership.Renewal);
        _renewals.AddLast(membership.Renewal);
        _renewal.Arm(_renewals.First!.Value.Membership!.RenewAt);
    }

    private (TicketIssued Issued, Membership Membership) NewTicket(Member member)
    {
        var membership = member.Membership!;
        membership.Newest++;
        var secret = new byte[HandshakeSecret.TokenSecretLength];
        _runtime.Random.Fill(secret);
        var token = TokenOf(member);
        var ticket = new ResumeTicket(
            membership.Session,
            member.Id,
            membership.Newest,
            _runtime.Clock.UnixSeconds + (long)ResumeRules.TicketLifetime.TotalSeconds,
            secret,
            token?.ClientId,
            token?.UserData ?? [],
            Room);
        var blob = TicketSeal.Seal(ticket, _ticketKeys[0], _applicationId, _runtime.Random);
        return (new TicketIssued(membership.Newest, secret, blob, (int)ResumeRules.Grace.TotalMilliseconds), membership);
    }

    private void RenewTickets()
    {
        _renewal.Elapsed();
        var now = _runtime.Clock.Now;
        while (_leaving is null && _renewals.First is { Value: { Membership: { } membership } member } && membership.RenewAt <= now)
            IssueTicket(member);
        if (_leaving is null && _renewals.First is { Value.Membership: { } first })
            _renewal.Arm(first.RenewAt);
    }

    /// <summary>A member is gone: nothing waits for it, and its tickets are worthless.</summary>
    private void RevokeReturn(Member member)
    {
        NoLongerAway(member);
        if (member.Membership is { } membership && membership.Renewal.List is not null)
            _renewals.Remove(membership.Renewal);
    }

    /// <summary>The client holds that ticket: those before it are spent.</summary>
    private static bool Held(Member member, TicketHeld held)
    {
        if (member.Membership is not { } membership || held.Generation > membership.Newest)
            return false;
        membership.Oldest = Math.Max(membership.Oldest, held.Generation);
        return true;
    }

    /// <summary>Somebody whose address is proven shows a ticket. It may be a copy: only the connection can find out.</summary>
    private void HearTicket(Newcomer newcomer, long now)
    {
        if (!_limits.TakeHandshake(newcomer.Source, now))
        {
            _counters.HandshakesOverPrefixRate++;
            return;
        }

        if (!_limits.Handshakes.TryTake(1, now))
        {
            _counters.HandshakesOverBudget++;
            return;
        }

        if (!TicketSeal.TryOpen(newcomer.Hello.Token, _ticketKeys, _applicationId, out var ticket))
            Refuse(newcomer, DisconnectInfo.Of(DisconnectReason.TokenInvalid));
        else if (_movedTo is { } endpoint)
            PointElsewhere(newcomer, endpoint);
        else if (ticket.Room != Room && _hook is not null)
            HearReturn(newcomer with { Ticket = ticket }, now);
        else if (ResumeObjection(newcomer, ticket, now, out var member) is { } objection)
        {
            if (objection.Reason == DisconnectReason.ResumeRefused && ticket.Room == Room)
                HearForeignTicket(newcomer, ticket);
            else
                Refuse(newcomer, objection);
        }
        else
            member!.Connection.Tell(new ResumeAsked(newcomer, ticket, OfferTo(member.Id, NewConnectionId())));
    }

    /// <summary>Somebody of another room: the hook may know where that is.</summary>
    private void HearReturn(Newcomer newcomer, long now)
    {
        if (_applicants.ContainsKey(newcomer.Attempt) || _leaving is not null)
            return;
        Span<byte> address = stackalloc byte[18];
        if (_limits.Banned.IsBanned(address[..(WriteAddress(newcomer.From, address) - sizeof(ushort))], now)
            || (newcomer.Ticket!.ClientId is { } client && _limits.Banned.IsBanned(client, now)))
            Refuse(newcomer, DisconnectInfo.Of(DisconnectReason.Banned));
        else if (newcomer.Ticket.Expiry <= _runtime.Clock.UnixSeconds)
            Refuse(newcomer, DisconnectInfo.Of(DisconnectReason.TokenExpired));
        else
            AskHook(newcomer, now);
    }

    private DisconnectInfo? ResumeObjection(Newcomer newcomer, ResumeTicket ticket, long now, out Member? member)
    {
        member = null;
        if (_leaving is not null)
            return DisconnectInfo.Of(DisconnectReason.ShuttingDown);
        Span<byte> address = stackalloc byte[18];
        if (_limits.Banned.IsBanned(address[..(WriteAddress(newcomer.From, address) - sizeof(ushort))], now)
            || (ticket.ClientId is { } client && _limits.Banned.IsBanned(client, now)))
            return DisconnectInfo.Of(DisconnectReason.Banned);
        if (ticket.Expiry <= _runtime.Clock.UnixSeconds)
            return DisconnectInfo.Of(DisconnectReason.TokenExpired);
        if (ticket.Room != Room
            || !_peers.TryGetValue(ticket.PeerId, out var found)
            || !found.IsOpen
            || found.Membership is not { } membership
            || membership.Session != ticket.Session
            || ticket.Generation < membership.Oldest
            || ticket.Generation > membership.Newest)
            return DisconnectInfo.Of(DisconnectReason.ResumeRefused);
        if (newcomer.Source is { } source && source != found.Newcomer?.Source && _limits.Peers.Of(source) >= _runtime.Settings.Server.MaxPeersPerPrefix)
            return DisconnectInfo.Of(DisconnectReason.Full, "too many connections from this network");
        member = found;
        return null;
    }

    private void Interrupted(ConnectionInterrupted interrupted)
    {
        var member = interrupted.Member;
        if (member.IsGone)
            return;
        member.IsInterrupted = true;
        member.IsMoving = interrupted.IsMove;
        member.AwaySince = UtcNow;
        if (_leaving is { } leaving)
        {
            member.Connection.Tell(new EndConnection(leaving, Graceful: false));
            return;
        }

        if (interrupted.IsMove)
            return;
        _counters.Interruptions++;
        Announce(new PeerInterrupted(member.Id));
        if (member.Membership is null)
            return;
        _away.AddLast(member);
        _counters.Away = _away.Count;
        Hold(member, member.Gauge.QueuedBytes);
        while (_away.Count > ResumeRules.HeldPeers || _held > ResumeRules.HeldTotal)
            LetGo(_away.First!.Value, "too much waits for clients that are away");
    }

    /// <summary>Bytes more wait for somebody who is away.</summary>
    private void Hold(Member member, long bytes)
    {
        if (member.Membership is not { } membership || !member.IsInterrupted)
            return;
        membership.Held += bytes;
        _held += bytes;
        if (membership.Held > ResumeRules.HeldPerPeer || _held > ResumeRules.HeldTotal)
            LetGo(member, "too much waits for a client that is away");
    }

    private void LetGo(Member member, string why)
    {
        NoLongerAway(member);
        member.Connection.Tell(new EndConnection(DisconnectInfo.Of(DisconnectReason.Timeout, why), Graceful: false));
    }

    private void NoLongerAway(Member member)
    {
        if (!member.IsInterrupted)
            return;
        member.IsInterrupted = false;
        if (member.Membership is not { } membership)
            return;
        _away.Remove(member);
        _counters.Away = _away.Count;
        _held -= membership.Held;
        membership.Held = 0;
    }

    private void Resumed(ConnectionResumed resumed)
    {
        var member = resumed.Member;
        if (member.IsGone)
            return;
        _counters.Resumptions++;
        if (member.IsInterrupted)
        {
            NoLongerAway(member);
            Activities.Tell(Activities.Resume, _book, member.AwaySince, UtcNow, DisconnectReason.None, (Tags.Peer, member.Id));
            if (!member.IsMoving)
                Announce(new PeerResumed(member.Id));
            member.IsMoving = false;
        }

        if (resumed.Newcomer is { } newcomer)
        {
            Moved(member, newcomer);
            member.Membership!.Oldest = Math.Max(member.Membership.Oldest, resumed.Generation);
            IssueTicket(member);
        }

        if (_leaving is { } leaving)
            member.Connection.Tell(new EndConnection(leaving, Graceful: true));
    }

    /// <summary>The member is somewhere else, and counts for that network from here on.</summary>
    private void Moved(Member member, Newcomer newcomer)
    {
        if (member.Newcomer is { } before)
        {
            _welcomed.Remove(before.Attempt);
            if (before.Source is { } left)
                _limits.Peers.Leave(left);
        }

        if (newcomer.Source is { } entered)
            _limits.Peers.Enter(entered);
        member.Newcomer = newcomer with { Token = TokenOf(member) };
    }

    private sealed record TicketsDue : INoSerializationVerificationNeeded, IDeadLetterSuppression
    {
        public static TicketsDue Instance { get; } = new();
    }
}
