using System.Net;
using Akka.Actor;
using Peer.Actors.Connections;
using Peer.Actors.Settings;
using Peer.Actors.Transport;
using Peer.Protocol;
using Peer.Protocol.Handshake;
using Peer.Protocol.Routing;

namespace Peer.Actors;

/// <summary>Newcomers: the admission hook's answer, the welcome, and the moment in which one becomes a peer.</summary>
internal sealed partial class ManagerActor
{
    private readonly Dictionary<(HelloFingerprint, IPEndPoint), Member> _welcomed = [];
    private readonly Dictionary<(HelloFingerprint, IPEndPoint), Applicant> _applicants = [];

    /// <summary>Connected clients by the id of their token.</summary>
    private readonly Dictionary<ulong, Member> _clients = [];

    /// <summary>Deadlines of the hook's answers, in their order: every question has the same time.</summary>
    private readonly Queue<(long Deadline, Applicant Applicant)> _answersDue = new();
    private readonly DeadlineTimer _answerOverdue;
    private readonly IAdmission? _hook;

    /// <summary>Questions that the hook has not answered, overdue ones included: a hook that never answers must not collect them without end.</summary>
    private int _questions;

    private void AskHook(Newcomer newcomer, long now)
    {
        var server = _runtime.Settings.Server;
        if (_questions >= server.HalfOpen)
        {
            // Whoever is on its way back asks again, and must not be told that it is over.
            if (newcomer.Ticket is null)
                Withdraw(newcomer, DisconnectInfo.Of(DisconnectReason.Full, "too many are waiting to be admitted"));
            return;
        }

        _questions++;
        var applicant = new Applicant(newcomer, new CancellationTokenSource());
        _applicants.Add(newcomer.Attempt, applicant);
        CountHalfOpen();
        Enter(newcomer);
        var deadline = now + Clock.Micros(server.AdmissionTimeout);
        _answersDue.Enqueue((deadline, applicant));
        _answerOverdue.Arm(deadline);
        Context.ActorOf(AdmissionCase.Props(_hook!, newcomer.Request(), applicant).WithDispatcher(server.AdmissionDispatcher));
    }

    private void Decided(AdmissionDecided decided)
    {
        _questions--;
        var (newcomer, overdue) = decided.Applicant;
        overdue.Dispose();
        if (decided.Failure is { } failure)
        {
            _counters.AdmissionsFailed++;
            Warn("The admission hook threw {0}", failure);
        }

        if (!TakeApplicant(decided.Applicant))
            return;

        // The world may have changed meanwhile.
        var now = _runtime.Clock.Now;
        if (newcomer.Ticket is not null || decided.Verdict is { Endpoint.Length: > 0 })
            ShowTheWay(newcomer, decided.Verdict);
        else if (Closed() is { } closed)
            Withdraw(newcomer, closed);
        else if (decided.Verdict is not { } verdict)
            Withdraw(newcomer, DisconnectInfo.Of(DisconnectReason.Refusing, "the server could not decide"));
        else if (verdict.Reason != DisconnectReason.None)
            Withdraw(newcomer, DisconnectInfo.Of(verdict.Reason, verdict.Text));
        else
        {
            EndToken(newcomer);
            if (Objection(newcomer, now) is { } objection)
                Refuse(newcomer, objection);
            else
                Welcome(newcomer);
        }
    }

    /// <summary>Somebody who is not to become a peer here.</summary>
    private void ShowTheWay(Newcomer newcomer, AdmissionVerdict? verdict)
    {
        EndToken(newcomer);
        if (verdict is { Endpoint: { Length: > 0 } endpoint })
        {
            newcomer.Token?.Forget();
            PointElsewhere(newcomer, endpoint);
        }
        else if (verdict is { Reason: not DisconnectReason.None })
        {
            Refuse(newcomer, DisconnectInfo.Of(verdict.Reason, verdict.Text));
        }
    }

    private void AnswersOverdue()
    {
        _answerOverdue.Elapsed();
        var now = _runtime.Clock.Now;
        while (_answersDue.TryPeek(out var due) && (due.Deadline <= now || !IsWaiting(due.Applicant)))
        {
            _answersDue.Dequeue();
            if (!TakeApplicant(due.Applicant))
                continue;
            _counters.AdmissionsOverdue++;
            _ = due.Applicant.Overdue.CancelAsync();
            if (due.Applicant.Newcomer.Ticket is not null)
                continue;
            Withdraw(due.Applicant.Newcomer, DisconnectInfo.Of(DisconnectReason.Refusing, "the server could not decide in time"));
        }

        if (_answersDue.TryPeek(out var next))
            _answerOverdue.Arm(next.Deadline);
    }

    private bool IsWaiting(Applicant applicant) => _applicants.TryGetValue(applicant.Newcomer.Attempt, out var waiting) && waiting == applicant;

    private bool TakeApplicant(Applicant applicant)
    {
        if (!IsWaiting(applicant))
            return false;
        _applicants.Remove(applicant.Newcomer.Attempt);
        CountHalfOpen();
        Depart(applicant.Newcomer);
        return true;
    }

    /// <summary>Refuses somebody to whom the rules had no objection.</summary>
    private void Withdraw(Newcomer newcomer, DisconnectInfo why)
    {
        EndToken(newcomer);
        Refuse(newcomer, why);
    }

    private void EndToken(Newcomer newcomer)
    {
        if (newcomer.Token is { } token)
            _tokens.End(token.Id);
    }

    private void Welcome(Newcomer newcomer, ResumeTicket? ticket = null)
    {
        _counters.Welcomes++;
        var (hello, token) = (newcomer.Hello, newcomer.Token);
        var id = ticket?.PeerId ?? (_role is PeerRole.Mesh ? hello.WantedPeerId : PeerIds.Generate(_runtime.Random, IsTaken, _slot, IsSpanning ? SpanSlots : 1));
        var member = NewMember(id, adopted: ticket);
        member.Newcomer = newcomer;
        _welcomed.Add(newcomer.Attempt, member);
        Enter(newcomer);
        var offer = OfferTo(id, member.ConnectionId) with { Anew = ticket is not null };
        Adopt(
            member,
            Connection.Accepting(
                member, _port.Transport, _port.Sender!, Destination.Of(newcomer.From), _runtime, _partials, new Acceptance(hello, ticket?.Secret ?? token?.Secret ?? [], offer)),
            $"connection-{id}");
        AttemptAdoption(member);
    }

    private WelcomeOffer OfferTo(int id, ulong connectionId) => new(
        ServerConnectionId: connectionId,
        PeerId: id,
        ServerPeerId: _ownId,
        MaxMessageBytes: _runtime.Settings.MaxMessageBytes,
        Channels: SequenceKey.ControlChannel,
        InitialCredit: _runtime.Settings.Link.ReceiveWindow,
        IdleTimeoutMs: (int)(_runtime.Settings.Link.IdleTimeout / 1000),
        Relay: _role is PeerRole.Server && _runtime.Settings.Server.Relay);

    /// <summary>The newcomer has proved to hold the keys. Says why it may not become a peer all the same.</summary>
    private DisconnectInfo? LastObjection(Member member)
    {
        member.HasConfirmed = true;
        if (member.Newcomer is not { } newcomer)
            return null;
        if (newcomer.Source is { } source)
            _limits.HalfOpen.Leave(source);
        if (member.Adopted is { } ticket)
            return AdoptionObjection(member, ticket);
        if (_peers.TryGetValue(member.Id, out var bearer) && bearer != member && bearer.IsOpen)
            return DisconnectInfo.Of(DisconnectReason.IdInUse, "somebody who was here before has come back under this ID");
        if (newcomer.Token is not { } token)
            return null;
        if (!_tokens.TrySpend(token.Id, token.Expiry, _runtime.Clock.UnixSeconds))
            return DisconnectInfo.Of(DisconnectReason.TokenUsed);
        if (_clients.TryGetValue(token.ClientId, out var same))
        {
            switch (_runtime.Settings.Server.SameClient)
            {
                case SameClient.Refuse when same.IsInterrupted:
                    same.Connection.Tell(new EndConnection(DisconnectInfo.Of(DisconnectReason.Timeout, "this client has connected again"), Graceful: false));
                    break;

                case SameClient.Refuse:
                    return DisconnectInfo.Of(DisconnectReason.IdInUse, "this client is connected already");

                case SameClient.Replace:
                    same.Connection.Tell(new EndConnection(DisconnectInfo.Of(DisconnectReason.IdInUse, "this client has connected again"), Graceful: false));
                    break;
            }
        }

        _clients[token.ClientId] = member;
        return null;
    }

    private void Enter(Newcomer newcomer)
    {
        if (newcomer.Source is not { } source)
            return;
        _limits.Peers.Enter(source);
        _limits.HalfOpen.Enter(source);
    }

    private void Depart(Newcomer newcomer)
    {
        if (newcomer.Source is not { } source)
            return;
        _limits.Peers.Leave(source);
        _limits.HalfOpen.Leave(source);
    }

    /// <summary>Nobody is left to hear the answers.</summary>
    private void StopAsking()
    {
        _answerOverdue.Cancel();
        foreach (var applicant in _applicants.Values)
            _ = applicant.Overdue.CancelAsync();
    }

    /// <summary>A connection that came from a newcomer is over.</summary>
    private void ForgetNewcomer(Member member)
    {
        if (TokenOf(member) is { } shown && _clients.TryGetValue(shown.ClientId, out var bearer) && bearer == member)
            _clients.Remove(shown.ClientId);
        if (member.Newcomer is not { } newcomer)
            return;
        _welcomed.Remove(newcomer.Attempt);
        if (!member.HasConfirmed)
        {
            _counters.Unconfirmed++;
            EndToken(newcomer);
            Depart(newcomer);
            return;
        }

        if (newcomer.Source is { } source)
            _limits.Peers.Leave(source);
    }
}
