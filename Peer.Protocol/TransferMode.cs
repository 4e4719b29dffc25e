namespace Peer.Protocol;

/// <summary>How a packet is delivered, as Godot's global <c>TransferMode</c>. Each (channel, mode) pair is a sequence of its own.</summary>
public enum TransferMode
{
    /// <summary>At most once, in any order.</summary>
    Unreliable = 0,

    /// <summary>At most once, never older than the last one delivered.</summary>
    UnreliableOrdered = 1,

    /// <summary>Exactly once, in order.</summary>
    Reliable = 2,
}
