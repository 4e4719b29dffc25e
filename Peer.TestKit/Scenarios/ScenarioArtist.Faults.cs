namespace Peer.TestKit.Scenarios;

/// <summary>Draws what goes wrong.</summary>
internal sealed partial class ScenarioArtist
{
    private static readonly FaultKind[] OfClients =
    [
        FaultKind.LossStorm, FaultKind.LossStorm, FaultKind.Partition, FaultKind.Partition, FaultKind.DeafPartition, FaultKind.MutePartition, FaultKind.MtuDrop,
        FaultKind.SlowDown, FaultKind.Stall, FaultKind.Freeze, FaultKind.Crash, FaultKind.Rebind, FaultKind.Rebind, FaultKind.Leave, FaultKind.Leave, FaultKind.Kick,
    ];

    private static readonly FaultKind[] OfServers =
    [
        FaultKind.LossStorm, FaultKind.Partition, FaultKind.DeafPartition, FaultKind.MutePartition, FaultKind.MtuDrop, FaultKind.Stall, FaultKind.Freeze, FaultKind.Crash,
        FaultKind.Leave,
    ];

    private static readonly FaultKind[] OfMeshPeers =
    [
        FaultKind.LossStorm, FaultKind.Partition, FaultKind.Partition, FaultKind.DeafPartition, FaultKind.MutePartition, FaultKind.MtuDrop, FaultKind.SlowDown,
        FaultKind.Stall, FaultKind.Freeze, FaultKind.Crash, FaultKind.Leave,
    ];

    private List<Fault> DrawFaults(Topology topology, List<PeerPlan> peers, TimeSpan end)
    {
        var faults = new List<Fault>();
        if (_random.Chance(0.05))
            return faults;
        var meanGap = 2.0 + (_random.Fraction() * _random.Fraction() * 40);
        for (var at = Seconds(2, 8); at < end; at += Seconds(0.1, 2 * meanGap))
        {
            var index = topology == Topology.Star && _random.Chance(0.12) ? 0 : Between(topology == Topology.Star ? 1 : 0, peers.Count - 1);
            var kinds = topology == Topology.Mesh ? OfMeshPeers : index == 0 ? OfServers : OfClients;
            var kind = kinds[_random.Below(kinds.Length)];
            var duration = DrawDuration(kind);
            if (at + duration > end)
                duration = end - at;
            var name = peers[index].Name;
            if (OwnsHost(kind) && faults.Exists(other => other.Host == name && OwnsHost(other.Kind) && other.End + TimeSpan.FromSeconds(1) > at))
                continue;
            var other = topology == Topology.Mesh && !OwnsHost(kind) && _random.Chance(0.6) ? peers[(index + Between(1, peers.Count - 1)) % peers.Count].Name : null;
            faults.Add(new Fault(kind, at, duration, name, other, DrawSeverity(kind)));
        }

        return faults;
    }

    /// <summary>Most are over before a connection gives up, some last until both ends have, few are in between.</summary>
    private TimeSpan DrawDuration(FaultKind kind)
    {
        if (kind is FaultKind.Rebind or FaultKind.Kick)
            return TimeSpan.Zero;
        if (kind is FaultKind.MtuDrop or FaultKind.SlowDown or FaultKind.LossStorm)
            return Seconds(0.5, 20);
        return Between(0, 19) switch
        {
            < 8 => Seconds(0.05, 1),
            < 14 => Seconds(1, 4),
            < 16 => Seconds(4, 11),
            _ => Seconds(11, 22),
        };
    }

    private double DrawSeverity(FaultKind kind) => kind switch
    {
        FaultKind.LossStorm => 0.1 + (0.8 * _random.Fraction()),
        FaultKind.MtuDrop => 1200 + _random.Below(200),
        FaultKind.SlowDown => 40_000 + _random.Below(160_000),
        FaultKind.Kick => _random.Below(2),
        _ => 0,
    };

    /// <summary>Faults of a program, of which one at a time is enough.</summary>
    private static bool OwnsHost(FaultKind kind) => kind is FaultKind.Stall or FaultKind.Freeze or FaultKind.Crash or FaultKind.Leave;
}
