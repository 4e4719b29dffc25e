using System.Security.Cryptography;
using Peer.TestKit;

namespace Peer.Lab.Fuzz;

/// <summary>Inputs worth changing: the genuine ones, those from a folder, and each that went where none had gone.</summary>
internal sealed class Corpus
{
    private const int MostDistilled = 32;
    private const int Recent = 64;

    private readonly List<byte[]> _inputs = [];

    /// <param name="target">Gives the genuine ones.</param>
    /// <param name="folder">Holds a folder of the target's name; empty for none.</param>
    public Corpus(IFuzzTarget target, string folder)
    {
        Name = target.Name;
        Beginning = [.. target.Seeds, .. FilesOf(folder, target.Name).Select(File.ReadAllBytes).Where(input => input.Length <= target.MaxBytes)];
    }

    public string Name { get; }

    /// <summary>What to run first.</summary>
    public IReadOnlyList<byte[]> Beginning { get; }

    public int Count => _inputs.Count;

    /// <summary>Bytes of all inputs.</summary>
    public long Bytes { get; private set; }

    /// <summary>The files of a target in a corpus, in a fixed order.</summary>
    public static string[] FilesOf(string folder, string target)
    {
        var own = Path.Combine(folder, target);
        return folder.Length > 0 && Directory.Exists(own) ? [.. Directory.GetFiles(own, "*.bin").Order(StringComparer.Ordinal)] : [];
    }

    public void Keep(ReadOnlySpan<byte> input)
    {
        _inputs.Add(input.ToArray());
        Bytes += input.Length;
    }

    public byte[] Any(SeededSource random) => _inputs[random.Below(_inputs.Count)];

    /// <summary>Copies one into the buffer and returns its length; new ones are taken more often, for nobody has looked around them, and of old ones the shorter, which run sooner.</summary>
    public int Pick(SeededSource random, Span<byte> buffer)
    {
        var input = random.Below(2) == 0 ? Shorter(Any(random), Any(random)) : _inputs[^(1 + random.Below(Math.Min(Recent, _inputs.Count)))];
        input.CopyTo(buffer);
        return input.Length;
    }

    private static byte[] Shorter(byte[] one, byte[] other) => one.Length <= other.Length ? one : other;

    /// <summary>Writes few and small inputs that together pass what all have passed, as far as so few can.</summary>
    public void Distil(string folder, Coverage coverage, Func<ReadOnlyMemory<byte>, string?> execute)
    {
        var passed = new List<(byte[] Input, HashSet<int> Edges)>();
        foreach (var input in _inputs)
        {
            coverage.Clear();
            if (execute(input) is null)
                passed.Add((input, coverage.Passed()));
        }

        var own = Path.Combine(folder, Name);
        Directory.CreateDirectory(own);
        for (var written = 0; written < MostDistilled && passed.Count > 0; written++)
        {
            var best = passed.MaxBy(entry => (entry.Edges.Count * 1_000L) - Math.Min(999, entry.Input.Length));
            if (best.Edges.Count == 0)
                break;
            File.WriteAllBytes(Path.Combine(own, $"{NameOf(best.Input)}.bin"), best.Input);
            foreach (var entry in passed)
            {
                if (entry.Edges != best.Edges)
                    entry.Edges.ExceptWith(best.Edges);
            }

            passed.Remove(best);
        }
    }

    /// <summary>A name that follows from the content.</summary>
    public static string NameOf(ReadOnlySpan<byte> input) => Convert.ToHexStringLower(SHA256.HashData(input).AsSpan(0, 6));
}
