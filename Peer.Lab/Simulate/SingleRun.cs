using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Peer.Lab.Drawing;
using Peer.TestKit.Scenarios;

namespace Peer.Lab.Simulate;

/// <summary>One seed closely: what it is made of, how it went, and on demand its trace, its picture, its twin and its smallest failing form.</summary>
internal sealed class SingleRun(Laboratory laboratory, ulong seed, SimulateOptions options, ParseResult given)
{
    private const int ShrinkBudget = 300;

    private readonly TextWriter _output = given.InvocationConfiguration.Output;
    private readonly TextWriter _error = given.InvocationConfiguration.Error;

    public int Run()
    {
        var plan = new SweepPlan(SeedSet.Single(seed), TimeSpan.FromMinutes(given.GetValue(options.Minutes)), Jobs: 1, VerifyDeterminism: given.GetValue(options.VerifyDeterminism));
        var scenario = Scenario.Draw(seed, plan.Length);
        _output.WriteLine(scenario.Describe().TrimEnd());
        var picture = given.GetValue(options.Timeline);
        var keep = picture is not null || given.GetValue(options.Trace) || plan.VerifyDeterminism;
        var wall = Stopwatch.StartNew();
        var result = laboratory.Play(scenario, keep);
        wall.Stop();
        if (given.GetValue(options.Trace))
            _output.Write(result.Timeline.Last(int.MaxValue));
        var outcome = Laboratory.Outcome(seed, result);
        if (plan.VerifyDeterminism && Twin.Compare(result, laboratory.Play(scenario, keep)) is { } difference)
            outcome = outcome with { Failure = difference };
        var report = new SweepReport(plan, [outcome], wall.Elapsed, Interrupted: false);
        Print(report, outcome);
        if (result.Violation is not null && given.GetValue(options.Shrink))
            result = Shrunk(scenario, keep);
        var written = picture is null || Draw(result, picture);
        if (given.GetValue(options.Json) is { } json)
            written &= OutputFile.Write(json, file => file.Write(SweepJson.WriteUtf8(report)), _error);
        return written ? report.ExitCode : ExitCode.Usage;
    }

    private void Print(SweepReport report, SeedOutcome outcome)
    {
        _output.WriteLine();
        if (outcome.Failure is not null)
            SweepText.WriteFailure(_output, report.Plan, outcome);
        _output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"virtual time  {outcome.VirtualTime.TotalSeconds:0.000000} s in {report.Wall.TotalSeconds:0.00} s"));
        _output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"datagrams     {outcome.Datagrams}"));
        _output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"packets       {outcome.Delivered} delivered"));
        _output.WriteLine($"trace hash    {outcome.Hash:x16}{(report.Plan.VerifyDeterminism && outcome.Failure?.Law != SeedFailure.Determinism ? ", twice" : "")}");
        _output.WriteLine($"result        {(outcome.Failure is null ? "no law broken" : $"broke '{outcome.Failure.Law}'")}");
    }

    /// <summary>Prints the smallest failing form, and plays it for the picture.</summary>
    private ScenarioResult Shrunk(Scenario failing, bool keep)
    {
        _error.WriteLine($"shrinking, at most {ShrinkBudget} runs");
        var small = Shrinker.Shrink(failing, ShrinkBudget, scenario => laboratory.Play(scenario, keepTimeline: false).Violation);
        _output.WriteLine();
        _output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"shrunk from {failing.Peers.Count} peers and {failing.Faults.Count} faults to {small.Peers.Count} and {small.Faults.Count}:"));
        _output.WriteLine(small.Describe().TrimEnd());
        var result = laboratory.Play(small, keep);
        _output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"it breaks '{result.Violation?.Law}' at {result.Violation?.At.TotalSeconds:0.000000} s: {Laboratory.Outcome(seed, result).Failure?.Text}"));
        return result;
    }

    private bool Draw(ScenarioResult result, FileInfo file)
    {
        if (!OutputFile.Write(file, stream => PictureSheet.Write(TimelinePicture.Of(result), stream, Micros(options.From), Micros(options.To)), _error))
            return false;
        _output.WriteLine($"picture       {file}");
        return true;
    }

    private long? Micros(Option<double?> option) => given.GetValue(option) is { } seconds ? (long)(seconds * 1e6) : null;
}
