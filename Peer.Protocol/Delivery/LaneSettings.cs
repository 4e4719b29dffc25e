namespace Peer.Protocol.Delivery;

/// <summary>How a channel shares the connection with the others.</summary>
/// <param name="Priority">A higher one goes first, always.</param>
/// <param name="Weight">Share among waiting channels of the same priority, at least 1.</param>
internal readonly record struct LaneSettings(int Priority, int Weight)
{
    /// <summary>Channels that nothing was said about.</summary>
    public static LaneSettings Default => new(0, 1);
}
