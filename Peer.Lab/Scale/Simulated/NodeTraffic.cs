using System.Diagnostics;
using Akka.Dispatch;
using Peer.TestKit;
using Peer.TestKit.Network;

namespace Peer.Lab.Scale.Simulated;

/// <summary>What passes a node's sockets, and how long its actors run in real time.</summary>
internal sealed class NodeTraffic
{
    public NodeTraffic(int number, SimulatedHost host)
    {
        Number = number;
        host.Meter = Run;
    }

    public int Number { get; }

    public long DatagramsIn { get; private set; }

    public long DatagramsOut { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>Real time of all turns of its actors.</summary>
    public TimeSpan Busy { get; private set; }

    public long Datagrams => DatagramsIn + DatagramsOut;

    public void Sent(int bytes)
    {
        DatagramsOut++;
        Bytes += bytes;
    }

    public void Received(int bytes)
    {
        DatagramsIn++;
        Bytes += bytes;
    }

    /// <summary>Counts the datagrams of all nodes.</summary>
    public static void Watch(SimulatedNetwork network, IReadOnlyList<SimulatedNode> nodes)
    {
        var byAddress = nodes.ToDictionary(node => node.Host.Address, node => node.Traffic);
        network.Carried += transit =>
        {
            // A probe that is too large for the way is refused by a real system's own kernel.
            if (transit.Fate != Fate.TooLarge && byAddress.TryGetValue(transit.From.Address, out var node))
                node.Sent(transit.Length);
        };
        network.Landed += transit =>
        {
            if (transit.Fate == Fate.Arrived && byAddress.TryGetValue(transit.To.Address, out var node))
                node.Received(transit.Length);
        };
    }

    private void Run(IRunnable turn)
    {
        var began = Stopwatch.GetTimestamp();
        turn.Run();
        Busy += Stopwatch.GetElapsedTime(began);
    }
}
