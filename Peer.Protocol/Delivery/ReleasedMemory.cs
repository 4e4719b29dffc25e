namespace Peer.Protocol.Delivery;

/// <summary>
/// For tests and simulations: released memory is overwritten and never used again, so that whoever still reads it reads nonsense each time and not
/// once in a million; and it is looked at once more later, so that whoever still writes to it is found out.
/// </summary>
/// <param name="graves">How many releases later.</param>
internal sealed class ReleasedMemory(int graves)
{
    private const byte Poison = 0xDB;

    private readonly Queue<byte[]> _buried = new();

    /// <summary>Where released memory goes instead of back to its pool; null in production.</summary>
    public static ReleasedMemory? Watch { get; set; }

    /// <summary>Overwrites an array that nobody holds any longer.</summary>
    /// <exception cref="InvalidOperationException">An earlier one was written to meanwhile.</exception>
    public void Bury(byte[] array)
    {
        array.AsSpan().Fill(Poison);
        lock (_buried)
        {
            _buried.Enqueue(array);
            if (_buried.Count > graves && _buried.Dequeue().AsSpan().ContainsAnyExcept(Poison))
                throw new InvalidOperationException("memory was written to after its release");
        }
    }
}
