using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Peer.Actors.Threads;
using Peer.Protocol.Delivery;

namespace Peer.Actors.Transport;

/// <summary>
/// Where one system call leaves several datagrams with their senders. A strand has one, whatever the number of its sockets: a socket that waits for nothing
/// costs no memory.
/// </summary>
internal sealed class DatagramBatch : IDisposable
{
    /// <summary>Datagrams, or runs of them that receive offload has glued together, in one call.</summary>
    public const int Capacity = 8;

    private const int BufferBytes = 64 * 1024;

    // struct mmsghdr of a 64-bit Linux: name (8), its length (4 + 4), vectors (8), their number (8), control (8), its length (8), flags (4 + 4), bytes received (4 + 4).
    private const int HeaderBytes = 64;
    private const int NameLengthAt = 8;
    private const int VectorsAt = 16;
    private const int VectorCountAt = 24;
    private const int ReceivedAt = 56;

    // struct iovec: base (8), length (8).
    private const int VectorBytes = 16;
    private const int AddressStride = 32;
    private const int VectorsStart = Capacity * HeaderBytes;
    private const int AddressesStart = VectorsStart + (Capacity * VectorBytes);

    private readonly byte[] _block = GC.AllocateArray<byte>(AddressesStart + (Capacity * AddressStride), pinned: true);
    private readonly RunBuffer[] _buffers = new RunBuffer[Capacity];
    private readonly GCHandle[] _pins = new GCHandle[Capacity];
    private int _used = Capacity;

    public DatagramBatch()
    {
        for (var i = 0; i < Capacity; i++)
        {
            var header = _block.AsSpan(i * HeaderBytes, HeaderBytes);
            MemoryMarshal.Write(header, At(AddressesStart + (i * AddressStride)));
            MemoryMarshal.Write(header[VectorsAt..], At(VectorsStart + (i * VectorBytes)));
            MemoryMarshal.Write(header[VectorCountAt..], 1L);
            Renew(i);
        }
    }

    /// <summary>Receives without waiting; the number of datagrams, or -1 with <see cref="LibC.LastError"/> when there is none. Fewer than all places: there are no more.</summary>
    public int Receive(SafeHandle socket)
    {
        for (var i = 0; i < _used; i++)
            MemoryMarshal.Write(_block.AsSpan((i * HeaderBytes) + NameLengthAt), EndPointCache.AddressBytes);
        var count = LibC.ReceiveSeveral(socket, _block, Capacity);
        _used = Math.Max(0, count);
        return count;
    }

    public int LengthOf(int index) => BinaryPrimitives.ReadInt32LittleEndian(_block.AsSpan((index * HeaderBytes) + ReceivedAt));

    public ReadOnlySpan<byte> AddressOf(int index) => _block.AsSpan(AddressesStart + (index * AddressStride), EndPointCache.AddressBytes);

    public ReadOnlySpan<byte> BytesOf(int index) => _buffers[index].Array.AsSpan(0, LengthOf(index));

    /// <summary>The buffer of a datagram with its reference, which is the caller's from now on.</summary>
    public RunBuffer Take(int index)
    {
        var taken = _buffers[index];
        _pins[index].Free();
        Renew(index);
        return taken;
    }

    public void Dispose()
    {
        for (var i = 0; i < Capacity; i++)
        {
            if (!_pins[i].IsAllocated)
                continue;
            _pins[i].Free();
            _buffers[i].Release();
        }
    }

    private void Renew(int index)
    {
        _buffers[index] = RunBuffer.Rent(BufferBytes);
        _pins[index] = GCHandle.Alloc(_buffers[index].Array, GCHandleType.Pinned);
        var vector = _block.AsSpan(VectorsStart + (index * VectorBytes), VectorBytes);
        MemoryMarshal.Write(vector, (long)_pins[index].AddrOfPinnedObject());
        MemoryMarshal.Write(vector[8..], (long)BufferBytes);
    }

    private long At(int offset) => Marshal.UnsafeAddrOfPinnedArrayElement(_block, offset);
}
