using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Peer.Tests.Docs;

/// <summary>What docs/simulation.md shows are the words of tests that run.</summary>
public sealed partial class SimulationDocTests
{
    [Fact]
    public void Each_sample_stands_word_for_word_in_a_test()
    {
        var samples = CSharpBlock().Matches(File.ReadAllText(Path.Combine(Root(), "docs", "simulation.md"))).Select(match => Words(match.Groups[1].Value)).ToList();
        var tests = Directory.GetFiles(Path.Combine(Root(), "Peer.Tests", "Simulations"), "*.cs").Select(file => Words(File.ReadAllText(file))).ToList();
        Assert.Equal(3, samples.Count);
        Assert.All(samples, sample => Assert.Contains(tests, test => test.Contains(sample, StringComparison.Ordinal)));
    }

    [Fact]
    public void The_simulation_of_the_guide_is_twenty_odd_lines() =>
        Assert.InRange(CSharpBlock().Matches(File.ReadAllText(Path.Combine(Root(), "docs", "simulation.md")))[1].Groups[1].Value.Split('\n').Count(line => line.Trim().Length > 1), 10, 20);

    // Indentation differs between a page and a class.
    private static string Words(string text) => string.Join('\n', text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    private static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CSharpBlock();
}
