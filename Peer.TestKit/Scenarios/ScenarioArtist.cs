using Peer.Protocol;
using Peer.TestKit.Network;

namespace Peer.TestKit.Scenarios;

/// <summary>Draws scenarios: everything follows from the seed, and what is drawn can be carried, so that each law must hold in the end.</summary>
internal sealed partial class ScenarioArtist
{
    /// <summary>From the last fault to the end of the traffic: time-outs run out, everybody comes back, and talks.</summary>
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(17);

    /// <summary>From the end of the traffic to the end: what is on its way arrives.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(8);

    /// <summary>With the idle time-out before it shorter than the recovery; and longer than some outages.</summary>
    private static readonly TimeSpan LongestGrace = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(40);

    private readonly SeededSource _random;
    private readonly ulong _seed;
    private readonly TimeSpan _length;

    public ScenarioArtist(ulong seed, TimeSpan length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, Shortest);
        _seed = seed;
        _length = length;
        _random = new SeededSource(seed ^ SeededSource.Hash("scenario"));
    }

    public Scenario Draw()
    {
        var topology = _random.Chance(0.15) ? Topology.Mesh : Topology.Star;
        var count = topology == Topology.Mesh ? Between(3, 5) : Between(0, 3) == 0 ? Between(9, 16) : Between(3, 8);
        var faultsEnd = _length - Recovery - Settling;
        var relay = topology == Topology.Mesh || _random.Chance(0.9);
        var clean = _random.Chance(0.1);
        var peers = new List<PeerPlan>();
        for (var i = 0; i < count; i++)
            peers.Add(DrawPeer(i, topology, count, relay, clean));
        if (topology == Topology.Star)
            DrawENet(peers);
        return new Scenario
        {
            Seed = _seed,
            Length = _length,
            Topology = topology,
            Relay = relay,
            Grace = DrawGrace(topology),
            Peers = peers,
            Faults = DrawFaults(topology, peers, faultsEnd),
            FaultsEnd = faultsEnd,
            TrafficEnd = _length - Settling,
        };
    }

    /// <summary>From a source of its own, so that all else stays as it was drawn without it.</summary>
    private TimeSpan DrawGrace(Topology topology) =>
        topology == Topology.Star && new SeededSource(_seed ^ SeededSource.Hash("grace")).Chance(0.75) ? LongestGrace : TimeSpan.Zero;

    private PeerPlan DrawPeer(int index, Topology topology, int count, bool relay, bool clean)
    {
        var isServer = topology == Topology.Star && index == 0;
        var up = DrawLink(clean);
        return new PeerPlan
        {
            Name = topology == Topology.Mesh ? $"mesh{index + 1}" : isServer ? "server" : $"client{index}",
            JoinsAt = isServer ? TimeSpan.Zero : _random.Chance(0.8) ? Seconds(0.01, 3) : Seconds(3, _length.TotalSeconds / 4),
            PollEvery = TimeSpan.FromMilliseconds(Between(16, 50)),
            Up = up,
            Down = _random.Chance(0.7) ? up : DrawLink(clean),
            Flows = DrawFlows(isServer, topology, count, relay),
        };
    }

    private LinkConditions DrawLink(bool clean)
    {
        var kind = clean ? 0 : Between(0, 9);
        var latency = kind < 2 ? Seconds(0.0002, 0.002) : kind < 8 ? Seconds(0.005, 0.08) : Seconds(0.08, 0.25);
        if (clean)
            return new LinkConditions { Latency = latency };
        return new LinkConditions
        {
            Latency = latency,
            Jitter = _random.Chance(0.5) ? latency * (_random.Fraction() * 0.6) : TimeSpan.Zero,
            Loss = _random.Chance(0.5) ? _random.Fraction() * _random.Fraction() * 0.12 : 0,
            BurstBegins = _random.Chance(0.2) ? 0.001 + (_random.Fraction() * 0.01) : 0,
            BurstEnds = 0.4 + (_random.Fraction() * 0.3),
            BurstLoss = 0.5 + (_random.Fraction() * 0.3),
            Duplication = _random.Chance(0.25) ? _random.Fraction() * 0.1 : 0,
            Reordering = _random.Chance(0.25) ? _random.Fraction() * 0.1 : 0,
            ReorderDelay = Seconds(0.002, 0.06),
            Corruption = _random.Chance(0.2) ? _random.Fraction() * 0.03 : 0,
            Bandwidth = _random.Chance(0.25) ? Between(300, 2000) * 1000 : 0,
            QueueBytes = Between(64, 256) << 10,
            Mtu = Between(0, 4) switch { 0 => 1200, 1 => 1392, 2 => 1452, 3 => 1472, _ => 65_507 },
        };
    }

    /// <summary>What is sent is shared out among all, by how many hear it: a crowd talks less each.</summary>
    private List<Flow> DrawFlows(bool isServer, Topology topology, int count, bool relay)
    {
        var flows = new List<Flow>();
        var deliveries = (isServer ? 6.0 : 3.0 + (20.0 / count)) * (0.3 + _random.Fraction());
        for (var left = Between(1, 4); left > 0; left--)
        {
            var target = Between(0, 9) switch
            {
                < 3 => FlowTarget.All,
                < 6 => isServer || topology == Topology.Mesh ? FlowTarget.One : FlowTarget.Server,
                < 8 => FlowTarget.One,
                _ => FlowTarget.AllButOne,
            };
            var fanOut = target is FlowTarget.All or FlowTarget.AllButOne && (isServer || relay) ? count - 1 : 1;
            var large = _random.Chance(0.06);
            var burst = large ? 1 : Between(0, 2) == 0 ? 1 : Between(2, 12);
            var every = burst * fanOut / deliveries;
            flows.Add(new Flow
            {
                Channel = Between(0, 3) == 0 ? Between(0, 254) : Between(0, 2),
                Mode = (TransferMode)(Between(0, 4) switch { 0 => 0, 1 => 1, _ => 2 }),
                Target = target,
                Burst = burst,
                Every = TimeSpan.FromSeconds(large ? Math.Max(8 + (fanOut * 4), every) : Math.Clamp(every, 0.05, 20)),
                MinBytes = Payload.Smallest,
                MaxBytes = large ? 100_000 : Between(0, 3) switch { 0 => 1500, 1 => 400, _ => 64 },
                Busy = Seconds(2, 20),
                Quiet = _random.Chance(0.7) ? Seconds(2, 40) : TimeSpan.Zero,
            });
        }

        return flows;
    }

    /// <summary>A whole number, both ends included.</summary>
    private int Between(int least, int most) => least + _random.Below(most - least + 1);

    private TimeSpan Seconds(double least, double most) => TimeSpan.FromMicroseconds(Math.Round((least + (_random.Fraction() * (most - least))) * 1e6));
}
