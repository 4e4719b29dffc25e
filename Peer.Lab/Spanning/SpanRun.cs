using System.Globalization;

namespace Peer.Lab.Spanning;

/// <summary>What an arrangement of nodes has used, and what its players have heard, in the times in which it was measured.</summary>
/// <param name="What">The arrangement.</param>
/// <param name="Delivered">Messages that players heard.</param>
/// <param name="NodesUsed">Processor time of all nodes, in microseconds.</param>
/// <param name="AllUsed">That of the players' process added.</param>
internal sealed record SpanCost(string What, long Delivered, long NodesUsed, long AllUsed)
{
    public double NodeMicroseconds => (double)NodesUsed / Math.Max(1, Delivered);

    public double AllMicroseconds => (double)AllUsed / Math.Max(1, Delivered);

    public static SpanCost operator +(SpanCost one, SpanCost other) =>
        new(one.What, one.Delivered + other.Delivered, one.NodesUsed + other.NodesUsed, one.AllUsed + other.AllUsed);
}

/// <summary>
/// Rooms on one node and on three, under the same traffic, which goes to one and to the others by turns: a machine's speed changes within minutes by more than what is to be measured.
/// </summary>
internal sealed class SpanRun(int players, int rate, string[] settings, TimeSpan warmUp, TimeSpan measured, int rounds, TextWriter progress)
{
    private const int Nodes = 3;

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(0.4);

    /// <summary>Three rooms on one node, and one on each of three. A cost of each for every round.</summary>
    public IReadOnlyList<(SpanCost One, SpanCost Three)> Local()
    {
        using var all = Node("none", "none", Nodes);
        using var first = Node("none", "none");
        using var second = Node(first.Up[0], "none");
        using var third = Node(first.Up[0], "none");
        using var one = new Arrangement("three rooms on one node", [all], Players(players / Nodes, all.Up[2..]));
        using var three = new Arrangement("one room on each of three nodes", [first, second, third], Players(players / Nodes, first.Up[2], second.Up[2], third.Up[2]));
        return Compare(one, three);
    }

    /// <summary>One room on one node, and the same room on three. A cost of each for every round.</summary>
    public IReadOnlyList<(SpanCost One, SpanCost Three)> Spanning()
    {
        using var all = Node("none", "none");
        using var home = Node("none", "none");
        using var second = Node(home.Up[0], home.Up[1]);
        using var third = Node(home.Up[0], home.Up[1]);
        using var one = new Arrangement("a room on one node", [all], Players(players, all.Up[2]));
        using var three = new Arrangement("the same room on three nodes", [home, second, third], Players(players / Nodes, home.Up[2], second.Up[2], third.Up[2]));
        return Compare(one, three);
    }

    private SpanChild Node(string seed, string home, int rooms = 1) => new([SpanNode.Name, seed, home, Text(rooms), .. settings]);

    private SpanChild Players(int perPort, params string[] ports) => new([SpanClients.Name, Text(perPort), Text(rate), .. ports]);

    private List<(SpanCost One, SpanCost Three)> Compare(Arrangement one, Arrangement three)
    {
        foreach (var arrangement in (Arrangement[])[one, three])
        {
            progress.WriteLine($"{arrangement.What}: warming up");
            arrangement.Talk();
            Thread.Sleep(warmUp);
            arrangement.Rest();
        }

        var costs = new List<(SpanCost, SpanCost)>();
        for (var round = 1; round <= rounds; round++)
        {
            // Each goes first in every other round, so that a machine that becomes slower or faster all along favours none.
            SpanCost first, then;
            if (round % 2 == 1)
                (first, then) = (Measure(one), Measure(three));
            else
                (then, first) = (Measure(three), Measure(one));
            progress.WriteLine(string.Create(CultureInfo.InvariantCulture, $"round {round} of {rounds}: {first.NodeMicroseconds:0.00} us and {then.NodeMicroseconds:0.00} us"));
            costs.Add((first, then));
        }

        return costs;
    }

    private SpanCost Measure(Arrangement arrangement)
    {
        arrangement.Talk();
        Thread.Sleep(Settling);
        var before = arrangement.Usage();
        Thread.Sleep(measured);
        var after = arrangement.Usage();
        arrangement.Rest();
        return new SpanCost(arrangement.What, after.Delivered - before.Delivered, after.NodesUsed - before.NodesUsed, after.AllUsed - before.AllUsed);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Nodes, and the players of their rooms; the nodes are somebody else's to end.</summary>
    private sealed class Arrangement(string what, SpanChild[] nodes, SpanChild players) : IDisposable
    {
        public string What => what;

        public void Talk() => players.Usage(SpanClients.Talk);

        public void Rest() => players.Usage(SpanClients.Rest);

        public (long Delivered, long NodesUsed, long AllUsed) Usage()
        {
            var (used, theirs) = (nodes.Sum(node => node.Usage()[0]), players.Usage());
            return (theirs[1], used, used + theirs[0]);
        }

        public void Dispose() => players.Dispose();
    }
}
