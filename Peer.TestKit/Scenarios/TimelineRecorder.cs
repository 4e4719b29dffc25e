using System.Net;
using Peer.TestKit.Network;

namespace Peer.TestKit.Scenarios;

/// <summary>Keeps the last entries of a run.</summary>
internal sealed class TimelineRecorder
{
    private const int Capacity = 50_000;

    private readonly TimelineEntry[] _ring = new TimelineEntry[Capacity];
    private readonly Dictionary<IPAddress, string> _names = [];
    private readonly Simulation _simulation;
    private long _count;

    public TimelineRecorder(Simulation simulation, Scenario scenario)
    {
        _simulation = simulation;
        foreach (var peer in scenario.Peers)
            _names.Add(simulation.Host(peer.Name).Address, peer.Name);
        simulation.Network.Carried += Carried;
    }

    public void Add(TimelineKind kind, string from, string to, string what) => Add(new TimelineEntry(_simulation.Time.Elapsed, kind, from, to, what));

    public Timeline Take(Scenario scenario)
    {
        var kept = (int)Math.Min(_count, Capacity);
        var entries = new TimelineEntry[kept];
        for (var i = 0; i < kept; i++)
            entries[i] = _ring[(_count - kept + i) % Capacity];
        return new Timeline(entries, [.. scenario.Peers.Select(peer => peer.Name)], _count - kept);
    }

    private void Carried(Transit transit)
    {
        var at = TimeSpan.FromMicroseconds(transit.SentAt);
        var from = _names.GetValueOrDefault(transit.From.Address, "?");
        var to = _names.GetValueOrDefault(transit.To.Address, "?");
        Add(transit.Fate == Fate.Arrived
            ? new TimelineEntry(at, TimelineKind.DatagramSent, from, to, $"{transit.Length} B", TimeSpan.FromMicroseconds(transit.ArrivesAt))
            : new TimelineEntry(at, TimelineKind.DatagramLost, from, to, $"{transit.Length} B {transit.Fate}"));
    }

    private void Add(in TimelineEntry entry) => _ring[_count++ % Capacity] = entry;
}
