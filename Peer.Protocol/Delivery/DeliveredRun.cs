namespace Peer.Protocol.Delivery;

/// <summary>What a sequence hands up: messages in their order, or the mark that a relayed sender has left.</summary>
/// <param name="Key">The sequence.</param>
/// <param name="Peer">The frame's peer field: null when it is the other end itself.</param>
/// <param name="Ended">The mark that <paramref name="Peer"/> has left; there are no messages then.</param>
/// <param name="Bytes">Length-prefixed messages, valid until the run is released.</param>
/// <param name="Messages">How many.</param>
/// <param name="CreditBytes">Credit to give back to the sender once the application has taken them; 0 for unreliable modes.</param>
/// <param name="Owner">The buffer behind the bytes, null when they are the garbage collector's. The run holds one reference; whoever ends its way releases it.</param>
internal readonly record struct DeliveredRun(
    SequenceKey Key, int? Peer, bool Ended, ReadOnlyMemory<byte> Bytes, int Messages, int CreditBytes, RunBuffer? Owner = null)
{
    /// <summary>Gives this run's reference back.</summary>
    public void Release() => Owner?.Release();
}
