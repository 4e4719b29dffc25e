using System.Globalization;
using Spectre.Console;

namespace Peer.Lab.Compare;

/// <summary>The report for a reader: a table, what else its rows have to say, and what went wrong.</summary>
internal static class CompareTable
{
    private static readonly string[] InColumns =
    [
        Figure.MessagesPerSecond, Figure.CpuPerMessage, Figure.ClientCpuPerMessage, Figure.ServerCpuPerMessage, Figure.AllocatedPerMessage,
        Figure.ClientAllocatedPerMessage, Figure.ServerAllocatedPerMessage, Figure.P50, Figure.P99, Figure.P999, Figure.Max, "samples",
    ];

    public static void Write(TextWriter output, CompareReport report)
    {
        // As wide as it needs: what is piped into a file has no width of its own.
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output), Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.No });
        console.Profile.Width = 200;
        console.Write(Render(report));
        foreach (var row in report.Rows)
        {
            var others = row.Figures.Except(InColumns).Select(figure => $"{figure} {Number(row.Median(figure))}").ToList();
            if (others.Count > 0)
                output.WriteLine($"{row.Workload.Name} {row.Library.Name}: {string.Join(", ", others)}");
        }

        foreach (var row in report.Rows.Where(row => row.Problem is not null))
            output.WriteLine($"ATTENTION: {row.Workload.Name} {row.Library.Name}: {row.Problem}");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(report.Interrupted ? "interrupted after" : "took")} {report.Wall.TotalSeconds:0} s; medians; spread is (largest - smallest) / median; CPU is of both processes; x: ActorPeer's divided by this library's"));
    }

    private static Table Render(CompareReport report)
    {
        var table = new Table().Border(TableBorder.Simple);
        table.AddColumns("workload", "library");
        foreach (var heading in (string[])["rounds", "messages/s", "spread", "CPU ns/msg", "client", "server", "B/msg client", "server", "p50 us", "p99 us", "p99.9 us", "ratio"])
            table.AddColumn(new TableColumn(heading).RightAligned());
        IWorkload? previous = null;
        foreach (var row in report.Rows)
        {
            table.AddRow(
            [
                .. ((string[])
                [
                    row.Workload == previous ? "" : row.Workload.Name,
                    row.Library.Name,
                    row.ValidRounds.ToString(CultureInfo.InvariantCulture),
                    Number(row.Median(Figure.MessagesPerSecond)),
                    row.Spread is { } spread ? spread.ToString("0 %", CultureInfo.InvariantCulture) : "",
                    Number(row.Median(Figure.CpuPerMessage)),
                    Number(row.Median(Figure.ClientCpuPerMessage)),
                    Number(row.Median(Figure.ServerCpuPerMessage)),
                    Number(row.Median(Figure.ClientAllocatedPerMessage)),
                    Number(row.Median(Figure.ServerAllocatedPerMessage)),
                    Number(row.Median(Figure.P50)),
                    Number(row.Median(Figure.P99)),
                    Number(row.Median(Figure.P999)),
                    RatioText(report, row),
                ]).Select(Markup.Escape),
            ]);
            previous = row.Workload;
        }

        return table;
    }

    private static string RatioText(CompareReport report, CompareRow row)
    {
        if (row.Library.Name == Library.ActorPeer || report.Ratio(row.Workload, row.Library.Name) is not { } ratio)
            return "";
        return string.Create(CultureInfo.InvariantCulture, $"x {ratio:0.00} {Short(row.Workload.Headline.Figure)}");
    }

    private static string Short(string figure) => figure switch
    {
        Figure.MessagesPerSecond => "rate",
        Figure.CpuPerMessage => "CPU",
        Figure.P50 => "p50",
        Figure.P99 => "p99",
        "rss_bytes_per_connection" => "memory",
        _ => figure.Replace('_', ' '),
    };

    private static string Number(double? value) => value switch
    {
        null => "",
        >= 1000 or <= -1000 => value.Value.ToString("#,0", CultureInfo.InvariantCulture),
        >= 100 => value.Value.ToString("0", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("0.##", CultureInfo.InvariantCulture),
    };
}
