using System.Net.Sockets;
using Peer.Actors.Threads;
using Peer.Protocol.Delivery;

namespace Peer.Actors.Transport;

/// <summary>Reads a socket to its end, on whichever thread is inside the strand, and hands what it reads to the router.</summary>
internal sealed class SocketReader(Socket socket, IInboundRouter router, TransportCounters counters, Action<string> lost)
{
    /// <summary>Batches before the actors have their turn, so that neither starves.</summary>
    private const int BatchesAtOnce = 4;

    /// <summary>What is longer keeps the buffer that it was received into; what is shorter is copied out of it.</summary>
    private const int WorthABuffer = 16 * 1024;

    private readonly EndPointCache _senders = new();
    private bool _isLost;

    public int Descriptor { get; } = (int)socket.Handle;

    /// <summary>Whether a caller reads it rather than the strand's thread; the strand's to change.</summary>
    public bool IsLent { get; set; }

    /// <summary>Whether the strand has seen something arrive that is still to be read; the strand's to change.</summary>
    public bool HasInput { get; set; }

    /// <summary>Which of the strand's looks at all its sockets this one has made use of; the strand's to change.</summary>
    public long Look { get; set; }

    /// <summary>Reads until the socket is empty or enough has been read for now.</summary>
    /// <returns>Whether there may be more.</returns>
    public bool Drain(DatagramBatch batch)
    {
        for (var i = 0; i < BatchesAtOnce && !_isLost; i++)
        {
            var count = Receive(batch);
            for (var j = 0; j < count; j++)
                Deliver(batch, j);

            // It ended early, so the socket was empty.
            if (count < DatagramBatch.Capacity)
                return false;
        }

        return !_isLost;
    }

    private void Deliver(DatagramBatch batch, int index)
    {
        if (_senders.Find(batch.AddressOf(index)) is not { } from)
            return;
        var length = batch.LengthOf(index);
        var owner = length >= WorthABuffer ? batch.Take(index) : RunBuffer.Copy(batch.BytesOf(index));
        router.Deliver(owner, owner.Array.AsMemory(0, length), from);
    }

    private int Receive(DatagramBatch batch)
    {
        while (true)
        {
            int count;
            try
            {
                count = batch.Receive(socket.SafeHandle);
            }
            catch (ObjectDisposedException)
            {
                Lose("the socket was closed under its reader");
                return 0;
            }

            if (count >= 0)
                return count;
            switch (LibC.LastError)
            {
                case LibC.WouldBlock:
                    return 0;
                case LibC.Interrupted or LibC.ConnectionRefused:
                    counters.ReceiveErrors.Increment();
                    continue;
                case var error:
                    Lose($"reading failed with errno {error}");
                    return 0;
            }
        }
    }

    private void Lose(string why)
    {
        if (_isLost)
            return;
        _isLost = true;
        lost(why);
    }
}
