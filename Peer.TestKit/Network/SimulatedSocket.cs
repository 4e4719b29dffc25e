using System.Net;
using Peer.Actors.Transport;

namespace Peer.TestKit.Network;

/// <summary>A bound port of a simulated host; also the sender that connections are given.</summary>
internal sealed class SimulatedSocket(SimulatedNetwork network, IPEndPoint local, Action<Memory<byte>, IPEndPoint> arrived) : IDatagramSender
{
    public IPEndPoint Local { get; set; } = local;

    public bool IsClosed { get; private set; }

    public void Send(ReadOnlySpan<byte> datagrams, int segmentSize, Destination to)
    {
        if (IsClosed)
            return;
        while (datagrams.Length > 0)
        {
            var length = Math.Min(segmentSize, datagrams.Length);
            network.Send(this, datagrams[..length], to.EndPoint);
            datagrams = datagrams[length..];
        }
    }

    public void Arrived(Memory<byte> datagram, IPEndPoint from) => arrived(datagram, from);

    public void Close()
    {
        IsClosed = true;
        network.Unbind(this);
    }
}
