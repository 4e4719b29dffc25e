namespace Peer.Protocol.Delivery;

/// <summary>Bytes shared by reference count: a broadcast is one buffer however many connections send it, a receive is one however many read of it.</summary>
/// <remarks>
/// A reference that is never released costs the pool a buffer and nothing else; one released twice would be corruption, so it throws. Each holder has a
/// reference of its own, on whatever thread; the bytes themselves change only in the hands of the one who got them first.
/// </remarks>
internal sealed class RunBuffer
{
    private readonly bool _pooled;
    private int _references = 1;

    private RunBuffer(byte[] array, bool pooled)
    {
        Array = array;
        _pooled = pooled;
    }

    /// <summary>The bytes; may be longer than what was asked for, and is empty once the last reference is gone.</summary>
    public byte[] Array { get; private set; }

    /// <summary>Whether the caller, who holds a reference, is the only one who does.</summary>
    public bool IsExclusive => Volatile.Read(ref _references) == 1;

    /// <summary>A buffer of at least that many bytes with one reference, the caller's.</summary>
    public static RunBuffer Rent(int minimumBytes) => new(RunMemory.Rent(minimumBytes), pooled: true);

    /// <summary>Takes over an array that belongs to the garbage collector, with one reference, the caller's. Nobody else may use it any longer.</summary>
    public static RunBuffer Wrap(byte[] array) => new(array, pooled: false);

    /// <summary>A copy that keeps no more memory than it needs, with one reference, the caller's.</summary>
    public static RunBuffer Copy(ReadOnlySpan<byte> bytes)
    {
        var buffer = Rent(bytes.Length);
        bytes.CopyTo(buffer.Array);
        return buffer;
    }

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
            if (ReleasedMemory.Watch is { } watch)
                watch.Bury(array);
            else if (_pooled)
                RunMemory.Return(array);
        }
        else if (left < 0)
        {
            throw new InvalidOperationException("a run buffer was released twice");
        }
    }
}
