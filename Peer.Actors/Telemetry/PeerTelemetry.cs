namespace Peer.Actors.Telemetry;

/// <summary>
/// Figures of every peer of this process, for whoever listens: a <c>Meter</c> and an <c>ActivitySource</c> of the base class library, and a snapshot for programs that
/// collect none. Names, units and tags are listed in <c>docs/telemetry.md</c>.
/// </summary>
/// <example><code>
/// services.AddOpenTelemetry()
///     .WithMetrics(metrics => metrics.AddMeter(PeerTelemetry.MeterName))
///     .WithTracing(traces => traces.AddSource(PeerTelemetry.ActivitySourceName));
/// </code></example>
public static class PeerTelemetry
{
    /// <summary>The meter with all instruments.</summary>
    public const string MeterName = "ActorPeer";

    /// <summary>The source of activities, one for each handshake, return and hand-over.</summary>
    public const string ActivitySourceName = "ActorPeer";

    /// <summary>What the peers of this process did since it started, and how they are now.</summary>
    /// <param name="application">Those of one application (<c>actorpeer.application</c>) alone; null for all.</param>
    public static PeerTotals Totals(string? application = null) => Books.Totals(application);
}
