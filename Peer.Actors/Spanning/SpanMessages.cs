namespace Peer.Actors.Spanning;

/// <summary>What the managers of one spanning room say to each other, from node to node.</summary>
internal interface ISpanMessage;

/// <summary>From a gateway to its room's home: let me in. Repeated until it is answered.</summary>
internal sealed record SpanJoin(string Room) : ISpanMessage;

/// <summary>From the home: the gateway draws IDs of that class from here on, and has these gateways beside it.</summary>
/// <param name="Slot">Every ID that the gateway grants has it as its remainder.</param>
/// <param name="Gateways">Paths of the others' managers.</param>
internal sealed record SpanWelcome(int Slot, string[] Gateways) : ISpanMessage;

/// <summary>From the home: it cannot be.</summary>
internal sealed record SpanRefused(string Cause) : ISpanMessage;

/// <summary>The first word on a link, from either end: who is connected here.</summary>
/// <param name="Link">Names this end's half of the link; batches carry it.</param>
/// <param name="Answers">The other end's half, if it has been heard of: no other one is meant. 0 for the first word.</param>
/// <param name="Peers">IDs of this end's peers.</param>
internal sealed record SpanOpen(ulong Link, ulong Answers, int[] Peers) : ISpanMessage;

/// <summary>Items of a link in their order, see <see cref="SpanItems"/>; a long item comes in several batches.</summary>
/// <param name="Link">The sender's half.</param>
/// <param name="Number">Counts the batches from 0.</param>
/// <param name="Last">Whether its last item is complete.</param>
/// <param name="Bytes">The items.</param>
internal sealed record SpanBatch(ulong Link, long Number, bool Last, byte[] Bytes) : ISpanMessage;

/// <summary>So many bytes of batches have been handed on since the link was opened.</summary>
internal sealed record SpanCredit(ulong Link, long Total) : ISpanMessage;

/// <summary>The link is over, though both ends live: something was lost, or there was more than it may hold.</summary>
internal sealed record SpanBroken(ulong Link, string Cause) : ISpanMessage;

/// <summary>An answer to whatever came on a link: nothing is known here of that half, so it is over.</summary>
/// <param name="Link">The other end's half.</param>
internal sealed record SpanStray(ulong Link) : ISpanMessage;

/// <summary>From the home: the room goes on elsewhere. A gateway hands up what its clients have said, and parts (<see cref="SpanItems.Parted"/>).</summary>
internal sealed record SpanMoves : ISpanMessage
{
    public static SpanMoves Instance { get; } = new();
}

/// <summary>From the home: the room closes.</summary>
internal sealed record SpanEnd(byte Reason, string Text) : ISpanMessage;
