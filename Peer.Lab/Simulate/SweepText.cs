using System.Globalization;

namespace Peer.Lab.Simulate;

/// <summary>A sweep's report for a reader.</summary>
internal static class SweepText
{
    public static void Write(TextWriter output, SweepReport report)
    {
        foreach (var outcome in report.Failures)
            WriteFailure(output, report.Plan, outcome);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seeds run        {report.Outcomes.Count} of {report.Plan.Seeds.Count}{(report.Interrupted ? " (interrupted)" : "")}, {report.Failures.Count()} failed{(report.Plan.VerifyDeterminism ? ", each run twice" : "")}"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"time             {report.Wall.TotalSeconds:0.0} s on {report.Plan.Jobs} threads: {report.SeedsPerSecond:0.00} seeds/s"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"virtual time     {report.VirtualHours:0.00} h: {report.VirtualHoursPerMinute:0.0} virtual hours per real minute"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"datagrams        {report.Datagrams}"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"packets          {report.Delivered} delivered"));
        output.WriteLine($"digest           {report.Digest:x16}");
    }

    /// <summary>The command that shows a seed's failure again.</summary>
    public static string Replay(SweepPlan plan, ulong seed) =>
        string.Create(CultureInfo.InvariantCulture, $"dotnet run -c Release --project Peer.Lab -- simulate --seed {seed} --minutes {plan.Length.TotalMinutes:R}{(plan.VerifyDeterminism ? " --verify-determinism" : "")}");

    public static void WriteFailure(TextWriter output, SweepPlan plan, SeedOutcome outcome)
    {
        var failure = outcome.Failure!;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {outcome.Seed} broke the law '{failure.Law}' at {failure.At.TotalSeconds:0.000000} s"));
        output.WriteLine($"  {failure.Text}");
        foreach (var line in failure.LastLines)
            output.WriteLine($"  | {line}");
        output.WriteLine($"  replay: {Replay(plan, outcome.Seed)}");
        output.WriteLine();
    }
}
