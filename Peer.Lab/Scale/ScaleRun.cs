using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace Peer.Lab.Scale;

/// <summary>How the experiment goes: nodes, rooms, players, talk, and a node that leaves, each with what it costs.</summary>
internal sealed class ScaleRun(ScalePlan plan, Action<string> progress, CancellationToken cancellation) : IDisposable
{
    public const string NodeName = "scale-node";
    public const string CrowdName = "scale-crowd";

    private const int PlayersOfCrowd = 2_500;

    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(250);

    private readonly List<ScaleProcess> _nodes = [];
    private readonly List<ScaleProcess> _crowds = [];
    private readonly List<string> _doors = [];

    public ScaleReport Run()
    {
        var report = new ScaleReport(plan.Nodes, plan.Rooms, plan.Players, plan.Rate);
        StartNodes();
        OpenRooms(report);
        if (plan.Players > 0)
        {
            JoinPlayers(report);
            Talk(report);
        }

        if (plan.Nodes > 1)
            Drain(report);
        Look(report);
        return report;
    }

    public void Dispose()
    {
        foreach (var crowd in _crowds)
            crowd.Dispose();
        foreach (var node in _nodes)
            node.Dispose();
    }

    private void StartNodes()
    {
        var key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        var seed = "-";
        for (var i = 0; i < plan.Nodes; i++)
        {
            progress($"node {i + 1} of {plan.Nodes} starts");
            var node = new ScaleProcess(NodeName, seed, key);
            _nodes.Add(node);
            var ready = node.Await<ScaleLine.Ready>(Long, cancellation);
            seed = i == 0 ? ready.Address : seed;
            _doors.Add(ready.Door);
        }
    }

    private void OpenRooms(ScaleReport report)
    {
        // The first ones compile what all use, and deal the shards out.
        var first = Math.Min(plan.Rooms, 200 * plan.Nodes);
        Open(0, first);
        Pause("rests");
        var before = Samples(_nodes);
        progress($"{plan.Rooms} rooms open");
        var watch = Stopwatch.StartNew();
        Open(first, plan.Rooms);
        report.OpenSeconds = watch.Elapsed.TotalSeconds;
        var opened = Samples(_nodes);
        report.RoomsOfNodes = [.. opened.Select(sample => sample.Rooms)];
        var more = plan.Rooms - first;
        report.OpenCpu = more == 0 ? 0 : Cpu(before, opened) * plan.Rooms / more;
        report.RoomHeap = Each(before, opened, sample => sample.Heap, more);
        report.RoomResident = Each(before, opened, sample => sample.Resident, more);
        report.RoomHandles = Each(before, opened, sample => sample.Handles, more);
        report.RoomIdleCpu = 1e6 * IdleCpu("rooms are idle") / plan.Rooms;
    }

    private void Open(int from, int to)
    {
        var asked = to > from;
        for (var i = 0; i < _nodes.Count && asked; i++)
            _nodes[i].Say(ScaleWord.Open, Text(from + ((to - from) * i / _nodes.Count)), Text(from + ((to - from) * (i + 1) / _nodes.Count)));
        var opened = asked ? _nodes.Sum(node => node.Await<ScaleLine.Done>(Long, cancellation).Count) : 0;
        if (opened != to - from)
            throw new ScaleFailure($"{to - from - opened} of {to - from} rooms did not open");
    }

    private void JoinPlayers(ScaleReport report)
    {
        var crowds = (plan.Players + PlayersOfCrowd - 1) / PlayersOfCrowd;
        for (var i = 0; i < crowds; i++)
        {
            var crowd = new ScaleProcess([CrowdName, Text(plan.PerRoom), .. _doors]);
            _crowds.Add(crowd);
            crowd.Await<ScaleLine.Ready>(Long, cancellation);
        }

        var first = Math.Min(plan.Players, 100 * crowds);
        Join(0, first);
        Pause("rests");
        var before = Samples(_nodes);
        var ownBefore = Samples(_crowds);
        progress($"{plan.Players} players join");
        var watch = Stopwatch.StartNew();
        Join(first, plan.Players);
        report.JoinSeconds = watch.Elapsed.TotalSeconds;
        var joined = Samples(_nodes);
        var more = plan.Players - first;
        report.JoinCpu = more == 0 ? 0 : Cpu(before, joined) * plan.Players / more;
        report.PlayerHeap = Each(before, joined, sample => sample.Heap, more);
        report.PlayerResident = Each(before, joined, sample => sample.Resident, more);
        report.PlayerHeapOwn = Each(ownBefore, Samples(_crowds), sample => sample.Heap, more);
        report.PlayerIdleCpu = (1e6 * IdleCpu("players are silent") - (report.RoomIdleCpu * plan.Rooms)) / plan.Players;
    }

    private void Join(int from, int to)
    {
        for (var i = 0; i < _crowds.Count && to > from; i++)
            _crowds[i].Say(ScaleWord.Join, Text(from + ((to - from) * i / _crowds.Count)), Text(from + ((to - from) * (i + 1) / _crowds.Count)));
        foreach (var crowd in to > from ? _crowds : [])
            crowd.Await<ScaleLine.Done>(Long, cancellation);
    }

    private void Talk(ScaleReport report)
    {
        foreach (var crowd in _crowds)
            crowd.Say(ScaleWord.Talk, plan.Rate.ToString(CultureInfo.InvariantCulture));
        Pause("players begin to talk");
        var before = Samples(_nodes);
        var heardBefore = Samples(_crowds).Sum(sample => sample.Heard);
        var watch = Stopwatch.StartNew();
        Pause("players talk");
        var cpu = Cpu(before, Samples(_nodes));
        var heard = Samples(_crowds).Sum(sample => sample.Heard) - heardBefore;
        report.Heard = heard / watch.Elapsed.TotalSeconds;
        report.HeardCpu = 1e6 * cpu / Math.Max(1, heard);
        foreach (var crowd in _crowds)
            crowd.Say(ScaleWord.Talk, "0");
    }

    private void Drain(ScaleReport report)
    {
        var leaver = _nodes[^1];
        report.DrainedRooms = leaver.Sample(cancellation).Rooms;
        progress($"a node leaves with {report.DrainedRooms} rooms");
        var watch = Stopwatch.StartNew();
        leaver.Say(ScaleWord.Leave);
        leaver.Await<ScaleLine.Done>(Long, cancellation);
        report.DrainSeconds = watch.Elapsed.TotalSeconds;
        leaver.Dispose();
        _nodes.Remove(leaver);
        Pause("rests");
    }

    /// <summary>Counts what there is at the end. A node says once in a while what it holds, so a count that is short gets time; one who was lost stays lost.</summary>
    private void Look(ScaleReport report)
    {
        var watch = Stopwatch.StartNew();
        do
        {
            var crowds = Samples(_crowds);
            report.RoomsAfter = Samples(_nodes).Sum(sample => sample.Rooms);
            report.PlayersAfter = crowds.Sum(sample => sample.Peers);
            report.Lost = crowds.Sum(sample => sample.Lost);
        }
        while (!report.Holds && report.Lost == 0 && watch.Elapsed < Settling && !cancellation.WaitHandle.WaitOne(BetweenLooks));
        cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>Processor seconds a second of all nodes while nothing happens.</summary>
    private double IdleCpu(string what)
    {
        var before = Samples(_nodes);
        var watch = Stopwatch.StartNew();
        Pause(what);
        return Cpu(before, Samples(_nodes)) / watch.Elapsed.TotalSeconds;
    }

    private void Pause(string what)
    {
        progress(what);
        cancellation.WaitHandle.WaitOne(plan.Phase);
        cancellation.ThrowIfCancellationRequested();
    }

    private ScaleLine.Sample[] Samples(List<ScaleProcess> processes) => [.. processes.Select(process => process.Sample(cancellation))];

    private static double Cpu(ScaleLine.Sample[] before, ScaleLine.Sample[] after) => after.Sum(sample => sample.Cpu) - before.Sum(sample => sample.Cpu);

    private static double Each(ScaleLine.Sample[] before, ScaleLine.Sample[] after, Func<ScaleLine.Sample, double> what, int number) =>
        number == 0 ? 0 : (after.Sum(what) - before.Sum(what)) / number;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>How large the experiment is.</summary>
internal sealed record ScalePlan(int Nodes, int Rooms, int Players, int PerRoom, double Rate, TimeSpan Phase);
