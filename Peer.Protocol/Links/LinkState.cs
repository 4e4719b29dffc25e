namespace Peer.Protocol.Links;

/// <summary>Life of a <see cref="PeerLink"/>.</summary>
internal enum LinkState
{
    /// <summary>Traffic flows.</summary>
    Open,

    /// <summary>This end sends CLOSE until it is answered or the close time-out is over.</summary>
    Closing,

    /// <summary>The other end closed; repeated CLOSE frames are still answered for a while.</summary>
    Lingering,

    /// <summary>Over.</summary>
    Closed,
}
