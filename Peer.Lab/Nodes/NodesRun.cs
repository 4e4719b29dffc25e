using System.Diagnostics;
using System.Globalization;

namespace Peer.Lab.Nodes;

/// <summary>Three nodes, bots in rooms; one node is drained, one is killed, both come again; what bots wrote down meanwhile is the evidence.</summary>
internal sealed class NodesRun(NodesPlan plan, TextWriter progress) : IDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan AfterKill = TimeSpan.FromSeconds(11);
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ListPatience = TimeSpan.FromSeconds(60);

    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly Dictionary<NodePlan, NodesProcess> _nodes = [];
    private readonly List<NodesProcess> _bots = [];
    private readonly NodesEvidence _evidence = new();

    /// <summary>Plays; throws what a process should have done and did not.</summary>
    public NodesEvidence Run()
    {
        var (second, third) = (plan.Nodes[1], plan.Nodes[2]);
        foreach (var node in plan.Nodes)
            Start(node);
        foreach (var node in plan.Nodes)
            AwaitReady(node);
        Tell("three nodes are ready");

        for (var process = 0; process < NodesPlan.BotProcesses; process++)
            _bots.Add(new NodesProcess($"bots{process + 1}", plan.ArgumentsOf(process), plan.Folder));
        var each = plan.Bots / NodesPlan.BotProcesses;
        Await(() => _bots.TrueForAll(bots => bots.Said($"talking: {each} of {each} bots in") is not null), StartPatience, "all bots are in");
        Tell($"{plan.Bots} bots are in {plan.Rooms} rooms");

        // A bot counts itself in when it is welcomed; the others hear of it a moment later.
        Pause(TimeSpan.FromSeconds(plan.Pause) * plan.Patience);
        _evidence.AllIn = UnixMs;

        _evidence.RoomsOfDrained = RoomsOf(second);
        _evidence.DrainBegan = UnixMs;
        _nodes[second].AskToEnd();
        Await(() => _nodes[second].HasExited, EndPatience, "the drained node ends");
        _evidence.DrainEnded = UnixMs;
        _evidence.DrainExit = _nodes[second].ExitCode;
        Tell($"{second.Name} has been drained of {_evidence.RoomsOfDrained.Count} rooms in {(_evidence.DrainEnded - _evidence.DrainBegan) / 1000.0:0.0} s, exit code {_evidence.DrainExit}");
        Pause();
        Start(second);
        AwaitReady(second);
        Tell($"{second.Name} is back");
        Pause();

        _evidence.RoomsOfKilled = RoomsOf(third);
        _evidence.Killed = UnixMs;
        _nodes[third].Kill();
        Tell($"{third.Name} has been killed, with {_evidence.RoomsOfKilled.Count} rooms");
        Pause(AfterKill * plan.Patience);
        Start(third);
        AwaitReady(third);
        Tell($"{third.Name} is back");
        Pause();

        _evidence.StopAsked = UnixMs;
        foreach (var bots in _bots)
            bots.AskToEnd();
        Await(() => _bots.TrueForAll(bots => bots.HasExited), EndPatience, "all bots hand in their books");
        Tell("the books are in");
        foreach (var node in plan.Nodes)
        {
            _nodes[node].AskToEnd();
            Await(() => _nodes[node].HasExited, EndPatience, $"{node.Name} ends");
        }

        Tell("all nodes have ended");
        _evidence.LastExits = [.. plan.Nodes.Select(node => _nodes[node].ExitCode)];
        _evidence.Seconds = _watch.Elapsed.TotalSeconds;
        return _evidence;
    }

    /// <summary>What every process printed last.</summary>
    public string Tails => string.Join('\n', _nodes.Values.Concat(_bots).Select(process => process.Tail));

    public void Dispose()
    {
        foreach (var process in _bots.Concat(_nodes.Values))
            process.Dispose();
        _http.Dispose();
    }

    private static long UnixMs => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    private void Start(NodePlan node)
    {
        if (_nodes.Remove(node, out var before))
            before.Dispose();
        _nodes[node] = new NodesProcess(node.Name, plan.ArgumentsOf(node), plan.Folder);
    }

    private void AwaitReady(NodePlan node) => Await(() => Get(node, "health/ready") is not null, StartPatience, $"{node.Name} is ready");

    /// <summary>Rooms that this node has, by its own word; one that is too busy for an answer is asked again.</summary>
    private string[] RoomsOf(NodePlan node)
    {
        string[] rooms = [];
        Await(() => (rooms = ListedBy(node)).Length > 0, ListPatience, $"{node.Name} lists rooms of its own");
        return rooms;
    }

    private string[] ListedBy(NodePlan node) => Get(node, "api/status") is { } status
        ? [.. RoomOnNode.Read(status).Where(room => room.Node.EndsWith($":{node.ClusterPort}", StringComparison.Ordinal)).Select(room => room.Name)]
        : [];

    private string? Get(NodePlan node, string path)
    {
        if (_nodes[node].HasExited)
            throw new InvalidOperationException($"{node.Name} ended with exit code {_nodes[node].ExitCode}");
        try
        {
            return _http.GetStringAsync($"http://127.0.0.1:{node.HttpPort.ToString(CultureInfo.InvariantCulture)}/{path}").GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }

    private void Pause() => Pause(TimeSpan.FromSeconds(plan.Pause));

    private static void Pause(TimeSpan time) => Thread.Sleep(time);

    private void Await(Func<bool> condition, TimeSpan patience, string what)
    {
        var until = _watch.Elapsed + patience;
        while (!condition())
        {
            if (_watch.Elapsed > until)
                throw new TimeoutException($"did not happen within {patience.TotalSeconds:0} s: {what}");
            Thread.Sleep(Step);
        }
    }

    private void Tell(string what) => progress.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_watch.Elapsed.TotalSeconds,5:0.0} s  {what}"));
}
