using System.Buffers;
using System.Numerics;

namespace Peer.Protocol.Delivery;

/// <summary>
/// Where run buffers come from. What is rented on a caller's thread is returned on another one, megabytes later: the shared pool keeps few large arrays
/// for that, so runs of bulk would be allocated anew each time. Large ones lie on shelves of their own, bounded as well.
/// </summary>
internal static class RunMemory
{
    private const int LargestSmall = 8 * 1024;
    private const int LargestKept = 64 * 1024;

    /// <summary>Of each size; 32 MiB of the usual 64 KiB, which is what may wait for one peer, and 56 MiB at the very most.</summary>
    private const int KeptOfEach = 512;

    // 16, 32 and 64 KiB.
    private static readonly Shelf<byte[]>[] Large = [new(KeptOfEach), new(KeptOfEach), new(KeptOfEach)];

    /// <summary>An array of at least that many bytes.</summary>
    public static byte[] Rent(int minimumBytes)
    {
        if (minimumBytes is <= LargestSmall or > LargestKept)
            return ArrayPool<byte>.Shared.Rent(minimumBytes);
        var length = (int)BitOperations.RoundUpToPowerOf2((uint)minimumBytes);
        var shelf = ShelfOf(length);
        byte[]? array;
        lock (shelf)
            array = shelf.Take();
        return array ?? GC.AllocateUninitializedArray<byte>(length);
    }

    /// <summary>Gives one back that <see cref="Rent"/> gave.</summary>
    public static void Return(byte[] array)
    {
        // The shared pool rounds up to powers of two as well, so that an array is on the same side as what it was rented for.
        if (array.Length is <= LargestSmall or > LargestKept)
        {
            ArrayPool<byte>.Shared.Return(array);
            return;
        }

        var shelf = ShelfOf(array.Length);
        lock (shelf)
            shelf.Give(array);
    }

    private static Shelf<byte[]> ShelfOf(int length) => Large[BitOperations.Log2((uint)length / LargestSmall) - 1];
}
