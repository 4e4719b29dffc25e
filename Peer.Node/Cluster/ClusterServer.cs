using System.CommandLine;
using Akka.Actor;
using Peer.Cluster;
using Peer.Cluster.Rooms;
using Peer.Node.Configuration;
using Peer.Node.Status;

namespace Peer.Node.Cluster;

/// <summary><c>serve --cluster</c>: a node with a door and rooms, until it is told to go; then its rooms go to other nodes first.</summary>
internal static class ClusterServer
{
    public static int Run(NodeOptions options, NodeHost host, ClusterNode node, Task told, InvocationConfiguration console)
    {
        var voice = new RoomVoice(console.Output, options.LogsJson, TimeProvider.System);
        var cluster = Akka.Cluster.Cluster.Get(host.System);
        try
        {
            var door = PeerCluster.Get(host.System).StartAsync(RoomOptions.Of(_ => new TextRoom(voice, options.Quiet))).GetAwaiter().GetResult();
            voice.Listening($"{door}", $"{cluster.SelfAddress.Host}:{cluster.SelfAddress.Port}", host.HttpAddress);
        }
        catch (IOException failure)
        {
            console.Error.WriteLine(failure.Message);
            return ExitCode.Failed;
        }

        cluster.RegisterOnMemberUp(() =>
        {
            if (node.State == NodeState.Starting)
                node.State = NodeState.Ready;
            voice.Up();
        });
        if (options.Seeds.Count == 0)
            cluster.Join(cluster.SelfAddress);
        else
            cluster.JoinSeedNodes(options.Seeds.Select(seed => Address.Parse($"akka.tcp://{host.System.Name}@{seed}")).ToArray());
        node.Watch(host.System);
        var ended = Task.WhenAny(told, host.System.WhenTerminated).GetAwaiter().GetResult();
        if (ended != told)
        {
            console.Error.WriteLine("this node has been put out of its cluster; the log above says why");
            return ExitCode.Failed;
        }

        node.State = NodeState.Draining;
        voice.Stopping();

        // Coordinated shutdown hands the rooms over.
        CoordinatedShutdown.Get(host.System).Run(CoordinatedShutdown.ClrExitReason.Instance).GetAwaiter().GetResult();
        node.State = NodeState.Stopping;
        return ExitCode.Ok;
    }
}
