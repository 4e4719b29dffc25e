using System.Diagnostics.Metrics;

namespace Peer.Actors.Telemetry;

/// <summary>The meter. Its instruments read when somebody collects, so one that nobody collects costs nothing.</summary>
internal static class Instruments
{
    private static readonly Meter Meter = new(PeerTelemetry.MeterName, typeof(Instruments).Assembly.GetName().Version?.ToString(3));

    /// <summary>A sample for each connection whenever it renews its statistics (<c>actorpeer.connection.statistics-interval</c>) and has heard something.</summary>
    public static readonly Histogram<double> RoundTrip = Meter.CreateHistogram(
        "actorpeer.round_trip",
        "s",
        "Smoothed round-trip times of connections.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5] });

    static Instruments()
    {
        foreach (var quantity in Catalogue.Levels)
            Meter.CreateObservableUpDownCounter(quantity.Name, () => Books.Observe(quantity), quantity.Unit, quantity.Description);
        foreach (var quantity in Catalogue.Totals)
            Meter.CreateObservableCounter(quantity.Name, () => Books.Observe(quantity), quantity.Unit, quantity.Description);
    }

    /// <summary>Makes them, if nobody has done so before.</summary>
    public static void Create()
    {
    }
}
