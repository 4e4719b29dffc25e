using Peer.Actors;
using Peer.Protocol;

namespace Peer.Tests.ENet;

/// <summary>The real engine, unmodified, as a client of ours and as a server of ours.</summary>
public sealed class GodotTests
{
    private static readonly TransferMode[] Modes = [TransferMode.Reliable, TransferMode.UnreliableOrdered, TransferMode.Unreliable];

    [GodotTheory]
    [InlineData(ENetCompression.None)]
    [InlineData(ENetCompression.RangeCoder)]
    [InlineData(ENetCompression.Zlib)]
    public void A_Godot_client_and_a_native_client_share_a_room(ENetCompression compression)
    {
        using var room = new Room();
        var server = room.Add(new ActorMultiplayerPeer(Room.Patient));
        Assert.Equal(Error.Ok, server.CreateServer(0, new ServerOptions { ENet = new ENetOptions { Compression = compression } }));
        var native = room.Add(new ActorMultiplayerPeer(Room.Patient));
        native.CreateClient("127.0.0.1", server.LocalPort);
        room.Hears(native, "succeeded");
        var nativeId = native.GetUniqueId();
        using var godot = new GodotProcess("client.gd", server.LocalENetPort, (int)compression);
        var id = Joined(room, server, godot, 1);
        room.Hears(native, $"joined {id}");
        room.Until(() => godot.Has("joined 1") && godot.Has($"joined {nativeId}"), "Godot hears of both", godot);
        foreach (var mode in Modes)
        {
            // Told by the native client, through the relay, to speak to everybody, and to the native client alone.
            var everybody = $"{id}/0/{mode}: everybody {mode}";
            room.Says(native, id, $"say 0 {(int)mode} everybody {mode}", 0, mode, () => room.Heard[server].Contains(everybody) && room.Heard[native].Contains(everybody), $"both hear \"{everybody}\"", godot);
            var alone = $"{id}/0/{mode}: native {mode}";
            room.Says(server, id, $"say {nativeId} {(int)mode} native {mode}", 0, mode, () => room.Heard[native].Contains(alone), $"the native peer hears \"{alone}\"", godot);
            Assert.DoesNotContain(room.Heard[server], heard => heard.EndsWith($"native {mode}", StringComparison.Ordinal));
            room.Until(() => godot.Has($"heard {nativeId}/{(mode == TransferMode.Reliable ? 1 : 2)}: say 0 {(int)mode} everybody {mode}"), $"Godot says that it was told in mode {mode}", godot);
        }

        var large = new string('g', 200_000);
        Room.Say(native, id, $"say {nativeId} 2 {large}");
        room.Hears(native, $"{id}/0/Reliable: {large}");
        native.Close();
        room.Until(() => godot.Has($"left {nativeId}"), "Godot hears that the native peer has left", godot);
    }

    [GodotFact]
    public void A_Godot_client_comes_back_to_a_server_that_has_started_anew()
    {
        using var room = new Room();
        var server = room.Add(new ENetMultiplayerPeer(Room.Patient));
        var port = FreePorts.Next();
        Assert.Equal(Error.Ok, server.CreateServer(port));
        using var godot = new GodotProcess("client.gd", port);
        Joined(room, server, godot, 1);
        server.Close();
        room.Until(() => godot.Has("server gone"), "Godot hears that the server has gone", godot);
        Assert.Equal(Error.Ok, server.CreateServer(port));
        var id = Joined(room, server, godot, 2);
        Room.Say(server, id, "say 1 2 here again");
        room.Hears(server, $"{id}/0/Reliable: here again", godot);
    }

    [GodotFact]
    public void A_Godot_server_takes_our_clients()
    {
        using var room = new Room();
        var port = FreePorts.Next();
        using var godot = new GodotProcess("server.gd", port);
        room.Until(() => godot.Has("listening 0"), "Godot listens", godot);
        var (first, second) = (room.Add(new ENetMultiplayerPeer(Room.Patient)), room.Add(new ENetMultiplayerPeer(Room.Patient)));
        first.CreateClient("127.0.0.1", port);
        room.Hears(first, "succeeded", godot);
        second.CreateClient("127.0.0.1", port);
        room.Hears(second, "succeeded");
        room.Hears(first, $"joined {second.GetUniqueId()}");
        room.Hears(second, $"joined {first.GetUniqueId()}");
        foreach (var mode in Modes)
        {
            var answer = $"1/0/{mode}: you said this {mode}";
            room.Says(first, 1, $"say {(int)mode} this {mode}", 0, mode, () => room.Heard[first].Contains(answer), $"the first hears \"{answer}\"", godot);
            room.Says(first, second.GetUniqueId(), $"past the server {mode}", 0, mode, second);
        }

        second.Close();
        room.HearsOf(first, "left");
        Room.Say(first, 1, "leave");
        room.HearsOf(first, "server gone");
    }

    /// <summary>Waits until the engine says that it is in, for the n-th time, and the server says so too.</summary>
    private static int Joined(Room room, MultiplayerPeer server, GodotProcess godot, int time)
    {
        room.Until(() => godot.Lines.Count(line => line.StartsWith("succeeded", StringComparison.Ordinal)) == time, $"Godot is in for the {time}. time", godot);
        var id = int.Parse(godot.Lines.Last(line => line.StartsWith("succeeded", StringComparison.Ordinal)).Split(' ')[1]);
        room.Hears(server, $"joined {id}");
        return id;
    }
}
