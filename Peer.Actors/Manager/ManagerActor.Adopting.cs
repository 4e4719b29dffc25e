using Akka.Actor;
using Akka.Event;
using Peer.Actors.Connections;
using Peer.Protocol;
using Peer.Protocol.Control;
using Peer.Protocol.Delivery;
using Peer.Protocol.Handshake;
using Peer.Protocol.Routing;

namespace Peer.Actors;

/// <summary>
/// Clients of a server that failed without a word. All that is left of their connections is what their tickets say, and this server may be the first to see them: who
/// proves a ticket's secret keeps its ID; what is said meanwhile reaches it once it is back.
/// </summary>
internal sealed partial class ManagerActor
{
    /// <summary>Attempts by tickets of one connection that are welcomed and not proven.</summary>
    private const int MaxAdoptionAttempts = 8;

    /// <summary>Connections of former servers that are remembered; more are not taken in.</summary>
    private const int MaxAdoptions = 1 << 17;

    private readonly Dictionary<UInt128, Adoption> _adoptions = [];

    /// <summary>IDs that genuine tickets have named.</summary>
    private readonly HashSet<int> _ticketIds = [];
    private readonly DeadlineTimer _returnsDue;
    private long _returnsUntil;

    /// <summary>What was said to everybody, and to those who may yet come; null when nobody is waited for.</summary>
    private SaidMeanwhile? _said;

    /// <summary>The room whose tickets are good here; empty outside of clusters.</summary>
    private string Room => (_role as PeerRole.Server)?.Room ?? "";

    private bool IsTaken(int id) => _peers.ContainsKey(id) || _ticketIds.Contains(id) || _afar.ContainsKey(id);

    private void AwaitReturns()
    {
        // A gateway may take the place of one whose peers are on their way.
        var adopts = (_role as PeerRole.Server)?.Adopt ?? (HomeManager is not null || ResumeRules.Adopt);
        if (adopts && IssuesTickets)
            AwaitThem();
    }

    private void AwaitThem()
    {
        _said ??= new SaidMeanwhile(ResumeRules.HeldPerPeer);

        // A client notices by the time-out, and tries for the grace time.
        _returnsUntil = _runtime.Clock.Now + _runtime.Settings.Link.IdleTimeout + Clock.Micros(ResumeRules.Grace);
        _returnsDue.Arm(_returnsUntil);
    }

    private void ReturnsElapsed()
    {
        // Somebody else may be waited for since.
        _returnsDue.Elapsed();
        if (_runtime.Clock.Now < _returnsUntil)
            _returnsDue.Arm(_returnsUntil);
        else
            EndReturns();
    }

    /// <summary>Whoever could come back has.</summary>
    private void EndReturns()
    {
        // Whoever takes the place of a server that spans nodes waits for its clients, too.
        if (_said is null || (_isHandingOver && !_isWhole))
            return;
        _counters.UnknownTarget += _said.Clear(named => !_peers.ContainsKey(named));
        _said = null;
        LoseOrphans();
        var returned = 0;
        var settled = ControlCodec.Encode(new RosterSettled());
        foreach (var member in _peers.Values)
        {
            if (!member.IsOpen || member.Adopted is null)
                continue;
            returned++;
            if (_runtime.Settings.Server.Relay)
                TellControl(member, settled);
        }

        Announce(new ReturnsOver(returned));
    }

    /// <summary>Keeps a run for those who may come back; false when nobody is waited for.</summary>
    private bool Remember(Member? sender, int target, in DeliveredRun run)
    {
        if (_said is null || run.Key.Mode != TransferMode.Reliable)
            return false;
        Remember(sender, target, Relayed(run, sender!.Id));
        return true;
    }

    private void Remember(Member? sender, int target, Run run)
    {
        if (_said is not { } said || run.Key.Mode != TransferMode.Reliable)
            return;
        var before = said.IsOver;
        said.Add(sender, target, sender is null ? run.Share(null) : run);
        if (said.IsOver && !before)
            Warn("More than {0} bytes wait for clients that may come back: those who are not here yet are refused", ResumeRules.HeldPerPeer);
    }

    /// <summary>A member that was taken in hears what was said to it since this server began.</summary>
    private void TellSince(Member member)
    {
        if (_said is not { } said || member.Adopted is null)
            return;
        foreach (var (sender, target, run) in said.Entries.Skip(member.SaidBefore))
        {
            // Nobody here will ever be told of a newcomer that has gone again.
            if (sender != member && Target.Reaches(target, member.Id) && (sender is null || !sender.IsGone || sender.Adopted is not null))
                Queue(member, run.Share(run.Peer));
        }

        SendOutgoing();
    }

    /// <summary>A genuine ticket that no member here has been issued.</summary>
    private void HearForeignTicket(Newcomer newcomer, ResumeTicket ticket)
    {
        if (_welcomed.TryGetValue(newcomer.Attempt, out var welcomed))
            welcomed.Connection.Tell(HelloRepeated.Instance);
        else if (_adoptions.TryGetValue(ticket.Session, out var adoption) && adoption.AwaitsSuccessor(ticket))
            adoption.Proven!.Connection.Tell(new ResumeAsked(newcomer, ticket, OfferTo(ticket.PeerId, NewConnectionId())));
        else if (IsElsewhere(ticket.PeerId))
        {
            // It may not be known here yet that its gateway is gone. It asks again.
            return;
        }
        else if (AdoptionObjection(newcomer, ticket) is { } objection)
            Refuse(newcomer, objection);
        else
            Welcome(newcomer, ticket);
    }

    private DisconnectInfo? AdoptionObjection(Newcomer newcomer, ResumeTicket ticket)
    {
        if (_said is not { IsOver: false })
            return DisconnectInfo.Of(DisconnectReason.ResumeRefused);
        var adoption = _adoptions.GetValueOrDefault(ticket.Session);
        if (adoption is null ? _adoptions.Count >= MaxAdoptions : !adoption.IsNews(ticket))
            return DisconnectInfo.Of(DisconnectReason.ResumeRefused);
        if (_peers.TryGetValue(ticket.PeerId, out var bearer) && bearer.IsOpen && bearer != adoption?.Proven)
            return DisconnectInfo.Of(DisconnectReason.ResumeRefused);
        var server = _runtime.Settings.Server;
        if (_peers.Count + _applicants.Count >= MaxPeers || _unopened.Count + _applicants.Count >= server.HalfOpen)
            return DisconnectInfo.Of(DisconnectReason.Full);
        return newcomer.Source is { } source && (_limits.Peers.Of(source) >= server.MaxPeersPerPrefix || _limits.HalfOpen.Of(source) >= server.HalfOpenPerPrefix)
            ? DisconnectInfo.Of(DisconnectReason.Full, "too many connections from this network")
            : null;
    }

    /// <summary>A welcomed one may be anybody with a copy of the ticket; whoever has the secret needs a round trip.</summary>
    private void AttemptAdoption(Member member)
    {
        if (member.Adopted is not { } ticket)
            return;
        if (!_adoptions.TryGetValue(ticket.Session, out var adoption))
            _adoptions.Add(ticket.Session, adoption = new Adoption());
        _ticketIds.Add(ticket.PeerId);
        if (adoption.Attempts.Count == MaxAdoptionAttempts)
            Abandon(adoption.Attempts[0]);
        adoption.Attempts.Add(member);
    }

    /// <summary>One who came by a ticket has proved its secret. Of two with tickets of one connection the newer one's owner stays; of two with one ID whoever was first.</summary>
    private DisconnectInfo? AdoptionObjection(Member member, ResumeTicket ticket)
    {
        var adoption = _adoptions[ticket.Session];
        adoption.Attempts.Remove(member);
        if (_said is null || !adoption.IsNews(ticket) || _peers.Count >= MaxPeers || IsElsewhere(ticket.PeerId))
            return DisconnectInfo.Of(DisconnectReason.ResumeRefused, "another one has come back by a newer ticket, or it is too late");
        if (_peers.TryGetValue(ticket.PeerId, out var bearer) && bearer.IsOpen)
        {
            if (bearer != adoption.Proven)
                return DisconnectInfo.Of(DisconnectReason.IdInUse, "this ID is another one's by now");
            Expel(bearer);
        }

        if (ticket.ClientId is { } client)
        {
            if (_clients.TryGetValue(client, out var same) && _runtime.Settings.Server.SameClient != Settings.SameClient.Allow)
                return DisconnectInfo.Of(DisconnectReason.IdInUse, "this client has connected again already");
            _clients[client] = member;
        }

        adoption.Proved(member, ticket.Generation);
        _peers[member.Id] = member;
        _counters.Adoptions++;
        return null;
    }

    private void Expel(Member member)
    {
        var info = DisconnectInfo.Of(DisconnectReason.ResumeRefused, "another one has come back by a newer ticket");
        member.Connection.Tell(new EndConnection(info, Graceful: false));
        Closed(member, info);
    }

    private void ForgetAdopted(Member member)
    {
        if (member.Adopted is { } ticket && _adoptions.TryGetValue(ticket.Session, out var adoption))
            adoption.Forget(member);
    }

    /// <summary>A client's server has started anew, and knows the client by its ticket.</summary>
    private void Restarted(ConnectionRestarted restarted)
    {
        var member = restarted.Member;
        if (member.IsGone)
            return;
        _counters.Resumptions++;
        NoLongerAway(member);
        member.IsMoving = false;
        member.Credit = restarted.Credit;
        _relaySupported = restarted.Offer.Relay;
        Announce(new PeerRestarted(member.Id) { Unacknowledged = restarted.Unacknowledged });
        _roster.ServerRestarted();
        if (_leaving is { } leaving)
            member.Connection.Tell(new EndConnection(leaving, Graceful: true));
    }

    private sealed record ReturnsDue : INoSerializationVerificationNeeded, IDeadLetterSuppression
    {
        public static ReturnsDue Instance { get; } = new();
    }
}
