using System.Diagnostics;
using System.Globalization;
using Akka.Configuration;
using Peer.TestKit;

namespace Peer.Lab.Scale.Simulated;

/// <summary>How the simulation goes: rooms open, bots join, are silent, talk; a node is drained and comes back empty; another one crashes.</summary>
internal sealed class SimulatedRun : IDisposable
{
    private static int _runs;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ScalePlan _plan;
    private readonly Action<string> _progress;
    private readonly CancellationToken _cancellation;
    private readonly Simulation _simulation;
    private readonly SimulatedCluster _cluster;
    private readonly RoomLedger _ledger;
    private readonly SimulatedCrowd _crowd;
    private readonly string _application;
    private readonly Stopwatch _watch = Stopwatch.StartNew();

    public SimulatedRun(ScalePlan plan, ulong seed, Action<string> progress, CancellationToken cancellation)
    {
        _plan = plan;
        _progress = progress;
        _cancellation = cancellation;
        _application = $"scale-{seed}-{Interlocked.Increment(ref _runs)}";
        _simulation = new Simulation(seed, ConfigurationFactory.ParseString($$"""
            akka { loglevel = ERROR, stdout-loglevel = OFF }
            actorpeer.application = "{{_application}}"
            actorpeer.resume.ticket-keys = ["AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="]
            """));
        _ledger = new RoomLedger(plan.Players, plan.PerRoom);
        _cluster = new SimulatedCluster(_simulation, plan, _ledger);
        NodeTraffic.Watch(_simulation.Network, _cluster.Nodes);
        _crowd = new SimulatedCrowd(_simulation, _cluster, _ledger);
    }

    public SimulatedReport Run()
    {
        var report = new SimulatedReport(_simulation.Seed, _plan.Nodes, _plan.Rooms, _plan.Players, _plan.Rate);
        foreach (var node in _cluster.Nodes)
            _cluster.Start(node);
        var rooms = Open(report);
        Join(report, rooms);
        report.Silence = Watch("everybody is silent", () => Pass(_plan.Phase));
        _crowd.BeginTalking(_plan.Rate);
        Pass(Second);
        report.Talk = Watch("everybody talks", () => Pass(_plan.Phase));
        report.Drain = Watch("a node is drained", () => Drain(report));
        Pass(_plan.Phase);
        report.Crash = Watch("a node crashes", () => Crash(report));
        Pass(_plan.Phase);
        _crowd.Talks = false;
        Settle();
        return Conclude(report);
    }

    public void Dispose() => _simulation.Dispose();

    private long Open(SimulatedReport report)
    {
        // The first ones compile what all use.
        var first = Math.Min(_plan.Rooms, Math.Max(10, _plan.Rooms / 50));
        Open(0, first);
        var before = Heap();
        report.Opening = Watch("rooms open", () => Open(first, _plan.Rooms));
        var after = Heap();
        report.RoomHeap = (double)(after - before) / Math.Max(1, _plan.Rooms - first);
        report.Opened = Shares();
        if (report.Opened.Rooms.Sum() != _plan.Rooms || _cluster.Nodes.Any(node => node.Rooms.Any(room => !room.IsServing)))
            _ledger.Complain("not all rooms have opened");
        return after;
    }

    private void Open(int from, int to)
    {
        var perTick = Math.Max(1, _plan.Rooms / 200);
        for (var room = from; room < to; room++)
        {
            _cluster.Find(_cluster.KeyOf(room));
            if (room % perTick == 0)
                Pass(Tick);
        }

        Pass(Second);
    }

    private void Join(SimulatedReport report, long before)
    {
        var perTick = Math.Max(1, _plan.Players / 1000);
        report.Joining = Watch("bots join", () =>
        {
            for (var bot = 0; bot < _plan.Players; bot++)
            {
                _crowd.Join(bot);
                if (bot % perTick == 0)
                    Pass(Tick);
            }

            if (!_simulation.RunUntil(() => _crowd.Census.IsComplete, 60 * Second))
                _ledger.Complain($"{_plan.Players - _crowd.Census.Joined} bots have not joined");
        });
        Pass(2 * Second);
        report.BotHeap = (double)(Heap() - before) / Math.Max(1, _plan.Players);
        report.Opened = Shares();
    }

    private void Drain(SimulatedReport report)
    {
        var leaver = _cluster.Nodes[^1];
        var began = _simulation.Time.Elapsed;
        report.DrainedRooms = leaver.Rooms.Count;
        _cluster.Drain(leaver);
        if (!_simulation.RunUntil(() => leaver.IsEmpty, 60 * Second))
            _ledger.Complain($"the node that is drained has {leaver.Rooms.Count} rooms left after a minute");
        report.DrainSeconds = (_simulation.Time.Elapsed - began).TotalSeconds;
        report.StateBytes = _cluster.HandedOver.DefaultIfEmpty().Average();
        leaver.Stop();
        _cluster.Forget(leaver);
        Pass(Second);
        report.Drained = Shares();
        leaver.Host.Restart();
        _cluster.Start(leaver);
    }

    private void Crash(SimulatedReport report)
    {
        // Not the first, which would have the coordinator, and not the one that is new and empty.
        var victim = _cluster.Nodes[1 % _cluster.Nodes.Count];
        (report.CrashedRooms, report.CrashedBots) = (victim.Rooms.Count, victim.Players);
        _crowd.Census.Returns.Clear();
        var began = _simulation.Time.Elapsed;
        var before = Heap();
        _cluster.Crash(victim);
        report.BotHeapOnNode = (before - Heap() - (report.RoomHeap * report.CrashedRooms)) / Math.Max(1, report.CrashedBots);
        if (!_simulation.RunUntil(() => _crowd.Census.Returns.Count >= report.CrashedBots || _crowd.Census.Lost > 0, 30 * Second))
            _ledger.Complain($"{report.CrashedBots - _crowd.Census.Returns.Count} bots are not back");
        report.Returned = _crowd.Census.Returns.Count;
        report.HalfReturned = ReturnAfter(began, (report.Returned - 1) / 2);
        report.AllReturned = ReturnAfter(began, report.Returned - 1);
        Pass(2 * Second);
        report.Crashed = Shares();
    }

    private double ReturnAfter(TimeSpan began, int place) => place < 0 ? 0 : (_crowd.Census.Returns[place] - began).TotalSeconds;

    /// <summary>Nobody says anything any more, and what is under way arrives.</summary>
    private void Settle()
    {
        Pass(2 * Second);
        for (var waited = 0; waited < 20 && !_ledger.IsEven; waited++)
            Pass(Second);
    }

    private SimulatedReport Conclude(SimulatedReport report)
    {
        report.Ledger = _ledger.Total();
        if (_crowd.Census.IsAway > 0)
            _ledger.Complain($"{_crowd.Census.IsAway} bots are away at the end");
        report.Complaints = _ledger.Complaints;
        report.Errors = _simulation.Errors.Count;
        report.VirtualSeconds = _simulation.Time.Elapsed.TotalSeconds;
        report.RealSeconds = _watch.Elapsed.TotalSeconds;
        report.Digest = string.Create(CultureInfo.InvariantCulture, $"{_simulation.TraceHash ^ SeededSource.Hash(report.Ledger.ToString()):x16}");
        return report;
    }

    private NodeShares Shares() => new([.. _cluster.Nodes.Select(node => node.Rooms.Count)], [.. _cluster.Nodes.Select(node => node.Players)]);

    private PhaseCost Watch(string what, Action phase)
    {
        _progress($"{what}, {_simulation.Time.Elapsed.TotalSeconds:0} virtual seconds, {_watch.Elapsed.TotalSeconds:0} s");
        var watch = new PhaseWatch(_simulation, _cluster.Nodes, _ledger, _application);
        phase();
        return watch.End();
    }

    private void Pass(TimeSpan time)
    {
        _cancellation.ThrowIfCancellationRequested();
        _simulation.RunFor(time);
    }

    private static long Heap()
    {
        // Twice: what has a finalizer is let go of only then.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
