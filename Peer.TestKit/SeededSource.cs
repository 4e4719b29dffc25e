using Peer.Protocol;

namespace Peer.TestKit;

/// <summary>Random numbers that follow from a seed alone, on any machine: SplitMix64 (Steele, Lea, Flood 2014).</summary>
public sealed class SeededSource(ulong seed) : IRandomSource
{
    private ulong _state = seed;

    /// <summary>The next 64 bits.</summary>
    public ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A whole number from 0 to below the bound.</summary>
    public int Below(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        return (int)(Next() % (ulong)bound);
    }

    /// <summary>A number from 0 to below 1.</summary>
    public double Fraction() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>True with that probability.</summary>
    public bool Chance(double probability) => Fraction() < probability;

    /// <summary>A number that follows from a name: FNV-1a of its UTF-16 units, then mixed.</summary>
    internal static ulong Hash(string name)
    {
        var hash = 14695981039346656037;
        foreach (var letter in name)
            hash = (hash ^ letter) * 1099511628211;
        return new SeededSource(hash).Next();
    }

    /// <inheritdoc />
    public void Fill(Span<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var word = Next();
            for (var i = 0; i < Math.Min(8, bytes.Length); i++)
                bytes[i] = (byte)(word >> (8 * i));
            bytes = bytes[Math.Min(8, bytes.Length)..];
        }
    }
}
