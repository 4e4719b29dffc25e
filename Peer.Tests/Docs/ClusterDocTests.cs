using Xunit.Abstractions;

namespace Peer.Tests.Docs;

/// <summary>The room of docs/cluster.md compiles outside the solution, opens and counts.</summary>
[Trait("Category", "Process")]
public sealed class ClusterDocTests(ITestOutputHelper output)
{
    [Fact]
    public async Task The_page_shows_a_room_that_counts_and_how_rooms_are_found()
    {
        var blocks = SampleProject.BlocksOf("docs/cluster.md");
        Assert.Equal(4, blocks.Count);
        using var sample = new SampleProject($$"""
            using Akka.Actor;
            using Akka.Configuration;
            using Peer.Actors;
            using Peer.Cluster;
            using Peer.Cluster.Listing;
            using Peer.Cluster.Rooms;

            var config = ConfigurationFactory.ParseString("akka.loglevel = WARNING, actorpeer.resume.ticket-keys = [\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\"], actorpeer.cluster { bind = 127.0.0.1, door { port = 0, timeout = 60s } }");
            {{blocks[1]}}
            var node = Akka.Cluster.Cluster.Get(system);
            await node.JoinAsync(node.SelfAddress);
            using var player = new ActorMultiplayerPeer(ConfigurationFactory.ParseString("actorpeer.client.connect-timeout = 60s"));
            player.CreateClient("127.0.0.1", door.Port, new ClientOptions { Room = "lobby", BindAddress = "127.0.0.1" });
            player.SetTargetPeer(MultiplayerPeer.TargetPeerServer);
            player.ConnectionSucceeded += () =>
            {
                player.PutPacket(new byte[1]);
                player.PutPacket(new byte[1]);
            };
            player.ConnectionFailed += () => throw new InvalidOperationException($"{player.LastDisconnect}");
            for (var counted = 0; counted < 2;)
            {
                player.Poll();
                while (player.TryGetPacket(out var packet))
                    Console.WriteLine($"counted {counted = BitConverter.ToInt32(packet.Payload.Span)}");
            }

            {{blocks[2]}}
            Console.WriteLine($"races: {races.Rooms.Count}, all asked: {races.IsComplete}");
            {{blocks[3]}}
            Console.WriteLine($"a world spans nodes: {options.Spans("world-1")}");
            await system.Terminate();

            {{blocks[0]}}
            """, "Peer.Cluster");

        var lines = await sample.RunAsync(output.WriteLine);

        Assert.Contains("counted 1", lines);
        Assert.Contains("counted 2", lines);
        Assert.Contains("a world spans nodes: True", lines);
        Assert.Contains("races: 0, all asked: True", lines);
    }
}
