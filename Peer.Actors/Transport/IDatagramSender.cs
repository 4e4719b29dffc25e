namespace Peer.Actors.Transport;

/// <summary>The way out: connections call it on their own threads, so that a datagram costs no actor hop.</summary>
internal interface IDatagramSender
{
    /// <summary>
    /// Sends the bytes as datagrams of <paramref name="segmentSize"/> each; the last may be shorter.
    /// Thread-safe. Never throws and never blocks: what cannot leave is dropped and counted.
    /// </summary>
    void Send(ReadOnlySpan<byte> datagrams, int segmentSize, Destination to);
}
