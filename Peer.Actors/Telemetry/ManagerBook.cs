using System.Diagnostics;
using Peer.Actors.Transport;
using Peer.Protocol;

namespace Peer.Actors.Telemetry;

/// <summary>
/// Everything that is counted of one manager, readable by any thread at any time. The manager alone writes its counters, and no reader makes it wait: what is read
/// may be a moment old.
/// </summary>
internal sealed class ManagerBook
{
    private readonly HashSet<PeerGauge> _gauges = [];
    private readonly Lock _lock = new();
    private readonly TagList _tags;

    public ManagerBook(PeerRole role, string application, ManagerCounters counters, TransportCounters transport)
    {
        Role = NameOf(role);
        Application = application;
        Counters = counters;
        Transport = transport;
        _tags = [new(Tags.Application, application), new(Tags.Role, Role)];
    }

    public string Application { get; }

    public string Role { get; }

    public ManagerCounters Counters { get; }

    public TransportCounters Transport { get; }

    /// <summary>Datagrams that connections reported as lost, as of their newest statistics.</summary>
    public Tally DatagramsLost { get; } = new();

    /// <summary>What an ENet port of it counts; null without one.</summary>
    public ENet.ENetPort? ENet { get; set; }

    /// <summary>Bytes that wait, all connections together.</summary>
    public long QueuedBytes
    {
        get
        {
            var bytes = 0L;
            lock (_lock)
            {
                foreach (var gauge in _gauges)
                    bytes += gauge.QueuedBytes;
            }

            return bytes;
        }
    }

    public void Add(PeerGauge gauge)
    {
        lock (_lock)
            _gauges.Add(gauge);
    }

    public void Remove(PeerGauge gauge)
    {
        lock (_lock)
            _gauges.Remove(gauge);
    }

    /// <summary>Calls with the newest statistics of each connection.</summary>
    public void Visit(Action<PeerStatistics> visit)
    {
        lock (_lock)
        {
            foreach (var gauge in _gauges)
                visit(gauge.Statistics);
        }
    }

    /// <summary>A connection has renewed its statistics, some times a second at most.</summary>
    public void Published(PeerStatistics before, PeerStatistics now)
    {
        var lost = now.PacketsLost - before.PacketsLost;
        if (lost > 0)
            DatagramsLost.Add(lost);
        if (now.RoundTripMs > 0 && now.PacketsReceived != before.PacketsReceived)
            Instruments.RoundTrip.Record(now.RoundTripMs / 1000, _tags);
    }

    private static string NameOf(PeerRole role) => role switch
    {
        PeerRole.Server => "server",
        PeerRole.Client => "client",
        _ => "mesh",
    };
}
