using Akka.Actor;
using Akka.IO;

namespace Peer.Actors.Transport;

/// <summary>
/// Sends as messages to Akka.IO's listener: a copy and a hop for each datagram, for those who want every byte to pass through Akka.
/// The listener dies of a send that the kernel refuses, so what would surely be refused is dropped here.
/// </summary>
internal sealed class AkkaIoSender(IActorRef listener, SocketReach reach, TransportCounters counters) : IDatagramSender, IDisposable
{
    private const int LongestDatagram = 65507;

    private volatile bool _closed;

    public void Send(ReadOnlySpan<byte> datagrams, int segmentSize, Destination to)
    {
        if (datagrams.IsEmpty) return;
        if (segmentSize <= 0 || segmentSize > datagrams.Length) segmentSize = datagrams.Length;

        var count = (datagrams.Length + segmentSize - 1) / segmentSize;
        var target = to.EndPointFor(reach);
        if (_closed)
        {
            counters.DroppedSendClosed.Add(count);
            return;
        }

        if (target is null || segmentSize > LongestDatagram)
        {
            counters.SendErrors.Add(count);
            return;
        }

        counters.SendCalls.Add(count);
        counters.DatagramsOut.Add(count);
        counters.BytesOut.Add(datagrams.Length);
        while (!datagrams.IsEmpty)
        {
            var datagram = datagrams[..Math.Min(segmentSize, datagrams.Length)];
            listener.Tell(Udp.Send.Create(ByteString.FromBytes(datagram.ToArray()), target), ActorRefs.Nobody);
            datagrams = datagrams[datagram.Length..];
        }
    }

    /// <summary>Makes the sender inert.</summary>
    public void Dispose() => _closed = true;
}
