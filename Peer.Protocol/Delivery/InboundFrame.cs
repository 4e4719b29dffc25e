namespace Peer.Protocol.Delivery;

/// <summary>One DATA frame as read from a datagram; its payload is a slice of the opened datagram.</summary>
/// <param name="Key">The sequence.</param>
/// <param name="WireSequence">Low 32 bits of the sequence number.</param>
/// <param name="Peer">The peer field, or null.</param>
/// <param name="Ended">The ENDED flag.</param>
/// <param name="FragmentIndex">Index of the piece.</param>
/// <param name="FragmentCount">Number of pieces, 0 when it is none; otherwise 2 .. 65 535, with the index below it.</param>
/// <param name="Payload">The payload.</param>
internal readonly record struct InboundFrame(
    SequenceKey Key, uint WireSequence, int? Peer, bool Ended, int FragmentIndex, int FragmentCount, ReadOnlyMemory<byte> Payload)
{
    public bool IsFragment => FragmentCount != 0;
}
