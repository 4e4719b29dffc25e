using System.Buffers;

namespace Peer.Protocol.Delivery;

/// <summary>Pooled bytes shared by reference count: a broadcast is one buffer however many connections send it.</summary>
/// <remarks>A reference that is never released costs the pool a buffer and nothing else; one released twice would be corruption, so it throws.</remarks>
internal sealed class RunBuffer
{
    private int _references = 1;

    private RunBuffer(byte[] array) => Array = array;

    /// <summary>The bytes; may be longer than what was asked for.</summary>
    public byte[] Array { get; private set; }

    /// <summary>A buffer of at least that many bytes with one reference, the caller's.</summary>
    public static RunBuffer Rent(int minimumBytes) => new(ArrayPool<byte>.Shared.Rent(minimumBytes));

    /// <summary>Adds a reference. The caller must hold one already.</summary>
    public void Retain()
    {
        if (Interlocked.Increment(ref _references) <= 1)
            throw new InvalidOperationException("a released run buffer was retained");
    }

    /// <summary>Gives a reference back; the last one returns the bytes to the pool.</summary>
    public void Release()
    {
        var left = Interlocked.Decrement(ref _references);
        if (left == 0)
        {
            var array = Array;
            Array = [];
            ArrayPool<byte>.Shared.Return(array);
        }
        else if (left < 0)
        {
            throw new InvalidOperationException("a run buffer was released twice");
        }
    }
}
