namespace Peer.Lab.Drawing;

/// <summary>The stretch of time that is drawn, and where its moments lie on the sheet.</summary>
internal sealed record Window(long From, long To, double Left, double Right)
{
    private const long Hour = 3_600_000_000;

    public double X(long at) => Left + ((Right - Left) * (at - From) / (To - From));

    public bool Holds(long at) => at >= From && at <= To;

    /// <summary>A moment outside is drawn at the edge.</summary>
    public double ClampedX(long at) => X(Math.Clamp(at, From, To));

    /// <summary>The distance of the axis' ticks, so that there are no more of them than asked for: round seconds, minutes or hours.</summary>
    public long TickStep(int most)
    {
        var least = (To - From) / most;
        for (long step = 1; step <= 10_000_000; step *= 10)
        {
            foreach (var factor in (ReadOnlySpan<long>)[1, 2, 5])
            {
                if (step * factor > least && step * factor < 30_000_000)
                    return step * factor;
            }
        }

        foreach (var seconds in (ReadOnlySpan<long>)[30, 60, 120, 300, 600, 1200, 1800, 3600])
        {
            if (seconds * 1_000_000 > least)
                return seconds * 1_000_000;
        }

        return ((least / Hour) + 1) * Hour;
    }
}
