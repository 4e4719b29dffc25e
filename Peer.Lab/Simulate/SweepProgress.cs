using System.Globalization;

namespace Peer.Lab.Simulate;

/// <summary>How far a sweep is.</summary>
internal readonly record struct SweepProgress(long Done, long Total, int Failed, TimeSpan Virtual, TimeSpan Wall)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Done} of {Total} seeds, {Rate(Done, Wall.TotalSeconds):0.0} seeds/s, {Rate(Virtual.TotalHours, Wall.TotalMinutes):0.0} virtual hours/min, {Failed} failed");

    private static double Rate(double amount, double time) => time > 0 ? amount / time : 0;
}

/// <summary>Whoever watches a sweep; called every fifth of a second, on the thread that started it.</summary>
internal interface ISweepView
{
    void Show(SweepProgress progress);
}
