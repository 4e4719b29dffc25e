namespace Peer.Protocol.Recovery;

/// <summary>Which of the last 4 096 packet numbers have been opened, so that a recorded datagram cannot be played twice.</summary>
internal sealed class ReplayWindow
{
    public const int Size = 4096;

    private readonly ulong[] _seen = new ulong[Size / 64];

    /// <summary>The largest number entered, or -1.</summary>
    public long Largest { get; private set; } = -1;

    /// <summary>Whether the number has not been entered and is not below the window.</summary>
    public bool IsFresh(long number)
    {
        if (number < 0)
            return false;
        if (number > Largest)
            return true;
        return Largest - number < Size && (_seen[Word(number)] & Bit(number)) == 0;
    }

    /// <summary>Enters a number; false, and nothing changes, when it is not fresh.</summary>
    public bool Enter(long number)
    {
        if (!IsFresh(number))
            return false;
        if (number > Largest)
        {
            Forget(number);
            Largest = number;
        }

        _seen[Word(number)] |= Bit(number);
        return true;
    }

    private static int Word(long number) => (int)(number & (Size - 1)) >> 6;

    private static ulong Bit(long number) => 1UL << (int)(number & 63);

    private void Forget(long number)
    {
        if (Largest < 0 || number - Largest >= Size)
        {
            Array.Clear(_seen);
            return;
        }

        for (var skipped = Largest + 1; skipped < number; skipped++)
            _seen[Word(skipped)] &= ~Bit(skipped);
        _seen[Word(number)] &= ~Bit(number);
    }
}
