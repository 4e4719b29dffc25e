using Peer.Protocol.Control;
using Peer.Protocol.Handshake;
using Peer.Protocol.Wire;

namespace Peer.Actors.Connections;

/// <summary>To a connection: its client, or somebody with a copy of its ticket, has said HELLO with it.</summary>
internal sealed record ResumeAsked(Newcomer Newcomer, ResumeTicket Ticket, WelcomeOffer Offer) : IConnectionMessage;

/// <summary>To a client's connection: the server has issued a ticket.</summary>
internal sealed record HoldTicket(TicketIssued Ticket) : IConnectionMessage;

/// <summary>From a connection: the other end fell silent, and may come back within the grace time.</summary>
internal sealed record ConnectionInterrupted(Member Member) : IConnectionMessage
{
    /// <summary>Whether the server has said where it goes on.</summary>
    public bool IsMove { get; init; }
}

/// <summary>From a connection: it goes on under new keys; at a server the newcomer tells from where, and the generation which ticket was shown.</summary>
internal sealed record ConnectionResumed(Member Member, Newcomer? Newcomer, uint Generation) : IConnectionMessage;

/// <summary>To a reliable sequencer: say how far you are.</summary>
internal sealed record PositionAsked(int Round) : ISequencerMessage;

/// <summary>From a sequencer.</summary>
internal sealed record PositionTold(int Round, ReliablePosition Position) : ISequencerMessage;

/// <summary>To a reliable sequencer: the other end expects that number next.</summary>
internal sealed record Reconcile(long Expected) : ISequencerMessage;
