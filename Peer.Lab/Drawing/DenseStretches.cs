using System.Globalization;
using System.Text;
using Peer.Protocol;

namespace Peer.Lab.Drawing;

/// <summary>Counts in place of arrows where there are too many: above each lane what it sent and lost, below what was delivered to it, by mode.</summary>
internal sealed class DenseStretches(Picture picture, Density density, SheetLayout layout)
{
    private const string Ground = "#f6f8fa";
    private const double SampleBar = 4;

    private static readonly TransferMode[] Modes = [TransferMode.Reliable, TransferMode.UnreliableOrdered, TransferMode.Unreliable];

    public static void DrawSample(SvgSheet svg, double x, double y)
    {
        svg.Rectangle(x, y - 10, 16, 11, Ground);
        svg.Rectangle(x + 1, y - 10, SampleBar, 6, Palette.Datagram);
        svg.Rectangle(x + 6, y - 7, SampleBar, 3, Palette.Lost);
        svg.Rectangle(x + 11, y - 4, SampleBar, 5, Palette.Of(TransferMode.Reliable));
    }

    public void Draw(SvgSheet svg)
    {
        if (!density.Stretches().Any())
            return;
        var lanes = Count();
        var mostSent = lanes.Max(lane => lane.Sent.Max());
        var mostDelivered = lanes.Max(lane => Enumerable.Range(0, Density.Columns).Max(column => lane.DeliveredIn(column)));
        var room = layout.RoomForBars;
        svg.BeginGroup("dense");
        for (var lane = 0; lane < lanes.Length; lane++)
        {
            var line = layout.Y(lane);
            var counts = lanes[lane];
            var sent = Scale(counts.Sent, mostSent);
            var lost = Scale(counts.Lost, mostSent);
            Bars(svg, Palette.Datagram, column => (line - sent[column], sent[column]));
            Bars(svg, Palette.Lost, column => (line - lost[column], lost[column]));
            for (var mode = 0; mode < Modes.Length; mode++)
                Bars(svg, Palette.Of(Modes[mode]), column => Share(counts, mode, column, line, mostDelivered));
        }

        svg.End();

        double[] Scale(int[] counts, int most) => [.. counts.Select(count => Height(count, most))];

        double Height(int count, int most) => count == 0 ? 0 : room * Math.Sqrt((double)count / most);

        (double Y, double Height) Share(LaneCounts counts, int mode, int column, double line, int most)
        {
            // The whole column has the height of its sum, and each mode its share of that.
            var sum = counts.DeliveredIn(column);
            if (sum == 0)
                return (line, 0);
            var unit = Height(sum, most) / sum;
            var before = 0;
            for (var earlier = 0; earlier < mode; earlier++)
                before += counts.Delivered[earlier][column];
            return (line + (unit * before), unit * counts.Delivered[mode][column]);
        }
    }

    private LaneCounts[] Count()
    {
        var lanes = new LaneCounts[picture.Lanes.Count];
        for (var lane = 0; lane < lanes.Length; lane++)
            lanes[lane] = new LaneCounts();
        foreach (var flight in picture.Flights)
        {
            if (!density.IsDense(flight.SentAt))
                continue;
            var column = density.ColumnOf(flight.SentAt);
            lanes[flight.From].Sent[column]++;
            if (flight.Lost is not null)
                lanes[flight.From].Lost[column]++;
        }

        foreach (var packet in picture.Packets)
        {
            if (packet.Delivered && density.IsDense(packet.At))
                lanes[packet.Lane].Delivered[Array.IndexOf(Modes, packet.Mode)][density.ColumnOf(packet.At)]++;
        }

        return lanes;
    }

    // All bars of one kind in a lane are one element.
    private void Bars(SvgSheet svg, string colour, Func<int, (double Y, double Height)> bar)
    {
        var d = new StringBuilder();
        var width = density.X(1) - density.X(0) - 1;
        for (var column = 0; column < Density.Columns; column++)
        {
            var (y, height) = bar(column);
            if (height > 0)
                d.Append(CultureInfo.InvariantCulture, $"M{density.X(column):0.#} {y:0.#}h{width:0.#}v{height:0.#}h{-width:0.#}z");
        }

        if (d.Length > 0)
            svg.Path(d.ToString(), colour);
    }

    private sealed class LaneCounts
    {
        public int[] Sent { get; } = new int[Density.Columns];

        public int[] Lost { get; } = new int[Density.Columns];

        public int[][] Delivered { get; } = [new int[Density.Columns], new int[Density.Columns], new int[Density.Columns]];

        public int DeliveredIn(int column) => Delivered[0][column] + Delivered[1][column] + Delivered[2][column];
    }
}
