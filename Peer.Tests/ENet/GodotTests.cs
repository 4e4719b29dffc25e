using System.Net;
using System.Net.Sockets;
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
        var server = room.Add(new ActorMultiplayerPeer());
        Assert.Equal(Error.Ok, server.CreateServer(0, new ServerOptions { ENet = new ENetOptions { Compression = compression } }));
        var native = room.Add(new ActorMultiplayerPeer());
        native.CreateClient("127.0.0.1", server.LocalPort);
        Assert.True(room.Hears(native, "succeeded"));
        var nativeId = native.GetUniqueId();
        using var godot = new GodotProcess("client.gd", server.LocalENetPort, (int)compression);
        var id = Joined(room, server, godot, 1);
        Assert.True(room.Hears(native, $"joined {id}"));
        Assert.True(room.Until(() => godot.Has("joined 1") && godot.Has($"joined {nativeId}")), string.Join('\n', godot.Lines));
        foreach (var mode in Modes)
        {
            // Told by the native client, through the relay, to speak to everybody, and to the native client alone.
            Room.Say(native, id, $"say 0 {(int)mode} everybody {mode}", 0, mode);
            Assert.True(room.Hears(server, $"{id}/0/{mode}: everybody {mode}"), string.Join('\n', godot.Lines));
            Assert.True(room.Hears(native, $"{id}/0/{mode}: everybody {mode}"));
            Room.Say(server, id, $"say {nativeId} {(int)mode} native {mode}", 0, mode);
            Assert.True(room.Hears(native, $"{id}/0/{mode}: native {mode}"));
            Assert.DoesNotContain(room.Heard[server], heard => heard.EndsWith($"native {mode}", StringComparison.Ordinal));
            Assert.True(room.Until(() => godot.Has($"heard {nativeId}/{(mode == TransferMode.Reliable ? 1 : 2)}: say 0 {(int)mode} everybody {mode}")));
        }

        var large = new string('g', 200_000);
        Room.Say(native, id, $"say {nativeId} 2 {large}");
        Assert.True(room.Hears(native, $"{id}/0/Reliable: {large}"));
        native.Close();
        Assert.True(room.Until(() => godot.Has($"left {nativeId}")), string.Join('\n', godot.Lines));
    }

    [GodotFact]
    public void A_Godot_client_comes_back_to_a_server_that_has_started_anew()
    {
        using var room = new Room();
        var server = room.Add(new ENetMultiplayerPeer());
        Assert.Equal(Error.Ok, server.CreateServer(0));
        var port = server.LocalPort;
        using var godot = new GodotProcess("client.gd", port);
        Joined(room, server, godot, 1);
        server.Close();
        Assert.True(room.Until(() => godot.Has("server gone")), string.Join('\n', godot.Lines));
        Assert.Equal(Error.Ok, server.CreateServer(port));
        var id = Joined(room, server, godot, 2);
        Room.Say(server, id, "say 1 2 here again");
        Assert.True(room.Hears(server, $"{id}/0/Reliable: here again"), string.Join('\n', godot.Lines));
    }

    [GodotFact]
    public void A_Godot_server_takes_our_clients()
    {
        using var room = new Room();
        var port = FreePort();
        using var godot = new GodotProcess("server.gd", port);
        Assert.True(room.Until(() => godot.Has("listening 0")), string.Join('\n', godot.Lines));
        var (first, second) = (room.Add(new ENetMultiplayerPeer()), room.Add(new ENetMultiplayerPeer()));
        first.CreateClient("127.0.0.1", port);
        Assert.True(room.Hears(first, "succeeded"), string.Join('\n', godot.Lines));
        second.CreateClient("127.0.0.1", port);
        Assert.True(room.Hears(second, "succeeded"));
        Assert.True(room.Hears(first, $"joined {second.GetUniqueId()}"));
        Assert.True(room.Hears(second, $"joined {first.GetUniqueId()}"));
        foreach (var mode in Modes)
        {
            Room.Say(first, 1, $"say {(int)mode} this {mode}", 0, mode);
            Assert.True(room.Hears(first, $"1/0/{mode}: you said this {mode}"), string.Join('\n', godot.Lines));
            Room.Say(first, second.GetUniqueId(), $"past the server {mode}", 0, mode);
            Assert.True(room.Hears(second, $"{first.GetUniqueId()}/0/{mode}: past the server {mode}"));
        }

        second.Close();
        Assert.True(room.Until(() => room.Heard[first].Exists(heard => heard.StartsWith("left", StringComparison.Ordinal))));
        Room.Say(first, 1, "leave");
        Assert.True(room.Until(() => room.Heard[first].Exists(heard => heard.StartsWith("server gone", StringComparison.Ordinal))));
    }

    /// <summary>Waits until the engine says that it is in, for the n-th time, and the server says so too.</summary>
    private static int Joined(Room room, MultiplayerPeer server, GodotProcess godot, int time)
    {
        Assert.True(room.Until(() => godot.Lines.Count(line => line.StartsWith("succeeded", StringComparison.Ordinal)) == time, 30), string.Join('\n', godot.Lines));
        var id = int.Parse(godot.Lines.Last(line => line.StartsWith("succeeded", StringComparison.Ordinal)).Split(' ')[1]);
        Assert.True(room.Hears(server, $"joined {id}"));
        return id;
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
