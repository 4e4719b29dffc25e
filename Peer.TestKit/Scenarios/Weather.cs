using Peer.Protocol;
using Peer.TestKit.Network;

namespace Peer.TestKit.Scenarios;

/// <summary>What faults do to links, and which losses they excuse.</summary>
internal sealed partial class Weather(Scenario scenario, Simulation simulation, Func<string, TimeSpan> upFor) : ICauses
{
    /// <summary>A storm from here on may keep a connection silent.</summary>
    private const double SilencingLoss = 0.45;

    /// <summary>A storm from here on may keep an attempt from succeeding.</summary>
    private const double HinderingLoss = 0.2;

    /// <summary>Connections give up after 10 s of silence, of which the network has to have caused this much: the rest may be a ping's interval and bad luck.</summary>
    private static readonly TimeSpan SilenceThatExcuses = TimeSpan.FromSeconds(6);

    private static readonly TimeSpan SilenceWindow = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan HindranceThatExcuses = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AttemptWindow = TimeSpan.FromSeconds(6);

    private readonly List<Fault> _active = [];

    /// <summary>Sets all links as they are without faults.</summary>
    public void Begin()
    {
        foreach (var (from, to) in Links())
            Set(from, to);
    }

    public void Begin(Fault fault)
    {
        _active.Add(fault);
        Update(fault);
    }

    public void End(Fault fault)
    {
        _active.Remove(fault);
        Update(fault);
    }

    public bool MayTimeOut(string one, string other, TimeSpan since) => SpeaksENet(one) || SpeaksENet(other)
        ? MayFallSilent(one, other, since)
        : Covered(one, other, since - SilenceWindow - scenario.Grace, fault => Silences(fault.Kind) && (fault.Kind != FaultKind.LossStorm || fault.Severity >= SilencingLoss)) >= SilenceThatExcuses;

    public bool MayFail(string host, DisconnectReason reason, TimeSpan since)
    {
        var server = scenario.Peers[0].Name;

        if (upFor(server) < simulation.Time.Elapsed - since + AttemptWindow)
            return reason is DisconnectReason.NoAnswer or DisconnectReason.ShuttingDown;
        return reason == DisconnectReason.NoAnswer
            && (SpeaksENet(host) && IsLossy(host) || Covered(host, server, since - AttemptWindow, fault => Silences(fault.Kind) && (fault.Kind != FaultKind.LossStorm || fault.Severity >= HinderingLoss)) >= HindranceThatExcuses);
    }

    /// <summary>How much of the time from a moment to now some silencing fault lay on the way between two hosts.</summary>
    private TimeSpan Covered(string one, string other, TimeSpan from, Func<Fault, bool> counts)
    {
        var now = simulation.Time.Elapsed;
        var sum = TimeSpan.Zero;
        foreach (var fault in scenario.Faults)
        {
            if (!counts(fault) || !(Touches(fault, one, other) || (OwnsHost(fault.Kind) && (fault.Host == one || fault.Host == other))))
                continue;
            var begin = fault.At > from ? fault.At : from;
            var end = fault.End < now ? fault.End : now;
            if (end <= begin)
                continue;
            sum += end - begin;
            from = end;
        }

        return sum;
    }

    private void Update(Fault fault)
    {
        foreach (var (from, to) in Links())
        {
            if (Touches(fault, from.Name, to.Name))
                Set(from.Name, to.Name);
        }
    }

    private void Set(PeerPlan from, PeerPlan to) => Set(from.Name, to.Name);

    private void Set(string from, string to)
    {
        var conditions = Fair(from, to);
        foreach (var fault in _active)
        {
            if (Touches(fault, from, to))
                conditions = Under(fault, conditions, from);
        }

        simulation.Network.Set(simulation.Host(from), simulation.Host(to), conditions);
    }

    private LinkConditions Fair(string from, string to)
    {
        var sender = scenario.Peers.First(peer => peer.Name == from);
        return scenario.Topology == Topology.Star && sender == scenario.Peers[0] ? scenario.Peers.First(peer => peer.Name == to).Down : sender.Up;
    }

    private static LinkConditions Under(Fault fault, LinkConditions conditions, string from) => fault.Kind switch
    {
        FaultKind.Partition => conditions with { IsDown = true },
        FaultKind.DeafPartition when fault.Host != from => conditions with { IsDown = true },
        FaultKind.MutePartition when fault.Host == from => conditions with { IsDown = true },
        FaultKind.LossStorm => conditions with { Loss = Math.Max(conditions.Loss, fault.Severity) },
        FaultKind.MtuDrop => conditions with { Mtu = Math.Min(conditions.Mtu, (int)fault.Severity) },
        FaultKind.SlowDown => Slow(conditions, (long)fault.Severity),
        _ => conditions,
    };

    /// <summary>A slower link holds no more than a second's worth.</summary>
    private static LinkConditions Slow(LinkConditions conditions, long bandwidth) => conditions with
    {
        Bandwidth = conditions.Bandwidth == 0 ? bandwidth : Math.Min(conditions.Bandwidth, bandwidth),
        QueueBytes = (int)Math.Min(conditions.QueueBytes, bandwidth),
    };

    private IEnumerable<(PeerPlan From, PeerPlan To)> Links()
    {
        foreach (var from in scenario.Peers)
        {
            foreach (var to in scenario.Peers)
            {
                if (from != to && (scenario.Topology == Topology.Mesh || from == scenario.Peers[0] || to == scenario.Peers[0]))
                    yield return (from, to);
            }
        }
    }

    private static bool Touches(Fault fault, string one, string other) =>
        fault.Other is null ? fault.Host == one || fault.Host == other : (fault.Host == one && fault.Other == other) || (fault.Host == other && fault.Other == one);

    private static bool Silences(FaultKind kind) => OwnsHost(kind)
        || kind is FaultKind.LossStorm or FaultKind.Partition or FaultKind.DeafPartition or FaultKind.MutePartition;

    private static bool OwnsHost(FaultKind kind) => kind is FaultKind.Freeze or FaultKind.Crash;
}
