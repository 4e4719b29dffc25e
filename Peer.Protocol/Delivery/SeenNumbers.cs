namespace Peer.Protocol.Delivery;

/// <summary>Remembers which of the newest sequence numbers have been here, so that an unreliable frame is delivered at most once.</summary>
internal sealed class SeenNumbers(long first)
{
    /// <summary>Numbers remembered; what is older counts as late.</summary>
    public const int Capacity = 4096;

    private const int BitsPerWord = 64;

    private ulong[]? _words;

    /// <summary>One more than the largest number seen.</summary>
    public long Next { get; private set; } = first;

    public bool IsTooOld(long sequence) => sequence < Next - Capacity;

    /// <summary>Whether a number that is not too old has been marked.</summary>
    public bool Contains(long sequence) => _words is not null && sequence < Next && (Word(sequence) & Bit(sequence)) != 0;

    /// <summary>Marks a number that is not too old.</summary>
    public void Mark(long sequence)
    {
        _words ??= new ulong[Capacity / BitsPerWord];
        if (sequence >= Next)
        {
            if (sequence - Next >= Capacity)
            {
                Array.Clear(_words);
            }
            else
            {
                for (var passed = Next; passed <= sequence; passed++)
                    Word(passed) &= ~Bit(passed);
            }

            Next = sequence + 1;
        }

        Word(sequence) |= Bit(sequence);
    }

    private ref ulong Word(long sequence) => ref _words![(sequence / BitsPerWord) & ((Capacity / BitsPerWord) - 1)];

    private static ulong Bit(long sequence) => 1UL << (int)(sequence & (BitsPerWord - 1));
}
