using System.Globalization;
using System.Text;
using Peer.Lab.Drawing;

namespace Peer.Lab.Soak;

/// <summary>Draws a soak: what each process used over time, with the deeds below.</summary>
internal static class SoakPlot
{
    private const double Width = 960;
    private const double PlotHeight = 150;
    private const double Left = 70;
    private const double Right = 150;
    private const double Gap = 46;
    private const double Top = 40;
    private const double DeedHeight = 16;

    private static readonly string[] Colours = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#6e7781"];

    public static void Draw(Stream stream, SoakReport report)
    {
        (string Title, Func<SoakSample, double> Of)[] plots =
        [
            ("live heap after a collection, MiB", sample => sample.Heap / 1048576.0), ("resident memory, MiB", sample => sample.Resident / 1048576.0),
            ("open handles", sample => sample.Handles), ("threads", sample => sample.Threads), ("clients connected", sample => sample.Peers),
        ];
        var names = report.Samples.Select(sample => sample.Process).Distinct().Order(StringComparer.Ordinal).ToArray();
        var seconds = Math.Max(1, report.Minutes * 60);
        var deeds = Enum.GetValues<SoakDeed>();
        using var sheet = new SvgSheet(stream, Width, Top + (plots.Length * (PlotHeight + Gap)) + (deeds.Length * DeedHeight) + 50);
        sheet.Text(Left, 22, FormattableString.Invariant($"{report.Minutes:0.#} minutes, {report.Clients} clients, {report.Loss:p0} loss: {report.SurvivorMessages} messages of survivors, {report.Missing} missing, {report.Faults.Count} faults"), Palette.Ink, bold: true, size: 14);
        var y = Top;
        foreach (var (title, of) in plots)
        {
            Plot(sheet, y, title, report, names, seconds, of);
            y += PlotHeight + Gap;
        }

        foreach (var deed in deeds)
        {
            sheet.Text(Left - 6, y + 4, deed.ToString(), Palette.Faint, "end", 10);
            foreach (var step in report.Steps.Where(step => step.Deed == deed && step.At <= seconds))
                sheet.Dot(X(step.At, seconds), y, 3, Palette.Lost);
            y += DeedHeight;
        }

        for (var i = 0; i <= 6; i++)
            sheet.Text(X(seconds * i / 6, seconds), y + 10, (seconds * i / 6).ToString("0 s", CultureInfo.InvariantCulture), Palette.Faint, "middle", 10);
    }

    private static void Plot(SvgSheet sheet, double y, string title, SoakReport report, string[] names, double seconds, Func<SoakSample, double> of)
    {
        var most = Math.Max(1, report.Samples.Select(of).DefaultIfEmpty(1).Max() * 1.1);
        sheet.Text(Left, y + 2, title, Palette.Ink, size: 12);
        y += 10;
        foreach (var quarter in (double[])[0.25, 0.5, 0.75])
            sheet.Line(X(seconds * quarter, seconds), y, X(seconds * quarter, seconds), y + PlotHeight, Palette.Grid);
        for (var i = 0; i <= 2; i++)
        {
            var at = y + PlotHeight - (PlotHeight * i / 2);
            sheet.Line(Left, at, Width - Right, at, Palette.Grid);
            sheet.Text(Left - 6, at + 4, (most * i / 2).ToString(most < 10 ? "0.0" : "0", CultureInfo.InvariantCulture), Palette.Faint, "end", 10);
        }

        for (var i = 0; i < names.Length; i++)
        {
            var colour = Colours[i % Colours.Length];
            var path = new StringBuilder();
            foreach (var sample in report.Samples.Where(sample => sample.Process == names[i] && sample.At <= seconds))
                path.Append(CultureInfo.InvariantCulture, $"{(path.Length == 0 ? 'M' : 'L')}{X(sample.At, seconds):0.#} {y + PlotHeight - (PlotHeight * of(sample) / most):0.#} ");
            sheet.BeginGroup("line", ("stroke", colour), ("fill", "none"), ("stroke-width", "1.3"));
            sheet.Path(path.ToString(), tip: names[i]);
            sheet.End();
            sheet.Text(Width - Right + 10, y + 12 + (i * 15), names[i], colour, size: 11);
        }
    }

    private static double X(double at, double seconds) => Left + ((Width - Left - Right) * at / seconds);
}
