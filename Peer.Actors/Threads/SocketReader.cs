using System.Net;
using System.Net.Sockets;
using Peer.Actors.Transport;
using Peer.Protocol.Delivery;

namespace Peer.Actors.Threads;

/// <summary>Reads a socket to its end, on whichever thread is inside the strand, and hands what it reads to the router.</summary>
internal sealed class SocketReader(Socket socket, IInboundRouter router, TransportCounters counters, Action<string> lost)
{
    /// <summary>Receives before the actors have their turn, so that neither starves; each may be 64 KiB.</summary>
    private const int ReceivesAtOnce = 32;

    /// <summary>What is longer keeps the buffer that it was received into; what is shorter is copied out of it.</summary>
    private const int WorthABuffer = 16 * 1024;

    private const int ReceiveBytes = 64 * 1024;

    private readonly EndPointCache _senders = new();
    private readonly byte[] _address = new byte[EndPointCache.AddressBytes];
    private RunBuffer _buffer = RunBuffer.Rent(ReceiveBytes);
    private bool _isLost;

    public int Descriptor { get; } = (int)socket.Handle;

    /// <summary>Reads until the socket is empty or a batch is full; true when there may be more.</summary>
    public bool Drain()
    {
        for (var i = 0; i < ReceivesAtOnce && !_isLost; i++)
        {
            if (!TryReceive(out var length))
                return false;
            if (_senders.Find(_address) is not { } from)
                continue;
            var owner = length >= WorthABuffer ? TakeBuffer() : RunBuffer.Copy(_buffer.Array.AsSpan(0, length));
            router.Deliver(owner, owner.Array.AsMemory(0, length), from);
        }

        return true;
    }

    private RunBuffer TakeBuffer()
    {
        var taken = _buffer;
        _buffer = RunBuffer.Rent(ReceiveBytes);
        return taken;
    }

    private bool TryReceive(out int length)
    {
        while (true)
        {
            try
            {
                length = LibC.Receive(socket.SafeHandle, _buffer.Array, _address);
            }
            catch (ObjectDisposedException)
            {
                Lose("the socket was closed under its reader");
                length = 0;
                return false;
            }

            if (length >= 0)
                return true;
            switch (LibC.LastError)
            {
                case LibC.WouldBlock:
                    return false;
                case LibC.Interrupted or LibC.ConnectionRefused:
                    counters.ReceiveErrors.Increment();
                    continue;
                case var error:
                    Lose($"reading failed with errno {error}");
                    return false;
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
