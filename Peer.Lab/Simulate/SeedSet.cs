using System.Collections;
using System.Globalization;

namespace Peer.Lab.Simulate;

/// <summary>The seeds of a sweep as they are written: <c>1..1000</c>, <c>7</c>, <c>3,5,9</c>, or a mixture.</summary>
internal sealed class SeedSet : IEnumerable<ulong>
{
    /// <summary>More than anybody waits for; a mistyped range says so at once.</summary>
    public const ulong Most = 100_000_000;

    private readonly List<(ulong First, ulong Last)> _ranges = [];
    private readonly string _text;

    private SeedSet(string text) => _text = text;

    /// <summary>How many seeds.</summary>
    public long Count { get; private set; }

    public static SeedSet Single(ulong seed) => Parse(seed.ToString(CultureInfo.InvariantCulture), out _)!;

    /// <summary>Reads a set; null, and what is wrong with it, when it is none.</summary>
    public static SeedSet? Parse(string text, out string problem)
    {
        var set = new SeedSet(text);
        foreach (var part in text.Split(','))
        {
            problem = set.Add(part.Trim());
            if (problem.Length > 0)
                return null;
        }

        problem = "";
        return set;
    }

    public IEnumerator<ulong> GetEnumerator()
    {
        foreach (var (first, last) in _ranges)
        {
            for (var seed = first; ; seed++)
            {
                yield return seed;
                if (seed == last)
                    break;
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => _text;

    private string Add(string part)
    {
        var dots = part.IndexOf("..", StringComparison.Ordinal);
        if (!IsSeed(dots < 0 ? part : part[..dots], out var first) || !IsSeed(dots < 0 ? part : part[(dots + 2)..], out var last))
            return $"'{part}' is no seed and no range of seeds; write 7, 3,5,9 or 1..1000";
        if (last < first)
            return $"'{part}' runs backwards; write {last}..{first}";
        if (last - first >= Most - (ulong)Count)
            return $"'{_text}' names more than {Most} seeds";
        Count += (long)(last - first) + 1;
        _ranges.Add((first, last));
        return "";
    }

    private static bool IsSeed(string text, out ulong seed) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out seed);
}
