namespace Peer.Cluster.Messages;

/// <summary>From the host of a room that opens to all the others: who has its state? Whoever has an older incarnation learns of the newer one.</summary>
/// <param name="Key">The room.</param>
/// <param name="Claim">Counts the claims of that host; the answers name it.</param>
internal sealed record StateWanted(string Key, long Claim) : INodeMessage;

/// <summary>Not here.</summary>
internal sealed record NoState(string Key, long Claim) : INodeMessage;

/// <summary>Here, so many bytes.</summary>
internal sealed record StateOffered(string Key, long Claim, int Length) : INodeMessage;

/// <summary>The next piece, please: a state may be larger than what one message between nodes can carry.</summary>
internal sealed record ChunkWanted(string Key, long Claim, int Offset) : INodeMessage;

/// <summary>A piece.</summary>
internal sealed record StateChunk(string Key, long Claim, int Offset, ReadOnlyMemory<byte> Bytes) : INodeMessage
{
    /// <summary>Well below the 128 000 bytes of a frame of Akka.Remote.</summary>
    public const int MaxBytes = 64 << 10;
}

/// <summary>The room has opened there: its clients are to follow.</summary>
internal sealed record RoomMoved(string Key, string Endpoint) : INodeMessage;
