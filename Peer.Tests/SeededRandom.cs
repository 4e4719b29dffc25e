using Peer.Protocol;

namespace Peer.Tests;

/// <summary>The same bytes for the same seed, so that a failing test fails again.</summary>
internal sealed class SeededRandom(int seed) : IRandomSource
{
    private readonly Random _random = new(seed);

    public void Fill(Span<byte> bytes) => _random.NextBytes(bytes);

    /// <summary>That many bytes in a new array.</summary>
    public byte[] Take(int count)
    {
        var bytes = new byte[count];
        Fill(bytes);
        return bytes;
    }
}
