namespace Peer.Protocol.Links;

/// <summary>What a link counted.</summary>
internal struct LinkCounters
{
    public long DatagramsSent;
    public long BytesSent;
    public long DatagramsOpened;
    public long BytesOpened;

    /// <summary>Reported as lost; probes of the path's size are no losses.</summary>
    public long DatagramsLost;

    /// <summary>Not a sealed datagram for this connection, or cut off.</summary>
    public long Malformed;

    /// <summary>The tag did not verify.</summary>
    public long Unopened;

    /// <summary>Seen before, or below the replay window.</summary>
    public long Replayed;

    /// <summary>Everything that was dropped.</summary>
    public readonly long Rejected => Malformed + Unopened + Replayed;
}
