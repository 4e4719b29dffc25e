using Peer.Tests.Node;

namespace Peer.Tests.Lab;

/// <summary>The laboratory as its users run it.</summary>
[Trait("Category", "Process")]
public sealed class LabProcessTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    [Fact]
    public void A_sweep_of_three_seeds_runs_and_says_so()
    {
        using var lab = ProgramProcess.Of("Peer.Lab.dll", "simulate", "--seeds", "1..3", "--minutes", "1");

        var (code, output, error) = lab.End(Patience);

        Assert.True(code == 0, $"exit code {code}\n{output}\n{error}");
        Assert.Contains("3 of 3, 0 failed", output, StringComparison.Ordinal);
        Assert.Contains("virtual hours per real minute", output, StringComparison.Ordinal);
    }

    [Fact]
    public void An_interrupted_sweep_ends_soon_with_its_report_and_exit_code_130()
    {
        // One seed again and again: the sweep must last until the signal comes, and find nothing until then.
        var seeds = string.Join(',', Enumerable.Repeat("1", 10_000));
        using var lab = ProgramProcess.Of("Peer.Lab.dll", "simulate", "--seeds", seeds, "--minutes", "1");
        lab.ExpectError("seeds/s");

        lab.Signal("INT");
        var (code, output, _) = lab.End(Patience);

        Assert.Equal(130, code);
        Assert.Contains("(interrupted)", output, StringComparison.Ordinal);
    }
}
