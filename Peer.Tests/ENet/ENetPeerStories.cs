using Peer.Actors;
using Peer.Protocol;

namespace Peer.Tests.ENet;

/// <summary>Games whose peers speak ENet, through the synchronous face.</summary>
public sealed class ENetPeerStories
{
    private static readonly TransferMode[] Modes = [TransferMode.Reliable, TransferMode.UnreliableOrdered, TransferMode.Unreliable];

    [Theory]
    [InlineData(ENetDialect.Godot3, ENetCompression.None, false)]
    [InlineData(ENetDialect.Godot3, ENetCompression.RangeCoder, true)]
    [InlineData(ENetDialect.Godot4, ENetCompression.Zlib, false)]
    public void A_client_joins_and_both_sides_talk_in_every_mode(ENetDialect dialect, ENetCompression compression, bool checksum)
    {
        using var room = new Room();
        ENetMultiplayerPeer New() => room.Add(new ENetMultiplayerPeer(Room.Patient) { Dialect = dialect, CompressionMode = compression, UseChecksum = checksum });
        var server = New();
        server.SetBindIp("127.0.0.1");
        Assert.Equal(Error.Ok, server.CreateServer(0));
        var client = New();
        Assert.Equal(Error.Ok, client.CreateClient("127.0.0.1", server.LocalPort));
        room.Hears(client, "succeeded");
        Assert.Equal(["joined 1", "succeeded"], room.Heard[client]);
        var id = client.GetUniqueId();
        room.Hears(server, $"joined {id}");
        foreach (var channel in new[] { 0, 1, 7 })
        {
            foreach (var mode in Modes)
            {
                room.Says(client, 1, $"up {channel} {mode}", channel, mode, server);
                room.Says(server, id, $"down {channel} {mode}", channel, mode, client);
            }
        }

        Assert.Equal(Error.Ok, server.SetPeerTimeout(id, 16, 20_000, 60_000));
        Assert.Equal(Error.InvalidParameter, server.SetPeerTimeout(id, 16, 60_000, 20_000));
        var large = new string('x', 1_000_000);
        Room.Say(client, 1, large);
        room.Hears(server, $"{id}/0/Reliable: {large}");
        room.Until(() => server.GetPeerStatistics(id).PacketsReceived > 0, "what the server has received is counted");
        client.Close();
        room.Hears(server, $"left {id}");
    }

    [Fact]
    public void Clients_hear_of_each_other_and_reach_each_other_through_the_server()
    {
        using var room = new Room();
        var server = room.Add(new ENetMultiplayerPeer(Room.Patient));
        server.CreateServer(0);
        var (first, second, third) = (Join(room, server), Join(room, server), Join(room, server));
        Meet(room, server, first, second, third);
        Assert.Equal(Error.InvalidParameter, Room.Say(first, 99, "nobody"));
        Room.Say(first, 0, "server still here");
        server.DisconnectPeer(second.GetUniqueId());
        room.HearsOf(second, "server gone");
        Assert.Contains("server gone Kicked", room.Heard[second]);
        room.HearsOf(first, "left");
        room.HearsOf(third, "left");
        server.Close();
        room.HearsOf(first, "server gone");
    }

    [Fact]
    public void Native_peers_and_Godot_peers_share_one_room_on_two_ports()
    {
        using var room = new Room();
        var server = room.Add(new ActorMultiplayerPeer(Room.Patient));
        Assert.Equal(Error.Ok, server.CreateServer(0, new ServerOptions { ENet = new ENetOptions() }));
        Assert.NotEqual(0, server.LocalENetPort);
        Assert.NotEqual(server.LocalPort, server.LocalENetPort);
        var native = room.Add(new ActorMultiplayerPeer(Room.Patient));
        native.CreateClient("127.0.0.1", server.LocalPort);
        var godot = room.Add(new ENetMultiplayerPeer(Room.Patient));
        godot.CreateClient("127.0.0.1", server.LocalENetPort);
        var otherGodot = room.Add(new ENetMultiplayerPeer(Room.Patient));
        otherGodot.CreateClient("127.0.0.1", server.LocalENetPort);
        Meet(room, server, native, godot, otherGodot);
    }

    [Fact]
    public void A_server_that_is_full_refuses_or_has_gone_says_so()
    {
        using var room = new Room();
        var server = room.Add(new ENetMultiplayerPeer(Room.Patient));
        server.CreateServer(0, maxClients: 1);
        Join(room, server);
        var second = room.Add(new ENetMultiplayerPeer(Room.Patient));
        second.CreateClient("127.0.0.1", server.LocalPort);
        room.Hears(second, "failed Full");
        server.RefuseNewConnections = true;
        second.CreateClient("127.0.0.1", server.LocalPort);
        room.Hears(second, "failed Refusing");
        Assert.Equal(Error.InvalidParameter, new ENetMultiplayerPeer { CompressionMode = ENetCompression.Zstd }.CreateServer(0));
        Assert.Equal(Error.InvalidParameter, server.CreateServer(0) == Error.AlreadyInUse ? Error.InvalidParameter : Error.Ok);
    }

    [Fact]
    public void A_server_starts_anew_on_its_port_and_its_clients_come_back()
    {
        using var room = new Room();
        var server = room.Add(new ENetMultiplayerPeer(Room.Patient));
        var port = FreePorts.Next();
        Assert.Equal(Error.Ok, server.CreateServer(port));
        var client = Join(room, server);
        server.Close();
        room.HearsOf(client, "server gone");
        Assert.Equal(Error.Ok, server.CreateServer(port));
        Assert.Equal(Error.Ok, client.CreateClient("127.0.0.1", port));
        room.Until(() => room.Heard[client].Count(heard => heard == "succeeded") == 2, "the client is in again");
    }

    [Fact]
    public void What_is_said_to_all_and_to_one_arrives_in_the_order_in_which_it_was_said()
    {
        using var room = new Room();
        var server = room.Add(new ENetMultiplayerPeer(Room.Patient));
        server.CreateServer(0);
        var (client, other) = (Join(room, server), Join(room, server));
        room.Hears(client, $"joined {other.GetUniqueId()}");
        for (var i = 0; i < 500; i++)
            Assert.Equal(Error.Ok, Room.Say(client, i % 3 == 0 ? 1 : i % 3 == 1 ? 0 : -other.GetUniqueId(), $"{i}", 1));
        IEnumerable<string> Heard() => room.Heard[server].Where(heard => heard.Contains("/1/Reliable", StringComparison.Ordinal));
        room.Until(() => Heard().Count() == 500, "all 500 are heard");
        Assert.Equal(Enumerable.Range(0, 500).Select(i => $"{client.GetUniqueId()}/1/Reliable: {i}"), Heard());
    }

    [Fact]
    public void Mesh_peers_reach_each_other()
    {
        using var room = new Room();
        var (a, b) = (room.Add(new ENetMultiplayerPeer(Room.Patient)), room.Add(new ENetMultiplayerPeer(Room.Patient)));
        Assert.Equal(Error.Ok, a.CreateMesh(5));
        Assert.Equal(Error.Ok, b.CreateMesh(9));
        Assert.Equal(Error.Ok, a.AddMeshPeer(9, "127.0.0.1", b.LocalPort));
        room.Hears(a, "joined 9");
        room.Hears(b, "joined 5");
        Room.Say(a, 9, "to nine");
        Room.Say(b, 0, "to all");
        room.Hears(b, "5/0/Reliable: to nine");
        room.Hears(a, "9/0/Reliable: to all");
        a.Close();
        room.Hears(b, "left 5");
    }

    [Fact]
    public void Many_small_packets_arrive_in_order()
    {
        using var room = new Room();
        var server = room.Add(new ENetMultiplayerPeer(Room.Patient));
        server.CreateServer(0);
        var client = Join(room, server);
        for (var i = 0; i < 20_000;)
        {
            if (Room.Say(client, 1, $"{i}") == Error.Ok)
                i++;
            else
                room.Turn();
        }

        room.Until(() => room.Heard[server].Count == 20_001, "all 20,000 are heard");
        Assert.Equal(Enumerable.Range(0, 20_000).Select(i => $"{client.GetUniqueId()}/0/Reliable: {i}"), room.Heard[server].Skip(1));
    }

    private static ENetMultiplayerPeer Join(Room room, ENetMultiplayerPeer server)
    {
        var client = room.Add(new ENetMultiplayerPeer(Room.Patient));
        Assert.Equal(Error.Ok, client.CreateClient("127.0.0.1", server.LocalPort));
        room.Hears(client, "succeeded");
        room.Hears(server, $"joined {client.GetUniqueId()}");
        return client;
    }

    private static void Meet(Room room, MultiplayerPeer server, params MultiplayerPeer[] clients)
    {
        foreach (var client in clients)
            room.Hears(client, "succeeded");
        foreach (var client in clients)
        {
            foreach (var other in clients.Where(other => other != client))
                room.Hears(client, $"joined {other.GetUniqueId()}");
            room.Hears(server, $"joined {client.GetUniqueId()}");
        }

        foreach (var mode in Modes)
        {
            foreach (var from in clients)
            {
                var id = from.GetUniqueId();
                var (one, two) = (clients.First(other => other != from), clients.Last(other => other != from));
                room.Says(from, one.GetUniqueId(), $"{id} to one {mode}", 0, mode, one);
                room.Says(from, 0, $"{id} to all {mode}", 2, mode, [.. clients.Where(other => other != from), server]);
                room.Says(from, -two.GetUniqueId(), $"{id} but two {mode}", 0, mode, one);
                room.Says(from, -1, $"{id} but the server {mode}", 0, mode, one, two);
                Assert.DoesNotContain(room.Heard[two], heard => heard.Contains($"{id} but two {mode}", StringComparison.Ordinal) || heard.Contains($"{id} to one {mode}", StringComparison.Ordinal));
                Assert.DoesNotContain(room.Heard[server], heard => heard.Contains($"{id} but the server {mode}", StringComparison.Ordinal));
                Assert.DoesNotContain(room.Heard[from], heard => heard.Contains($"{id} to all", StringComparison.Ordinal));
            }

            room.Says(server, 0, $"server to all {mode}", 0, mode, clients);
        }
    }
}
