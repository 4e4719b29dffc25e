namespace Peer.Lab.Drawing;

/// <summary>Who connected and who disconnected, written at the lane that was told; several at about the same moment become one mark.</summary>
internal sealed class SignalMarks(Picture picture, Window window, SheetLayout layout)
{
    private const double Apart = 54;
    private const double LineHeight = 10;
    private const int NamesInTip = 20;

    public void Draw(SvgSheet svg)
    {
        svg.BeginGroup("signals", ("font-size", "10.5"), ("font-weight", "600"));
        foreach (var lane in picture.Signals.Where(signal => window.Holds(signal.At)).OrderBy(signal => signal.At).GroupBy(signal => signal.Lane))
        {
            var together = new List<SignalMark>();
            foreach (var signal in lane)
            {
                if (together.Count > 0 && window.X(signal.At) - window.X(together[0].At) > Apart)
                    Mark(svg, together);
                together.Add(signal);
            }

            Mark(svg, together);
        }

        svg.End();
    }

    private void Mark(SvgSheet svg, List<SignalMark> together)
    {
        var x = window.X(together[0].At);
        var line = layout.Y(together[0].Lane);
        var (joined, left) = (Text(together, connected: true), Text(together, connected: false));
        var tip = string.Join(", ", together.Take(NamesInTip).Select(signal => $"{(signal.Connected ? '+' : '−')}{signal.Who}{(signal.Why is null ? "" : $" ({signal.Why})")}"));
        var top = layout.SignalsY(together[0].Lane);
        svg.Line(x, top - LineHeight + 2, x, line, left.Length > 0 ? Palette.Left : Palette.Joined);
        var isAtEdge = x > window.Right - Apart;
        var (textX, anchor) = isAtEdge ? (x - 2, "end") : (x + 2, null);
        if (joined.Length > 0)
            svg.Text(textX, top, joined, Palette.Joined, anchor, tip: tip);
        if (left.Length > 0)
            svg.Text(textX, top + (joined.Length > 0 ? LineHeight : 0), left, Palette.Left, anchor, tip: tip);
        together.Clear();
    }

    private static string Text(List<SignalMark> together, bool connected)
    {
        var sign = connected ? '+' : '−';
        var those = together.Where(signal => signal.Connected == connected).Select(signal => signal.Who).ToList();
        return those switch
        {
            [] => "",
            [var only] => $"{sign}{Short(only)}",
            _ => $"{sign}{those.Count} peers",
        };
    }

    // Ids are up to ten digits; their ends tell them apart well enough.
    private static string Short(string who) => who.Length <= 8 ? who : $"…{who[^5..]}";
}
