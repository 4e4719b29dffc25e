namespace Peer.Lab.Drawing;

/// <summary>The stretch of time that is drawn, and where its moments lie on the sheet.</summary>
internal sealed record Window(long From, long To, double Left, double Right)
{
    public double X(long at) => Left + ((Right - Left) * (at - From) / (To - From));

    public bool Holds(long at) => at >= From && at <= To;

    /// <summary>A moment outside is drawn at the edge.</summary>
    public double ClampedX(long at) => X(Math.Clamp(at, From, To));

    /// <summary>The distance of the axis' ticks: 1, 2 or 5 times a power of ten of seconds, and minutes above that.</summary>
    public long TickStep(int most)
    {
        var least = (To - From) / most;
        for (long step = 1; ; step *= 10)
        {
            foreach (var factor in (ReadOnlySpan<long>)[1, 2, 5])
            {
                if (step * factor >= 60_000_000)
                    return ((least / 60_000_000) + 1) * 60_000_000;
                if (step * factor > least)
                    return step * factor;
                if (step * factor == 20_000_000 && least < 30_000_000)
                    return 30_000_000;
            }
        }
    }
}
