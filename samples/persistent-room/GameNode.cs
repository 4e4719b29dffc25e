using System.Net;
using Akka.Actor;
using Akka.Configuration;
using Peer.Cluster;

namespace PersistentRoom;

/// <summary>A node of the game: an actor system with a door and rooms.</summary>
/// <param name="System">The actor system.</param>
/// <param name="Door">Where clients ask for rooms.</param>
internal sealed record GameNode(ActorSystem System, IPEndPoint Door)
{
    /// <summary>The events of rooms go here.</summary>
    public static Config Journal { get; } = ConfigurationFactory.ParseString(Embedded("journal.conf"));

    private static Config Node { get; } = ConfigurationFactory.ParseString("""
        akka { loglevel = WARNING, log-dead-letters = off, coordinated-shutdown.run-by-actor-system-terminate = off }
        actorpeer {
          # Of this sample alone; Peer.Node keygen makes yours.
          resume.ticket-keys = ["AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="]
          cluster { bind = "127.0.0.1", door.port = 0 }
        }
        """);

    /// <summary>Starts a node and has it join the others.</summary>
    /// <param name="seed">One of them; null makes this the first.</param>
    public static async Task<GameNode> StartAsync(GameNode? seed = null)
    {
        var system = ActorSystem.Create("game", Node.WithFallback(Journal).WithFallback(PeerCluster.DefaultConfig));
        var door = await PeerCluster.Get(system).StartAsync(ChestRoom.Rooms);
        var cluster = Akka.Cluster.Cluster.Get(system);
        await cluster.JoinAsync((seed is null ? cluster : Akka.Cluster.Cluster.Get(seed.System)).SelfAddress);
        return new GameNode(system, door);
    }

    private static string Embedded(string name)
    {
        using var reader = new StreamReader(typeof(GameNode).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
