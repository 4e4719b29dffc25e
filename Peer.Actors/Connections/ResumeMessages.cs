using Peer.Protocol;
using Peer.Protocol.Control;
using Peer.Protocol.Delivery;
using Peer.Protocol.Handshake;
using Peer.Protocol.Wire;

namespace Peer.Actors.Connections;

/// <summary>To a connection: its client, or somebody with a copy of its ticket, has said HELLO with it.</summary>
internal sealed record ResumeAsked(Newcomer Newcomer, ResumeTicket Ticket, WelcomeOffer Offer) : IConnectionMessage;

/// <summary>To a client's connection: the server has issued a ticket.</summary>
internal sealed record HoldTicket(TicketIssued Ticket) : IConnectionMessage;

/// <summary>To a client's connection: where else to ask for its server.</summary>
internal sealed record HoldServers(IReadOnlyList<string> Endpoints) : IConnectionMessage;

/// <summary>From a connection: the other end fell silent, and may come back within the grace time.</summary>
internal sealed record ConnectionInterrupted(Member Member) : IConnectionMessage
{
    /// <summary>Whether the server has said where it goes on.</summary>
    public bool IsMove { get; init; }
}

/// <summary>From a connection: it goes on under new keys; at a server the newcomer tells from where, and the generation which ticket was shown.</summary>
internal sealed record ConnectionResumed(Member Member, Newcomer? Newcomer, uint Generation) : IConnectionMessage;

/// <summary>From a client's connection: its server knows it by its ticket alone, so that everything begins anew.</summary>
/// <param name="Member">Whose it is.</param>
/// <param name="Credit">What takes the place of the member's.</param>
/// <param name="Unacknowledged">Reliable packets that were sent and not acknowledged.</param>
/// <param name="Offer">What the server grants now.</param>
internal sealed record ConnectionRestarted(Member Member, CreditReturn Credit, int Unacknowledged, WelcomeOffer Offer) : IConnectionMessage;

/// <summary>To a sequencer: your other end is gone for good. Hand over what was never sent, and stop.</summary>
internal sealed record GiveUp : ISequencerMessage
{
    public static GiveUp Instance { get; } = new();
}

/// <summary>From a sequencer that stops: runs of which nothing was sent, and how many messages were sent and not acknowledged.</summary>
internal sealed record SequenceGivenUp(SequenceKey Key, List<Run> Unsent, int Unacknowledged) : ISequencerMessage;

/// <summary>To a reliable sequencer: say how far you are.</summary>
internal sealed record PositionAsked(int Round) : ISequencerMessage;

/// <summary>From a sequencer.</summary>
internal sealed record PositionTold(int Round, ReliablePosition Position) : ISequencerMessage;

/// <summary>To a reliable sequencer: the other end expects that number next.</summary>
internal sealed record Reconcile(long Expected) : ISequencerMessage;
