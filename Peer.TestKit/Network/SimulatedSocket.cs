using System.Net;
using Peer.Actors.Transport;

namespace Peer.TestKit.Network;

/// <summary>A bound port of a simulated host; also the sender that connections are given.</summary>
internal sealed class SimulatedSocket(SimulatedNetwork network, SimulatedHost? host, IPEndPoint local, Action<byte[], IPEndPoint> read) : IDatagramSender
{
    /// <summary>What a kernel keeps for a program that does not read.</summary>
    public const int BufferBytes = 4 << 20;

    private readonly Queue<(byte[] Datagram, IPEndPoint From)> _buffer = new();
    private int _buffered;

    /// <summary>What it is bound to.</summary>
    public IPEndPoint Local { get; } = local;

    /// <summary>How the world sees it: another port than <see cref="Local"/> once a NAT forgot.</summary>
    public IPEndPoint Public { get; set; } = local;

    public bool IsClosed { get; private set; }

    public void Send(ReadOnlySpan<byte> datagrams, int segmentSize, Destination to)
    {
        while (!IsClosed && datagrams.Length > 0)
        {
            var length = Math.Min(segmentSize, datagrams.Length);
            network.Send(this, datagrams[..length], to.EndPoint);
            datagrams = datagrams[length..];
        }
    }

    public Fate Arrived(byte[] datagram, IPEndPoint from)
    {
        if (host is not { IsFrozen: true })
        {
            read(datagram, from);
            return Fate.Arrived;
        }

        if (_buffered + datagram.Length > BufferBytes)
            return Fate.BufferFull;
        _buffered += datagram.Length;
        _buffer.Enqueue((datagram, from));
        return Fate.Arrived;
    }

    /// <summary>The program reads again.</summary>
    public void ReadBuffer()
    {
        while (!IsClosed && _buffer.TryDequeue(out var waiting))
        {
            _buffered -= waiting.Datagram.Length;
            read(waiting.Datagram, waiting.From);
        }
    }

    public void Close()
    {
        IsClosed = true;
        network.Unbind(this);
    }
}
