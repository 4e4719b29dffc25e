using System.Globalization;
using Spectre.Console;

namespace Peer.Node.Demo;

/// <summary>The end of a demo for people.</summary>
internal static class DemoSummary
{
    private const int MaxProblems = 40;

    /// <summary>The totals of each mode, echo times and processor time.</summary>
    public static void Write(IAnsiConsole console, DemoReport report)
    {
        var table = new Table().AddColumn("mode");
        foreach (var heading in (string[])["sent", "received", "missing", "out of order", "duplicated"])
            table.AddColumn(new TableColumn(heading).RightAligned());
        foreach (var mode in ModeName.All)
        {
            var totals = report.Modes[mode];
            table.AddRow(ModeName.Of(mode), Text(totals.Sent), Text(totals.Received), Text(totals.Missing), Text(totals.OutOfOrder), Text(totals.Duplicated));
        }

        console.Write(table);
        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Clients} clients, {report.Duration.TotalSeconds:0.0##} s; echo p50 {report.RttP50Us / 1000.0:0.00} ms, p99 {report.RttP99Us / 1000.0:0.00} ms; cpu {report.CpuS:0.0} s"));
        console.WriteLine(report.IsOk ? "ok: every reliable message arrived, once and in order" : $"failed: {report.Problems.Count} problems");
    }

    /// <summary>What went wrong, a line each, the first of them when there are many.</summary>
    public static void WriteProblems(TextWriter error, IReadOnlyList<string> problems)
    {
        foreach (var problem in problems.Take(MaxProblems))
            error.WriteLine(problem);
        if (problems.Count > MaxProblems)
            error.WriteLine($"and {problems.Count - MaxProblems} more");
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
