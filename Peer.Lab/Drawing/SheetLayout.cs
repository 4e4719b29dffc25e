namespace Peer.Lab.Drawing;

/// <summary>Where things lie on the sheet, top to bottom: title, legend, faults, axis, lanes.</summary>
internal sealed class SheetLayout
{
    public const double Width = 1600;
    public const double Left = 120;
    public const double Right = 1580;
    public const double LegendY = 74;
    public const double FaultsY = 92;
    public const double FaultRow = 17;

    private const double AxisHeight = 26;
    private const double SignalsRoom = 25;

    public SheetLayout(int lanes, int faultRows)
    {
        LaneHeight = Math.Clamp(1000.0 / Math.Max(1, lanes), 96, 150);
        AxisY = FaultsY + (faultRows * FaultRow) + AxisHeight;
        LanesTop = AxisY + 6;
        LanesBottom = LanesTop + (lanes * LaneHeight);
        Height = LanesBottom + 34;
    }

    public double LaneHeight { get; }

    public double AxisY { get; }

    public double LanesTop { get; }

    public double LanesBottom { get; }

    public double Height { get; }

    /// <summary>Above a lane's line, up to its signals.</summary>
    public double RoomForBars => (LaneHeight / 2) - SignalsRoom;

    /// <summary>Where the signals of a lane are written.</summary>
    public double SignalsY(int lane) => Y(lane) - (LaneHeight / 2) + 11;

    /// <summary>The line of a lane.</summary>
    public double Y(int lane) => LanesTop + ((lane + 0.5) * LaneHeight);
}
