using System.Globalization;
using Peer.TestKit.Scenarios;

namespace Peer.Lab.Simulate;

/// <summary>Compares two runs of one scenario, and finds where they part.</summary>
internal static class Twin
{
    private const int LinesBefore = 10;

    /// <summary>The difference as a failure; null when there is none.</summary>
    public static SeedFailure? Compare(ScenarioResult first, ScenarioResult second)
    {
        if (first.TraceHash == second.TraceHash)
            return null;
        var text = string.Create(CultureInfo.InvariantCulture, $"the first run's hash is {first.TraceHash:x16}, the second's {second.TraceHash:x16}");
        var (one, other) = (first.Timeline.Entries, second.Timeline.Entries);
        var at = 0;
        while (at < one.Count && at < other.Count && one[at] == other[at])
            at++;
        var lines = one.Take(at).TakeLast(LinesBefore).Select(entry => entry.ToString()).ToList();
        lines.Add($"first:  {(at < one.Count ? one[at].ToString() : "ends here")}");
        lines.Add($"second: {(at < other.Count ? other[at].ToString() : "ends here")}");
        return new SeedFailure(SeedFailure.Determinism, at < one.Count ? one[at].At : first.VirtualTime, text, lines);
    }
}
