using Peer.Protocol;

namespace Peer.Lab.Drawing;

/// <summary>What the signs mean, in one row.</summary>
internal static class Legend
{
    private const double LetterWidth = 6.6;
    private const double Gap = 22;

    public static void Draw(SvgSheet svg, bool hasDenseStretches)
    {
        var x = 20.0;
        const double Y = SheetLayout.LegendY;
        svg.BeginGroup("legend");
        Entry(() => svg.Line(x, Y - 8, x + 16, Y, Palette.Datagram), 20, "datagram");
        Entry(
            () =>
            {
                svg.Line(x, Y - 8, x + 12, Y - 2, Palette.Lost);
                svg.BeginGroup("cross", ("stroke", Palette.Lost), ("fill", "none"));
                svg.Path(Arrows.Cross(x + 12, Y - 2));
                svg.End();
            },
            20,
            "lost, and why");
        foreach (var mode in (TransferMode[])[TransferMode.Reliable, TransferMode.UnreliableOrdered, TransferMode.Unreliable])
        {
            Entry(
                () =>
                {
                    svg.Dot(x + 3, Y - 4, 3, "#ffffff", Palette.Of(mode));
                    svg.Dot(x + 13, Y - 4, 3, Palette.Of(mode));
                },
                20,
                mode switch { TransferMode.Reliable => "put, delivered: reliable", TransferMode.UnreliableOrdered => "unreliable ordered", _ => "unreliable" });
        }

        Entry(() => svg.Text(x, Y, "+n −n", Palette.Joined, bold: true), 46, "peer connected, disconnected");
        Entry(() => svg.Rectangle(x, Y - 10, 16, 11, "#f4c7c3"), 20, "fault");
        if (hasDenseStretches)
            Entry(() => DenseStretches.DrawSample(svg, x, Y), 20, "many at once, height ~ square root of the count: sent and lost above the line, delivered below");
        svg.End();

        void Entry(Action sign, double width, string text)
        {
            sign();
            svg.Text(x + width, Y, text, Palette.Ink, size: 11.5);
            x += width + (text.Length * LetterWidth) + Gap - 8;
        }
    }
}
