using System.Globalization;
using HdrHistogram;
using Spectre.Console;

namespace Peer.Node.Load;

/// <summary>A report for people: a table, and how long messages took.</summary>
internal static class LoadSummary
{
    public static void Write(IAnsiConsole console, LoadReport report)
    {
        var table = new Table().AddColumn("mode");
        foreach (var heading in (string[])["sent", "owed", "heard", "missing", "repeated", "late"])
            table.AddColumn(new TableColumn(heading).RightAligned());
        var (books, check) = (report.Books, report.Check);
        Row(table, "reliable", books.Sum(book => book.SentReliable.Sum()), check.Owed, check.Delivered, check.Missing, check.Repeated, null);
        Row(table, "unreliable ordered", books.Sum(book => book.SentOrdered), null, books.Sum(book => book.HeardOrdered), null, null, check.Late);
        Row(table, "unreliable", books.Sum(book => book.SentUnreliable), null, books.Sum(book => book.HeardUnreliable), null, null, null);
        console.Write(table);
        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Joined} bots in {Math.Max(1, report.Options.Rooms)} room(s), {report.Talked.TotalSeconds:0.0} s; joining took p50 {LoadReport.At(report.Counters.Joining, 50):0.0} ms, p99 {LoadReport.At(report.Counters.Joining, 99):0.0} ms; CPU {report.Cpu.TotalSeconds:0.0} s"));
        if (report.Counters.Latency.TotalCount > 0)
            console.Write(Chart(report.Counters.Latency));
    }

    /// <summary>From one bot to another over their server, in steps of two.</summary>
    private static BarChart Chart(HistogramBase latency)
    {
        var chart = new BarChart().Label("messages by latency, ms").LeftAlignLabel().WithMaxValue(100).UseValueFormatter(value => string.Create(CultureInfo.InvariantCulture, $"{value:0.00} %"));
        foreach (var step in latency.RecordedValues().GroupBy(value => StepOf(value.ValueIteratedTo)).OrderBy(step => step.Key))
        {
            var part = 100.0 * step.Sum(value => value.CountAddedInThisIterationStep) / latency.TotalCount;
            chart.AddItem(string.Create(CultureInfo.InvariantCulture, $"up to {step.Key / 1000.0:0.##}"), part, Color.Blue);
        }

        return chart;
    }

    /// <summary>The smallest of 250 us, 500 us, 1 ms, 2 ms ... that is not less.</summary>
    private static long StepOf(long micros)
    {
        var step = 250L;
        while (step < micros)
            step *= 2;
        return step;
    }

    private static void Row(Table table, string mode, params long?[] numbers) =>
        table.AddRow([mode, .. numbers.Select(number => number?.ToString(CultureInfo.InvariantCulture) ?? "")]);
}
