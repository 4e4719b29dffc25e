namespace Peer.Protocol.ENet;

/// <summary>Where a connection stands. What libenet calls "acknowledging connect" is a <see cref="PendingConnect"/> here and no connection yet.</summary>
internal enum ENetState
{
    /// <summary>CONNECT is sent until it is answered.</summary>
    Connecting,

    /// <summary>Traffic flows.</summary>
    Connected,

    /// <summary>Once everything queued has been acknowledged, DISCONNECT follows.</summary>
    DisconnectLater,

    /// <summary>DISCONNECT is sent until it is acknowledged.</summary>
    Disconnecting,

    /// <summary>The other end's DISCONNECT waits for its acknowledgement to leave.</summary>
    AcknowledgingDisconnect,

    /// <summary>Over.</summary>
    Closed,
}

/// <summary>Why a connection is over.</summary>
internal enum ENetEnd
{
    None,

    /// <summary>The other end said so; it may have sent 32 bits along.</summary>
    Remote,

    /// <summary>This end wanted it.</summary>
    Local,

    /// <summary>What was sent reliably was not acknowledged for too long.</summary>
    Timeout,

    /// <summary>Nobody answered CONNECT.</summary>
    NoAnswer,

    /// <summary>The answer to CONNECT is not one to ours, or a rule was broken.</summary>
    Violation,
}

/// <summary>How a message is to travel, or has.</summary>
internal enum ENetDelivery
{
    /// <summary>In order, exactly once.</summary>
    Reliable,

    /// <summary>Never older than the last. Longer ones go reliably, as libenet sends them.</summary>
    Unreliable,

    /// <summary>As <see cref="Unreliable"/>, and in pieces where it is long.</summary>
    UnreliableFragments,

    /// <summary>In any order. Longer ones go reliably.</summary>
    Unsequenced,

    /// <summary>In any order where it fits a datagram; longer ones in unreliable pieces, which are ordered.</summary>
    UnsequencedFragments,
}
