using System.Globalization;
using System.Net;
using Akka.Actor;
using Akka.Configuration;
using Peer.Actors;
using Peer.Cluster;

namespace Peer.Lab.Spanning;

/// <summary>One node: a member of a cluster with rooms that have no game, so that what is measured is the library's; or a gateway of another node's room.</summary>
internal static class SpanNode
{
    public const string Name = "span-node";

    /// <param name="seed">Address of the cluster's first node; "none" for that node itself.</param>
    /// <param name="home">Path of the home that this node is a gateway of; "none" for none.</param>
    /// <param name="rooms">Rooms of its own.</param>
    /// <param name="settings">More settings, a line each.</param>
    public static int Run(string seed, string home, int rooms, IEnumerable<string> settings)
    {
        using var system = ActorSystem.Create("span", ConfigurationFactory.ParseString(string.Join('\n', settings)).WithFallback(ConfigurationFactory.ParseString("""
            akka { loglevel = WARNING, stdout-loglevel = OFF, log-dead-letters = off }
            akka.scheduler.tick-duration = 100ms
            akka.cluster.scheduler.tick-duration = 100ms
            actorpeer.strands.count = 1
            actorpeer.server.limit-loopback = off
            """)).WithFallback(PeerCluster.DefaultConfig));
        var cluster = Akka.Cluster.Cluster.Get(system);
        cluster.Join(seed == "none" ? cluster.SelfAddress : Address.Parse(seed));
        var provider = ((ExtendedActorSystem)system).Provider;
        var bind = new IPEndPoint(IPAddress.Loopback, 0);
        var roles = home == "none"
            ? Enumerable.Repeat(new PeerRole.Server(bind) { Spans = true }, rooms)
            : [new PeerRole.Server(bind) { Home = provider.ResolveActorRef(home) }];
        var ports = new List<int>();
        IActorRef first = ActorRefs.Nobody;
        foreach (var role in roles)
        {
            var ear = Akka.Actor.Inbox.Create(system);
            var manager = system.ActorOf(PeerManager.Props(system, role));
            manager.Tell(new Subscribe(ear.Receiver));
            ports.Add(((Listening)ear.ReceiveWhere(message => message is Listening)).Local.Port);

            // Nobody listens to the rooms: a packet for the server ends there.
            manager.Tell(new Unsubscribe(ear.Receiver));
            first = first.IsNobody() ? manager : first;
        }

        var path = first.Path.ToSerializationFormatWithAddress(provider.DefaultAddress);
        Console.Out.WriteLine($"up {cluster.SelfAddress} {path} {string.Join(' ', ports)}");
        Console.Out.Flush();
        while (Console.In.ReadLine() is not null)
        {
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"cpu {Environment.CpuUsage.TotalTime.TotalMicroseconds:0}"));
            Console.Out.Flush();
        }

        return ExitCode.Ok;
    }
}
