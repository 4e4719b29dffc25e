using System.CommandLine;
using Akka.Actor;
using Akka.Configuration;
using Peer.Cluster;
using Peer.Cluster.Rooms;
using Peer.Node.Configuration;
using Peer.Node.Status;

namespace Peer.Node.Cluster;

/// <summary><c>serve --cluster</c>: a node that has rooms, until a signal drains it or the cluster puts it out.</summary>
internal static class ServeCluster
{
    /// <summary>Longer than what coordinated shutdown is given for it.</summary>
    private static readonly TimeSpan DrainPatience = TimeSpan.FromSeconds(120);

    public static int Run(NodeOptions options, TerminationWait signals, InvocationConfiguration console)
    {
        IServerVoice voice = options.LogsJson ? new JsonVoice(console.Output, TimeProvider.System) : new TextVoice(console.Output);
        var book = new RoomBook();
        var view = new ClusterNode(book, TimeProvider.System);
        using var host = NodeHost.Start(options, view);
        var rooms = PeerCluster.Get(host.System);
        var door = rooms.StartAsync(new RoomOptions { Logic = _ => Props.Create(() => new ServedRoom(book, voice, options.Quiet)) }).GetAwaiter().GetResult();
        var cluster = Akka.Cluster.Cluster.Get(host.System);
        if (options.Seeds.Count == 0)
            cluster.Join(cluster.SelfAddress);
        view.Began(cluster, rooms);
        view.State = NodeState.Ready;
        voice.Listening(door.Port, 0, host.HttpAddress);
        signals.Wait(host.System.WhenTerminated);
        if (host.System.WhenTerminated.IsCompleted)
        {
            console.Error.WriteLine("this node was put out of its cluster, or failed; the log above says why");
            return ExitCode.Failed;
        }

        voice.Stopping();
        view.State = NodeState.Draining;
        var isDrained = CoordinatedShutdown.Get(host.System).Run(CoordinatedShutdown.ClrExitReason.Instance).Wait(DrainPatience);
        view.State = NodeState.Stopping;
        if (isDrained)
            return ExitCode.Ok;
        console.Error.WriteLine($"the node was not drained within {DrainPatience.TotalSeconds:0} s");
        return ExitCode.Failed;
    }

    /// <summary>What the program's own keys mean to Akka's cluster and to the rooms.</summary>
    public static Config Translate(NodeOptions options) => ConfigurationFactory.ParseString($"""
        akka.remote.dot-netty.tcp.hostname = {NodeSettings.Quote(options.ClusterHost)}
        akka.remote.dot-netty.tcp.port = {options.ClusterPort}
        akka.cluster.seed-nodes = [{string.Join(", ", options.Seeds.Select(seed => NodeSettings.Quote($"akka.tcp://{NodeHost.SystemName}@{seed}")))}]
        actorpeer.cluster.door.port = {options.Port}
        actorpeer.cluster.bind = {NodeSettings.Quote(options.Bind == "*" ? "0.0.0.0" : options.Bind)}
        """);
}
