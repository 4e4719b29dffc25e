using Peer.Actors.Connections;
using Peer.Protocol.Handshake;

namespace Peer.Actors;

/// <summary>What a server knows of one connection of another server, whose tickets have been shown here.</summary>
internal sealed class Adoption
{
    private uint _generation;
    private bool _wasProven;

    /// <summary>Who was welcomed by one of its tickets and has proved nothing yet, the oldest first.</summary>
    public List<Member> Attempts { get; } = [];

    /// <summary>Who has proved a ticket's secret; null before, and once that member has gone.</summary>
    public Member? Proven { get; private set; }

    /// <summary>Whether a ticket is newer than that by which somebody came in.</summary>
    public bool IsNews(ResumeTicket ticket) => !_wasProven || ticket.Generation > _generation;

    /// <summary>Whether the ticket is the one by which its owner came in, who may not have got another one since.</summary>
    public bool AwaitsSuccessor(ResumeTicket ticket) =>
        Proven is { IsOpen: true, Membership: { } membership } && ticket.Generation == _generation && membership.Oldest == _generation;

    public void Proved(Member member, uint generation)
    {
        Proven = member;
        _generation = generation;
        _wasProven = true;
    }

    public void Forget(Member member)
    {
        Attempts.Remove(member);
        if (Proven == member)
            Proven = null;
    }
}
