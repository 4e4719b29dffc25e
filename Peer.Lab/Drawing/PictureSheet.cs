using System.Globalization;

namespace Peer.Lab.Drawing;

/// <summary>Draws a picture: one lane a peer, time to the right; what each part looks like is that part's own file.</summary>
internal sealed class PictureSheet
{
    private const int MostTicks = 16;

    private readonly Picture _picture;
    private readonly Window _window;
    private readonly FaultRows _faults;
    private readonly SheetLayout _layout;
    private readonly Density _density;

    private PictureSheet(Picture picture, long from, long to)
    {
        _picture = picture;
        _window = new Window(from, Math.Max(to, from + 1), SheetLayout.Left, SheetLayout.Right);
        _faults = new FaultRows(picture, _window);
        _layout = new SheetLayout(picture.Lanes.Count, _faults.Rows);
        _density = new Density(picture, _window);
    }

    /// <summary>Writes the window of a picture as SVG.</summary>
    /// <param name="picture">What to draw.</param>
    /// <param name="stream">Where to.</param>
    /// <param name="from">First moment; null for the beginning.</param>
    /// <param name="to">Last moment; null for the end.</param>
    /// <returns>How many elements it took.</returns>
    public static int Write(Picture picture, Stream stream, long? from = null, long? to = null)
    {
        var sheet = new PictureSheet(picture, from ?? picture.Begin, Math.Min(to ?? picture.End, picture.End));
        using var svg = new SvgSheet(stream, SheetLayout.Width, sheet._layout.Height);
        sheet.Draw(svg);
        return svg.Elements;
    }

    private void Draw(SvgSheet svg)
    {
        svg.Rectangle(0, 0, SheetLayout.Width, _layout.Height, "#ffffff");
        svg.Text(20, 30, _picture.Title, Palette.Ink, size: 19, bold: true);
        svg.Text(20, 50, _picture.Subtitle, Palette.Faint);
        Legend.Draw(svg, _density.Stretches().Any());
        DrawFaults(svg);
        DrawAxis(svg);
        DrawLanes(svg);
        new DenseStretches(_picture, _density, _layout).Draw(svg);
        new Arrows(_picture, _window, _density, _layout).Draw(svg);
        new SignalMarks(_picture, _window, _layout).Draw(svg);
        DrawNotes(svg);
        DrawFootnote(svg);
    }

    private void DrawFaults(SvgSheet svg)
    {
        svg.BeginGroup("faults");
        foreach (var (fault, row, labelX) in _faults.Placed)
        {
            var x = _window.ClampedX(fault.Begins);
            var width = Math.Max(2, _window.ClampedX(fault.Ends) - x);
            var colour = Palette.Of(fault.Shade);
            var tip = string.Create(CultureInfo.InvariantCulture, $"{fault.Label}, {fault.Begins / 1e6:0.###} .. {fault.Ends / 1e6:0.###} s");
            var y = SheetLayout.FaultsY + (row * SheetLayout.FaultRow);
            svg.Rectangle(x, y, width, SheetLayout.FaultRow - 3, colour, tip: tip);
            if (labelX is { } left)
                svg.Text(left + 3, y + 11, fault.Label, Palette.Ink, size: 10.5);
            if (fault.Lanes.Count == 0)
                svg.Rectangle(x, _layout.LanesTop, width, _layout.LanesBottom - _layout.LanesTop, colour, 0.35, tip);
            foreach (var lane in fault.Lanes)
                svg.Rectangle(x, _layout.Y(lane) - (_layout.LaneHeight / 2), width, _layout.LaneHeight, colour, 0.5, tip);
        }

        svg.End();
    }

    private void DrawAxis(SvgSheet svg)
    {
        var step = _window.TickStep(MostTicks);
        svg.BeginGroup("axis");
        for (var at = (_window.From + step - 1) / step * step; at <= _window.To; at += step)
        {
            var x = _window.X(at);
            svg.Line(x, _layout.AxisY, x, _layout.LanesBottom, Palette.Grid);
            svg.Text(x, _layout.AxisY - 5, ClockText(at, step), Palette.Faint, "middle", 11);
        }

        svg.Text(SheetLayout.Left - 34, _layout.AxisY - 5, "time", Palette.Faint, "end", 11);
        svg.End();
    }

    private void DrawLanes(SvgSheet svg)
    {
        svg.BeginGroup("lanes");
        for (var lane = 0; lane < _picture.Lanes.Count; lane++)
        {
            svg.Line(SheetLayout.Left, _layout.Y(lane), SheetLayout.Right, _layout.Y(lane), Palette.Lane);
            svg.Text(SheetLayout.Left - 12, _layout.Y(lane) + 4, Short(_picture.Lanes[lane]), Palette.Ink, "end", 13, bold: true, _picture.Lanes[lane]);
        }

        svg.End();
    }

    private void DrawNotes(SvgSheet svg)
    {
        svg.BeginGroup("notes");
        foreach (var note in _picture.Notes.Where(note => _window.Holds(note.At)))
        {
            var x = _window.X(note.At);
            svg.Line(x, _layout.AxisY, x, _layout.LanesBottom + 4, Palette.Lost, "6 3");
            svg.Text(x, _layout.LanesBottom + 16, note.Text, Palette.Lost, x > SheetLayout.Width / 2 ? "end" : "start", 12, bold: true);
        }

        svg.End();
    }

    private void DrawFootnote(SvgSheet svg)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{_window.From / 1e6:0.###} .. {_window.To / 1e6:0.###} s of {_picture.End / 1e6:0.###} s; --from S --to S zooms");
        if (_faults.Omitted > 0)
            text += $"; {_faults.Omitted} more faults are not drawn";
        svg.Text(SheetLayout.Left, _layout.Height - 6, text, Palette.Faint, size: 11);
    }

    private static string ClockText(long at, long step)
    {
        var seconds = at / 1e6;
        return step switch
        {
            >= 10_000_000 => string.Create(CultureInfo.InvariantCulture, $"{at / 60_000_000}:{at / 1_000_000 % 60:00}"),
            >= 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{seconds:0} s"),
            >= 1_000 => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0##} s"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.000000} s"),
        };
    }

    private static string Short(string name) => name.Length <= 12 ? name : $"{name[..11]}…";
}
