namespace Peer.Actors.Transport;

/// <summary>What a transport did and dropped; it outlives every rebuild, and anyone may read it at any time.</summary>
internal sealed class TransportCounters
{
    public Tally DatagramsIn { get; } = new();

    public Tally DatagramsOut { get; } = new();

    public Tally BytesIn { get; } = new();

    public Tally BytesOut { get; } = new();

    /// <summary>Receives; each may have brought many datagrams.</summary>
    public Tally ReceiveCalls { get; } = new();

    /// <summary>Sends asked of the kernel (or of Akka.IO); each may carry many datagrams.</summary>
    public Tally SendCalls { get; } = new();

    /// <summary>Receives that the system reported as failed without the socket being lost.</summary>
    public Tally ReceiveErrors { get; } = new();

    public Tally DroppedUnknownConnection { get; } = new();

    public Tally DroppedMalformed { get; } = new();

    /// <summary>Datagrams for an actor that has too many bytes waiting already.</summary>
    public Tally DroppedIngress { get; } = new();

    public Tally DroppedSendWouldBlock { get; } = new();

    /// <summary>Datagrams given to a sender whose socket is gone.</summary>
    public Tally DroppedSendClosed { get; } = new();

    /// <summary>Datagrams that could not leave: wrong family, no route, too long, refused by the system.</summary>
    public Tally SendErrors { get; } = new();

    /// <summary>Batches that left one by one because segmentation failed.</summary>
    public Tally OffloadFallbacks { get; } = new();

    public Tally Rebinds { get; } = new();
}
