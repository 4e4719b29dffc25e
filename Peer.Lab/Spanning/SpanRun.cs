using System.Globalization;

namespace Peer.Lab.Spanning;

/// <summary>What one arrangement of nodes cost.</summary>
/// <param name="What">The arrangement.</param>
/// <param name="Delivered">Messages that players heard in the measured time.</param>
/// <param name="NodeMicroseconds">Processor time of all nodes for each of them.</param>
/// <param name="AllMicroseconds">That of the players' process added.</param>
internal sealed record SpanCost(string What, long Delivered, double NodeMicroseconds, double AllMicroseconds);

/// <summary>Rooms on one node and on three, measured one after the other under the same traffic.</summary>
internal sealed class SpanRun(int players, int rate, TimeSpan warmUp, TimeSpan measured, TextWriter progress)
{
    private const int Nodes = 3;

    /// <summary>Three rooms on one node, and one on each of three.</summary>
    public (SpanCost One, SpanCost Three) Local()
    {
        SpanCost one;
        using (var all = new SpanChild(SpanNode.Name, "none", "none", Text(Nodes)))
            one = Measure("three rooms on one node", [all], [.. all.Up[2..]], players / Nodes);
        using var first = new SpanChild(SpanNode.Name, "none", "none", "1");
        using var second = new SpanChild(SpanNode.Name, first.Up[0], "none", "1");
        using var third = new SpanChild(SpanNode.Name, first.Up[0], "none", "1");
        return (one, Measure("one room on each of three nodes", [first, second, third], [first.Up[2], second.Up[2], third.Up[2]], players / Nodes));
    }

    /// <summary>One room on one node, and the same room on three.</summary>
    public (SpanCost One, SpanCost Three) Spanning()
    {
        SpanCost one;
        using (var all = new SpanChild(SpanNode.Name, "none", "none", "1"))
            one = Measure("a room on one node", [all], [all.Up[2]], players);
        using var home = new SpanChild(SpanNode.Name, "none", "none", "1");
        using var second = new SpanChild(SpanNode.Name, home.Up[0], home.Up[1], "1");
        using var third = new SpanChild(SpanNode.Name, home.Up[0], home.Up[1], "1");
        return (one, Measure("the same room on three nodes", [home, second, third], [home.Up[2], second.Up[2], third.Up[2]], players / Nodes));
    }

    private SpanCost Measure(string what, SpanChild[] nodes, string[] ports, int perPort)
    {
        progress.WriteLine(what);
        using var clients = new SpanChild([SpanClients.Name, Text(perPort), Text(rate), .. ports]);
        Thread.Sleep(warmUp);
        var (nodesBefore, clientsBefore) = (nodes.Sum(node => node.Usage()[0]), clients.Usage());
        Thread.Sleep(measured);
        var (nodesAfter, clientsAfter) = (nodes.Sum(node => node.Usage()[0]), clients.Usage());
        var delivered = Math.Max(1, clientsAfter[1] - clientsBefore[1]);
        var used = nodesAfter - nodesBefore;
        return new SpanCost(what, delivered, (double)used / delivered, (double)(used + clientsAfter[0] - clientsBefore[0]) / delivered);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
