namespace Peer.Protocol.Wire;

/// <summary>How far the receiver of a reliable sequence is: the number of the next frame that it expects in order.</summary>
internal readonly record struct ReliablePosition(SequenceKey Key, long Expected);
