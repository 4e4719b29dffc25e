namespace Peer.Node.Demo;

/// <summary>What has arrived of one stream: each number once, how often again, and how often behind a later one.</summary>
internal sealed class Arrivals
{
    /// <summary>Numbers beyond it cannot be, in a run that is bounded in time and rate; so none of them allocates.</summary>
    public const int MaxNumber = 1 << 25;

    private ulong[] _seen = new ulong[1];
    private int _highest = -1;

    /// <summary>Different numbers that arrived.</summary>
    public int Received { get; private set; }

    /// <summary>Numbers that arrived for the first time after a higher one.</summary>
    public int OutOfOrder { get; private set; }

    /// <summary>Arrivals of a number that had been there.</summary>
    public int Duplicated { get; private set; }

    /// <summary>One more than the highest number.</summary>
    public int End => _highest + 1;

    /// <summary>The lowest number that has not arrived.</summary>
    public int FirstMissing
    {
        get
        {
            var word = Array.FindIndex(_seen, bits => bits != ulong.MaxValue);
            return word < 0 ? _seen.Length * 64 : (word * 64) + System.Numerics.BitOperations.TrailingZeroCount(~_seen[word]);
        }
    }

    /// <summary>Notes an arrival.</summary>
    public void Record(int number)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(number, MaxNumber);
        var word = number / 64;
        if (word >= _seen.Length)
            Array.Resize(ref _seen, Math.Max(word + 1, _seen.Length * 2));
        var bit = 1UL << (number % 64);
        if ((_seen[word] & bit) != 0)
        {
            Duplicated++;
            return;
        }

        _seen[word] |= bit;
        Received++;
        if (number < _highest)
            OutOfOrder++;
        else
            _highest = number;
    }
}
