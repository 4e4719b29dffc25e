using System.Diagnostics;
using Peer.Actors.Telemetry;
using Peer.TestKit;

namespace Peer.Lab.Scale.Simulated;

/// <summary>Measures a phase: processor time and virtual time as a whole, and the busiest virtual second in it.</summary>
internal sealed class PhaseWatch
{
    private readonly Simulation _simulation;
    private readonly IReadOnlyList<SimulatedNode> _nodes;
    private readonly RoomLedger _ledger;
    private readonly string _application;
    private readonly Reading _began;
    private Reading _last;
    private bool _isOver;

    public PhaseWatch(Simulation simulation, IReadOnlyList<SimulatedNode> nodes, RoomLedger ledger, string application)
    {
        _simulation = simulation;
        _nodes = nodes;
        _ledger = ledger;
        _application = application;
        _began = _last = Read();
        simulation.Every(TimeSpan.FromSeconds(1), Second);
    }

    /// <summary>The busiest virtual second so far.</summary>
    public BusiestSecond Peak { get; private set; } = new();

    public PhaseCost End()
    {
        Second();
        _isOver = true;
        var now = Read();
        var wall = (now.Wall - _began.Wall).TotalSeconds;
        var cpu = (now.Cpu - _began.Cpu).TotalSeconds;
        var busy = now.Busy.Zip(_began.Busy, (after, before) => (after - before).TotalSeconds).Sum();
        return new PhaseCost
        {
            VirtualSeconds = (now.Virtual - _began.Virtual).TotalSeconds,
            RealSeconds = wall,
            Cpu = cpu,
            NodesCpu = wall <= 0 ? 0 : cpu * busy / wall,
            Delivered = now.Delivered - _began.Delivered,
            Datagrams = now.Datagrams.Sum() - _began.Datagrams.Sum(),
            Bytes = now.Bytes.Sum() - _began.Bytes.Sum(),
            Busiest = Peak,
        };
    }

    private bool Second()
    {
        if (_isOver)
            return false;
        var now = Read();

        // Others may have the processor meanwhile: the share that is this process's own is the nodes' too.
        var wall = (now.Wall - _last.Wall).TotalSeconds;
        var share = wall <= 0 ? 0 : Math.Min(1, (now.Cpu - _last.Cpu).TotalSeconds / wall);
        Peak = new BusiestSecond
        {
            Datagrams = Math.Max(Peak.Datagrams, now.Datagrams.Zip(_last.Datagrams, (after, before) => after - before).Max()),
            Bytes = Math.Max(Peak.Bytes, now.Bytes.Zip(_last.Bytes, (after, before) => after - before).Max()),
            NodeCpu = Math.Max(Peak.NodeCpu, share * now.Busy.Zip(_last.Busy, (after, before) => (after - before).TotalSeconds).Max()),
            Arrivals = Math.Max(Peak.Arrivals, now.Arrivals - _last.Arrivals),
        };
        _last = now;
        return true;
    }

    private Reading Read()
    {
        var totals = PeerTelemetry.Totals(_application);
        using var self = Process.GetCurrentProcess();
        return new Reading(
            _simulation.Time.Elapsed,
            Stopwatch.GetElapsedTime(0),
            self.TotalProcessorTime,
            [.. _nodes.Select(node => node.Traffic.Busy)],
            [.. _nodes.Select(node => node.Traffic.Datagrams)],
            [.. _nodes.Select(node => node.Traffic.Bytes)],
            _ledger.Delivered,
            Arrivals(totals));
    }

    /// <summary>Connections opened and resumed, at either end; each has two.</summary>
    private static long Arrivals(PeerTotals totals) => (totals.Opened + totals.Resumptions) / 2;

    private sealed record Reading(TimeSpan Virtual, TimeSpan Wall, TimeSpan Cpu, TimeSpan[] Busy, long[] Datagrams, long[] Bytes, long Delivered, long Arrivals);
}

/// <summary>What a phase cost.</summary>
internal sealed record PhaseCost
{
    public double VirtualSeconds { get; init; }

    public double RealSeconds { get; init; }

    /// <summary>Processor seconds of everything: nodes, players, the network between them and the books.</summary>
    public double Cpu { get; init; }

    /// <summary>Of these, those in which the actors of nodes ran.</summary>
    public double NodesCpu { get; init; }

    /// <summary>Messages that listeners heard.</summary>
    public long Delivered { get; init; }

    /// <summary>Datagrams and bytes in and out of all nodes.</summary>
    public long Datagrams { get; init; }

    public long Bytes { get; init; }

    public BusiestSecond Busiest { get; init; } = new();
}

/// <summary>The most in a virtual second, each figure by itself.</summary>
internal sealed record BusiestSecond
{
    /// <summary>In and out of one node.</summary>
    public long Datagrams { get; init; }

    public long Bytes { get; init; }

    /// <summary>Processor seconds of one node.</summary>
    public double NodeCpu { get; init; }

    /// <summary>Connections that were opened or came back, on all nodes together.</summary>
    public long Arrivals { get; init; }
}
