using HdrHistogram;

namespace Peer.Lab.Compare.Works;

/// <summary>The figures of a histogram of nanoseconds, in microseconds.</summary>
internal static class Percentiles
{
    public static Dictionary<string, double> Of(HistogramBase nanoseconds) => nanoseconds.TotalCount == 0
        ? new Dictionary<string, double> { ["samples"] = 0 }
        : new Dictionary<string, double>
        {
            ["samples"] = nanoseconds.TotalCount,
            [Figure.P50] = nanoseconds.GetValueAtPercentile(50) / 1e3,
            [Figure.P99] = nanoseconds.GetValueAtPercentile(99) / 1e3,
            [Figure.P999] = nanoseconds.GetValueAtPercentile(99.9) / 1e3,
            [Figure.Max] = nanoseconds.GetMaxValue() / 1e3,
        };
}
