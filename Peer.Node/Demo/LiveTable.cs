using System.Globalization;
using Spectre.Console;

namespace Peer.Node.Demo;

/// <summary>A table on a terminal that is drawn again in its place, one row a process.</summary>
internal sealed class LiveTable(LiveDisplayContext context) : IDemoView
{
    public void Show(string phase, TimeSpan elapsed, IReadOnlyList<DemoProcess> processes) =>
        context.UpdateTarget(Render(phase, elapsed, [.. processes.Select(process => (Label(process), PeerRates.Of(process.PreviousProgress, process.Progress)))]));

    public static Table Render(string phase, TimeSpan elapsed, IReadOnlyList<(string Peer, PeerRates Rates)> rows)
    {
        var table = new Table().Title(string.Create(CultureInfo.InvariantCulture, $"{phase}, {elapsed.TotalSeconds:0.0} s"));
        table.AddColumn("peer");
        foreach (var heading in (string[])["rtt ms", "loss %", "in msgs/s", "out msgs/s", "in KB/s", "out KB/s"])
            table.AddColumn(new TableColumn(heading).RightAligned());
        foreach (var (peer, rates) in rows)
        {
            table.AddRow(
                Markup.Escape(peer),
                Text(rates.RttMs, "0.00"),
                Text(rates.Loss * 100, "0.0"),
                Text(rates.MessagesIn, "0"),
                Text(rates.MessagesOut, "0"),
                Text(rates.KilobytesIn, "0"),
                Text(rates.KilobytesOut, "0"));
        }

        return table;
    }

    private static string Label(DemoProcess process) => process.Id > 1 ? $"{process.Name} ({process.Id})" : process.Name;

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
