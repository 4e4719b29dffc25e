using System.Buffers.Binary;
using Akka.Actor;
using Peer.Actors.Connections;
using Peer.Protocol;
using Peer.Protocol.Handshake;

namespace Peer.Actors;

/// <summary>Clients of a server that has crashed: all that is left of their connections is what their tickets say.</summary>
internal sealed partial class ManagerActor
{
    private const int EndedSessions = 1 << 18;

    /// <summary>Sessions that were adopted or have ended here: their tickets let nobody in again.</summary>
    private readonly TokenHistory _sessions = new(EndedSessions);

    private DisconnectInfo? AdoptionObjection(Newcomer newcomer, ResumeTicket ticket)
    {
        if (!ResumeRules.Adopt)
            return DisconnectInfo.Of(DisconnectReason.ResumeRefused);
        if (_peers.TryGetValue(ticket.PeerId, out var bearer))
        {
            if (bearer.IsOpen)
                return DisconnectInfo.Of(DisconnectReason.ResumeRefused);

            // Somebody who has not proved anything, perhaps with a copy of this ticket: whoever has the secret needs a round trip.
            Abandon(bearer);
        }

        var server = _runtime.Settings.Server;
        if (_peers.Count + _applicants.Count >= MaxPeers || _unopened.Count + _applicants.Count >= server.HalfOpen)
            return DisconnectInfo.Of(DisconnectReason.Full);
        if (newcomer.Source is { } source
            && (_limits.Peers.Of(source) >= server.MaxPeersPerPrefix || _limits.HalfOpen.Of(source) >= server.HalfOpenPerPrefix))
            return DisconnectInfo.Of(DisconnectReason.Full, "too many connections from this network");
        if (!_sessions.TryBegin(SessionId(ticket.Session), ticket.Expiry, _runtime.Clock.UnixSeconds, out var refusal))
            return DisconnectInfo.Of(refusal == DisconnectReason.TokenUsed ? DisconnectReason.ResumeRefused : refusal);
        _sessions.End(SessionId(ticket.Session));
        return null;
    }

    private void Adopt(Newcomer newcomer, ResumeTicket ticket)
    {
        if (_welcomed.TryGetValue(newcomer.Attempt, out var welcomed))
        {
            welcomed.Connection.Tell(HelloRepeated.Instance);
            return;
        }

        if (AdoptionObjection(newcomer, ticket) is { } objection)
            Refuse(newcomer, objection);
        else
            Welcome(newcomer, ticket);
    }

    /// <summary>An adopted client has proved its secret; false when its session has been used up here meanwhile.</summary>
    private bool TryOpenSession(ResumeTicket ticket) =>
        _sessions.TrySpend(SessionId(ticket.Session), ticket.Expiry, _runtime.Clock.UnixSeconds);

    /// <summary>A session that has ended here must not come back by an old ticket.</summary>
    private void EndSession(Member member)
    {
        if (ResumeRules.Adopt && member.Membership is { } membership && !_isHandedOver)
            _sessions.TrySpend(SessionId(membership.Session), _runtime.Clock.UnixSeconds + (long)ResumeRules.TicketLifetime.TotalSeconds + 1, _runtime.Clock.UnixSeconds);
    }

    private static byte[] SessionId(UInt128 session)
    {
        var id = new byte[TokenSeal.IdLength];
        BinaryPrimitives.WriteUInt128LittleEndian(id, session);
        return id;
    }
}
