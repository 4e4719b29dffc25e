using System.Globalization;
using Akka.Actor;
using Akka.Configuration;
using Peer.Actors;
using Peer.Cluster;
using Peer.Cluster.Doors;
using Peer.Cluster.Messages;
using Peer.Cluster.Rooms;

namespace Peer.Lab.Scale;

/// <summary><c>scale-node</c>: a node of a cluster whose rooms do nothing but relay.</summary>
internal sealed class ScaleNode : IDisposable
{
    private const int OpeningAtATime = 32;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ScaleChild _child = new();
    private readonly ActorSystem _system;

    public ScaleNode(string seed, string ticketKey)
    {
        _system = ActorSystem.Create("rooms", ConfigurationFactory.ParseString($$"""
            akka { loglevel = ERROR, stdout-loglevel = OFF, log-dead-letters = off, log-dead-letters-during-shutdown = off }
            akka.coordinated-shutdown { run-by-clr-shutdown-hook = off, exit-clr = off }
            akka.cluster.seed-nodes = [{{(seed == "-" ? "" : $"\"{seed}\"")}}]
            actorpeer {
              resume { grace = 30s, ticket-keys = ["{{ticketKey}}"] }
              # The first players come while everything is compiled; one who is refused ends the experiment.
              server { max-peers-per-prefix = 65536, admission-timeout = 10s }
              transport { receive-buffer = 64KiB, send-buffer = 64KiB }
              cluster { bind = "127.0.0.1", door.port = 0, door.timeout = 20s, rooms { max = 65536, empty-after = 1h } }
            }
            """).WithFallback(PeerCluster.DefaultConfig));
        var cluster = Akka.Cluster.Cluster.Get(_system);
        if (seed == "-")
            cluster.Join(cluster.SelfAddress);
    }

    public static string RoomOf(int number) => string.Create(CultureInfo.InvariantCulture, $"room-{number}");

    public int Run()
    {
        var cluster = PeerCluster.Get(_system);
        var door = cluster.StartAsync(RoomOptions.Of(static _ => new Silent())).GetAwaiter().GetResult();
        ScaleChild.Tell(new ScaleLine.Ready(Akka.Cluster.Cluster.Get(_system).SelfAddress.ToString(), door.ToString()));
        while (!_child.IsOver)
        {
            switch (_child.Next(Patience))
            {
                case [ScaleWord.Open, var from, var to]:
                    Open(cluster, int.Parse(from, CultureInfo.InvariantCulture), int.Parse(to, CultureInfo.InvariantCulture));
                    break;
                case [ScaleWord.Sample]:
                    var here = cluster.World.View.Nodes.GetValueOrDefault(Akka.Cluster.Cluster.Get(_system).SelfAddress);
                    _child.TellSample(here?.Rooms ?? 0, here?.Peers ?? 0);
                    break;
                case [ScaleWord.Leave]:
                    CoordinatedShutdown.Get(_system).Run(CoordinatedShutdown.ClrExitReason.Instance).GetAwaiter().GetResult();
                    ScaleChild.Tell(new ScaleLine.Done(1));
                    return ExitCode.Ok;
            }
        }

        return ExitCode.Ok;
    }

    public void Dispose()
    {
        _system.Dispose();
        _child.Dispose();
    }

    private static void Open(PeerCluster cluster, int from, int to)
    {
        var finder = new RoomFinder(cluster.World);
        var opened = 0;
        Parallel.ForEachAsync(
            Enumerable.Range(from, to - from),
            new ParallelOptions { MaxDegreeOfParallelism = OpeningAtATime },
            async (room, cancellation) =>
            {
                using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                patience.CancelAfter(Patience);
                if (await finder.AskAsync(RoomOf(room), patience.Token).ConfigureAwait(false) is RoomAt)
                    Interlocked.Increment(ref opened);
            }).GetAwaiter().GetResult();
        ScaleChild.Tell(new ScaleLine.Done(opened));
    }

    private sealed class Silent : Room;
}
