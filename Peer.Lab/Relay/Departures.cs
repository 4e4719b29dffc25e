using System.Net;
using System.Net.Sockets;

namespace Peer.Lab.Relay;

/// <summary>Datagrams on their way, earliest departure first; those of one moment leave as they came.</summary>
internal sealed class Departures
{
    private const int UsualDatagram = 2_048;
    private const int MostPooled = 1 << 15;

    private readonly PriorityQueue<Departure, (long At, long Order)> _queue = new();
    private readonly Stack<byte[]> _pool = new();
    private long _order;

    /// <summary>When the next one leaves; <see cref="long.MaxValue"/> when none waits.</summary>
    public long NextAt => _queue.TryPeek(out _, out var first) ? first.At : long.MaxValue;

    /// <summary>Copies the datagram and lets it wait.</summary>
    /// <param name="datagram">Its bytes.</param>
    /// <param name="at">When it leaves.</param>
    /// <param name="through">The socket to leave by.</param>
    /// <param name="to">Where to; null when the socket is connected.</param>
    public void Add(ReadOnlySpan<byte> datagram, long at, Socket through, SocketAddress? to)
    {
        var bytes = datagram.Length <= UsualDatagram && _pool.TryPop(out var pooled) ? pooled : new byte[Math.Max(datagram.Length, UsualDatagram)];
        datagram.CopyTo(bytes);
        _queue.Enqueue(new Departure(bytes, datagram.Length, through, to), (at, _order++));
    }

    /// <summary>Sends everything that is due.</summary>
    public void Leave(long now)
    {
        while (_queue.TryPeek(out var due, out var first) && first.At <= now)
        {
            _queue.Dequeue();
            Send(due);
            if (due.Bytes.Length == UsualDatagram && _pool.Count < MostPooled)
                _pool.Push(due.Bytes);
        }
    }

    private static void Send(Departure due)
    {
        try
        {
            var bytes = due.Bytes.AsSpan(0, due.Length);
            if (due.To is null)
                due.Through.Send(bytes, SocketFlags.None);
            else
                due.Through.SendTo(bytes, SocketFlags.None, due.To);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // Nobody is there any more, or the flow has moved: to a network that is one more lost datagram.
        }
    }

    private readonly record struct Departure(byte[] Bytes, int Length, Socket Through, SocketAddress? To);
}
