namespace Peer.Protocol.Delivery;

/// <summary>What became of a frame that arrived.</summary>
internal enum InboundVerdict
{
    /// <summary>Delivered, or kept until it can be.</summary>
    Accepted,

    /// <summary>It has been here before.</summary>
    Duplicate,

    /// <summary>Newer ones were delivered, or its message was given up.</summary>
    Late,

    /// <summary>No room for another piece of an unreliable message.</summary>
    OverBudget,

    /// <summary>No honest sender sends it: the connection ends.</summary>
    Violation,
}
