using System.Net;
using System.Net.Sockets;

namespace Peer.Actors.Transport;

/// <summary>
/// Sends on the captured socket: no copy, no mailbox, no allocation, and up to 64 datagrams in one system call.
/// A failure ends here, where Akka.IO's own send would lose its socket.
/// </summary>
internal sealed class SocketSender(Socket socket, SocketReach reach, bool offload, TransportCounters counters, Action<string>? lost = null) : IDatagramSender, IDisposable
{
    private const int MaxSegments = 64;
    private const int MaxBatchBytes = 65000;
    private const int FaultsUntilOffloadEnds = 8;

    // Guards the segment size, a state of the socket, together with the send that relies on it.
    private readonly Lock _gate = new();
    private int _segment;
    private int _faults;
    private volatile bool _offload = offload;
    private volatile bool _closed;

    public Socket Socket => socket;

    public bool Offload => _offload;

    public void Send(ReadOnlySpan<byte> datagrams, int segmentSize, Destination to)
    {
        if (datagrams.IsEmpty) return;
        if (segmentSize <= 0 || segmentSize > datagrams.Length) segmentSize = datagrams.Length;
        if (_closed)
        {
            counters.DroppedSendClosed.Add(Count(datagrams.Length, segmentSize));
            return;
        }

        if (to.AddressFor(reach) is not { } address)
        {
            counters.SendErrors.Add(Count(datagrams.Length, segmentSize));
            return;
        }

        if (_offload) SendBatches(datagrams, segmentSize, address);
        else SendEach(datagrams, segmentSize, address);
    }

    /// <summary>Makes the sender inert; the socket belongs to its channel.</summary>
    public void Dispose() => _closed = true;

    private void SendBatches(ReadOnlySpan<byte> datagrams, int segmentSize, SocketAddress address)
    {
        var perCall = Math.Clamp(MaxBatchBytes / segmentSize, 1, MaxSegments) * segmentSize;
        while (!datagrams.IsEmpty)
        {
            var batch = datagrams[..Math.Min(perCall, datagrams.Length)];
            lock (_gate)
            {
                if (_offload) SendBatch(batch, segmentSize, address);
                else SendEach(batch, segmentSize, address);
            }

            datagrams = datagrams[batch.Length..];
        }
    }

    private void SendBatch(ReadOnlySpan<byte> batch, int segmentSize, SocketAddress address)
    {
        // One datagram is not cut by a segment size that it does not exceed, so the size of the last batch stays.
        var single = batch.Length <= segmentSize;
        var segment = !single ? segmentSize : batch.Length <= _segment ? _segment : 0;
        if (segment != _segment && !TrySetSegment(segment))
        {
            FallBack(batch, segmentSize, address);
            return;
        }

        var outcome = TrySend(batch, address);
        if (outcome == SocketError.Success)
        {
            if (!single) _faults = 0;
            CountSent(Count(batch.Length, segmentSize), batch.Length);
        }
        else if (_segment == 0 || IsFull(outcome))
        {
            CountDropped(outcome, Count(batch.Length, segmentSize));
        }
        else
        {
            FallBack(batch, segmentSize, address);
        }
    }

    // The segment size may be at fault (a path with smaller datagrams, a device without checksum offload) or the destination:
    // offload is blamed only when the same datagrams leave one by one.
    private void FallBack(ReadOnlySpan<byte> batch, int segmentSize, SocketAddress address)
    {
        TrySetSegment(0);
        if (!SendEach(batch, segmentSize, address)) return;
        counters.OffloadFallbacks.Increment();
        if (++_faults >= FaultsUntilOffloadEnds) _offload = false;
    }

    private bool SendEach(ReadOnlySpan<byte> datagrams, int segmentSize, SocketAddress address)
    {
        while (!datagrams.IsEmpty)
        {
            var datagram = datagrams[..Math.Min(segmentSize, datagrams.Length)];
            var outcome = TrySend(datagram, address);
            if (outcome != SocketError.Success)
            {
                // What stopped one stops the rest, and each would cost an exception.
                CountDropped(outcome, Count(datagrams.Length, segmentSize));
                return false;
            }

            CountSent(1, datagram.Length);
            datagrams = datagrams[datagram.Length..];
        }

        return true;
    }

    private SocketError TrySend(ReadOnlySpan<byte> bytes, SocketAddress address)
    {
        counters.SendCalls.Increment();
        try
        {
            socket.SendTo(bytes, SocketFlags.None, address);
            return SocketError.Success;
        }
        catch (SocketException failure)
        {
            return failure.SocketErrorCode;
        }
        catch (ObjectDisposedException)
        {
            if (!_closed) lost?.Invoke("the socket was closed under its sender");
            _closed = true;
            return SocketError.OperationAborted;
        }
    }

    private bool TrySetSegment(int size)
    {
        if (!SocketTuning.TrySetSegment(socket, size)) return false;
        _segment = size;
        return true;
    }

    private void CountSent(int datagrams, int bytes)
    {
        counters.DatagramsOut.Add(datagrams);
        counters.BytesOut.Add(bytes);
    }

    private void CountDropped(SocketError outcome, int datagrams)
    {
        if (IsFull(outcome)) counters.DroppedSendWouldBlock.Add(datagrams);
        else if (_closed) counters.DroppedSendClosed.Add(datagrams);
        else counters.SendErrors.Add(datagrams);
    }

    private static bool IsFull(SocketError outcome) => outcome is SocketError.WouldBlock or SocketError.NoBufferSpaceAvailable;

    private static int Count(int bytes, int segmentSize) => (bytes + segmentSize - 1) / segmentSize;
}
