using System.Buffers;

namespace Peer.Protocol.Delivery;

/// <summary>
/// Where run buffers come from. What is rented on a caller's thread is returned on another one, megabytes later: the shared pool keeps few large arrays
/// for that, so runs of bulk would be allocated anew each time. Large ones have a pool of their own, bounded as well.
/// </summary>
internal static class RunMemory
{
    private const int LargestSmall = 8 * 1024;
    private const int LargestKept = 64 * 1024;

    /// <summary>Of each size; 32 MiB of the usual 64 KiB, which is what may wait for one peer, and 56 MiB at the very most.</summary>
    private const int KeptOfEach = 512;

    private static readonly ArrayPool<byte> Large = ArrayPool<byte>.Create(LargestKept, KeptOfEach);

    /// <summary>An array of at least that many bytes.</summary>
    public static byte[] Rent(int minimumBytes) => PoolFor(minimumBytes).Rent(minimumBytes);

    /// <summary>Gives one back that <see cref="Rent"/> gave.</summary>
    public static void Return(byte[] array) => PoolFor(array.Length).Return(array);

    // Both pools round up to powers of two, so that an array is on the same side as what it was rented for.
    private static ArrayPool<byte> PoolFor(int bytes) => bytes is > LargestSmall and <= LargestKept ? Large : ArrayPool<byte>.Shared;
}
