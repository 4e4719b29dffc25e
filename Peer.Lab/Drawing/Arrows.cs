using System.Globalization;

namespace Peer.Lab.Drawing;

/// <summary>Datagrams and packets, one by one, where there are few enough of them.</summary>
internal sealed class Arrows(Picture picture, Window window, Density density, SheetLayout layout)
{
    private const double Reach = 0.6;
    private const double PutAbove = 8;
    private const double DeliveredBelow = 8;
    private const double ReasonWidth = 60;
    private const double ReasonHeight = 10;
    private const int MostReasons = 120;

    /// <summary>The path of a cross.</summary>
    public static string Cross(double x, double y) =>
        string.Create(CultureInfo.InvariantCulture, $"M{x - 3:0.#} {y - 3:0.#}l6 6m0 -6l-6 6");

    public void Draw(SvgSheet svg)
    {
        svg.ArrowHead("arrow", Palette.Datagram);
        DrawArrived(svg);
        DrawLost(svg);
        DrawPackets(svg);
    }

    private void DrawArrived(SvgSheet svg)
    {
        svg.BeginGroup("datagrams", ("stroke", Palette.Datagram), ("fill", "none"), ("stroke-width", "0.8"), ("marker-end", "url(#arrow)"));
        foreach (var flight in picture.Flights)
        {
            if (flight.Lost is not null || !IsDrawn(flight.SentAt))
                continue;
            var end = (X: window.ClampedX(flight.ArrivesAt), Y: EndY(flight));
            svg.Path(string.Create(CultureInfo.InvariantCulture, $"M{window.X(flight.SentAt):0.#} {layout.Y(flight.From):0.#}L{end.X:0.#} {end.Y:0.#}"));
        }

        svg.End();
    }

    private void DrawLost(SvgSheet svg)
    {
        var lost = picture.Flights.Where(flight => flight.Lost is not null && IsDrawn(flight.SentAt)).ToList();
        var usual = UsualFlight();
        svg.BeginGroup("lost", ("stroke", Palette.Lost), ("fill", "none"), ("stroke-width", "1"));
        foreach (var flight in lost)
        {
            var (x, y) = Ends(flight, usual);
            var d = string.Create(CultureInfo.InvariantCulture, $"M{window.X(flight.SentAt):0.#} {layout.Y(flight.From):0.#}L{x:0.#} {y:0.#}{Cross(x, y)}");
            svg.Path(d, tip: flight.Lost);
        }

        svg.End();
        svg.BeginGroup("reasons", ("fill", Palette.Lost), ("font-size", "9.5"));
        var written = new List<(double X, double Y)>();
        foreach (var flight in lost)
        {
            // Where crosses crowd, one of them says why; the others say it when pointed at.
            var (x, y) = Ends(flight, usual);
            if (written.Count >= MostReasons || written.Exists(other => Math.Abs(other.X - x) < ReasonWidth && Math.Abs(other.Y - y) < ReasonHeight))
                continue;
            svg.Text(x + 5, y + 3, flight.Lost!);
            written.Add((x, y));
        }

        svg.End();
    }

    private void DrawPackets(SvgSheet svg)
    {
        svg.BeginGroup("packets", ("stroke-width", "1.2"));
        foreach (var packet in picture.Packets)
        {
            if (!IsDrawn(packet.At))
                continue;
            var y = layout.Y(packet.Lane) + (packet.Delivered ? DeliveredBelow : -PutAbove);
            svg.Dot(window.X(packet.At), y, packet.Delivered ? 3 : 2.6, packet.Delivered ? Palette.Of(packet.Mode) : "#ffffff", packet.Delivered ? null : Palette.Of(packet.Mode));
        }

        svg.End();
    }

    private bool IsDrawn(long at) => window.Holds(at) && !density.IsDense(at);

    private double EndY(Flight flight)
    {
        // An arrival beyond the edge ends where the edge cuts its way.
        var (from, to) = (layout.Y(flight.From), layout.Y(flight.To));
        if (flight.ArrivesAt <= window.To || flight.ArrivesAt <= flight.SentAt)
            return to;
        return from + ((to - from) * (window.To - flight.SentAt) / (flight.ArrivesAt - flight.SentAt));
    }

    private (double X, double Y) Ends(Flight flight, long usual) => (
        window.ClampedX(flight.SentAt + (long)(usual * Reach)),
        layout.Y(flight.From) + ((layout.Y(flight.To) - layout.Y(flight.From)) * Reach));

    // A lost datagram has no arrival: it is drawn as steep as those that arrived.
    private long UsualFlight()
    {
        long sum = 0, count = 0;
        foreach (var flight in picture.Flights)
        {
            if (flight.Lost is not null || !window.Holds(flight.SentAt))
                continue;
            sum += flight.ArrivesAt - flight.SentAt;
            count++;
        }

        return count > 0 ? sum / count : (window.To - window.From) / 100;
    }
}
