namespace Peer.Protocol.Recovery;

/// <summary>What an ACK frame turned out to be.</summary>
internal enum AckVerdict
{
    /// <summary>It acknowledged something for the first time.</summary>
    Fine,

    /// <summary>Nothing in it was new.</summary>
    NothingNew,

    /// <summary>It acknowledges a number that was never sent; the connection should end.</summary>
    Violation,
}
