using Peer.Actors;
using Peer.Protocol;
using Xunit.Abstractions;

namespace Peer.Tests.Stories;

public sealed class MeshStories(ITestOutputHelper output)
{
    private static readonly MeshOptions Here = new() { BindAddress = "127.0.0.1" };

    [Fact]
    public void Three_peers_with_chosen_ids_meet_and_route_by_target()
    {
        using var arena = new Arena(output);
        var (a, b, c) = (Mesh(arena, 10), Mesh(arena, 20), Mesh(arena, 30));
        Introduce(a, b);
        Introduce(c, a);
        Introduce(b, c);
        arena.Meet(a, b, c);
        Assert.Equal((10, 20, 30), (a.Id, b.Id, c.Id));
        Assert.False(a.Peer.IsServer());
        Assert.False(a.Peer.IsServerRelaySupported());

        Assert.Equal(Error.Ok, a.Say("to all"));
        Assert.Equal(Error.Ok, a.Say("to b", 20));
        Assert.Equal(Error.Ok, a.Say("to all but b", -20));
        Assert.Equal(Error.Ok, a.Say("to all but me", -10));
        foreach (var nobody in (int[])[1, -1, 40, -40, 10])
            Assert.Equal(Error.InvalidParameter, a.Say("lost", nobody));
        Assert.Equal(Error.Ok, a.Say("fence"));
        arena.Until(() => b.Packets.Count == 4 && c.Packets.Count == 4, "all arrive");

        Assert.Equal(["to all", "to b", "to all but me", "fence"], b.Heard(10));
        Assert.Equal(["to all", "to all but b", "to all but me", "fence"], c.Heard(10));
        Assert.Empty(a.Packets);
        Speech.Heard(arena, new Speech(b, "from b", 0, 7, TransferMode.UnreliableOrdered, a, c));
        Assert.Equal((20, 7, TransferMode.UnreliableOrdered), (a.Packets[0].Peer, a.Packets[0].Channel, a.Packets[0].Mode));
    }

    [Fact]
    public void Two_that_dial_each_other_at_once_end_up_with_one_connection()
    {
        using var arena = new Arena(output);
        for (var round = 0; round < 20; round++)
        {
            var (a, b) = (Mesh(arena, 2 + round), Mesh(arena, 1000 - round));
            Introduce(a, b);
            Introduce(b, a);
            arena.Meet(a, b);
            for (var i = 0; i < 50; i++)
            {
                Assert.Equal(Error.Ok, a.Say($"{i}"));
                Assert.Equal(Error.Ok, b.Say($"{i}"));
            }

            arena.Until(() => a.Packets.Count == 50 && b.Packets.Count == 50, "they talk");
            Assert.Equal([$"+{b.Id}"], a.Signals);
            Assert.Equal([$"+{a.Id}"], b.Signals);
            Assert.Equal(Error.AlreadyInUse, a.Peer.AddMeshPeer(b.Id, "127.0.0.1", b.Peer.LocalPort));
            a.End();
            b.End();
        }
    }

    [Fact]
    public void One_of_the_mesh_may_be_peer_1_and_is_no_server_for_it()
    {
        using var arena = new Arena(output);
        var (a, b) = (Mesh(arena, 1), Mesh(arena, 2));
        Introduce(b, a);
        arena.Meet(a, b);

        Assert.Equal(Error.Ok, b.Say("hello", 1));
        Assert.Equal(Error.InvalidParameter, b.Say("nobody is left", 3));
        Assert.Equal(Error.Ok, a.Say("hello", -1));
        arena.Until(() => a.Packets.Count == 1 && b.Packets.Count == 1, "they talk");
    }

    [Fact]
    public void A_peer_that_leaves_or_is_let_go_is_gone_for_those_who_knew_it_and_may_be_introduced_again()
    {
        using var arena = new Arena(output);
        var (a, b, c) = (Mesh(arena, 10), Mesh(arena, 20), Mesh(arena, 30));
        Introduce(a, b);
        Introduce(a, c);
        Introduce(b, c);
        arena.Meet(a, b, c);
        c.Peer.Close();
        arena.Until(() => a.Signals.Contains("-30") && b.Signals.Contains("-30"), "both hear of it");
        Assert.Equal(DisconnectReason.Closed, a.Peer.LastDisconnect.Reason);

        a.Peer.DisconnectPeer(20);
        arena.Until(() => a.Signals.Contains("-20") && b.Signals.Contains("-10"), "both hear of it");
        Assert.Equal(DisconnectReason.Kicked, b.Peer.LastDisconnect.Reason);
        Assert.True(b.IsConnected, "a mesh peer stays what it is without company");
        a.Signals.Clear();
        Introduce(b, a);
        arena.Until(() => a.Signals.Contains("+20"), "they meet again");
    }

    [Fact]
    public void Wrong_introductions_are_refused_and_harm_nobody()
    {
        using var arena = new Arena(output, "actorpeer.client.connect-timeout = 3s");
        var (a, b) = (Mesh(arena, 10), Mesh(arena, 20));
        Assert.Equal(Error.InvalidParameter, a.Peer.AddMeshPeer(10, "127.0.0.1", 1));
        Assert.Equal(Error.InvalidParameter, a.Peer.AddMeshPeer(0, "127.0.0.1", 1));
        Assert.Equal(Error.InvalidParameter, a.Peer.AddMeshPeer(30, "127.0.0.1", 0));
        Assert.Equal(Error.Unconfigured, arena.Serve().Peer.AddMeshPeer(30, "127.0.0.1", 1));

        // It is somebody else than the caller believes, then nobody at all: neither is ever heard of.
        Assert.Equal(Error.Ok, a.Peer.AddMeshPeer(99, "127.0.0.1", b.Peer.LocalPort));
        Assert.Equal(Error.Ok, a.Peer.AddMeshPeer(98, "127.0.0.1", Arena.FreePort()));
        arena.For(3.5);
        Assert.DoesNotContain("+99", a.Signals);
        Assert.DoesNotContain("+98", a.Signals);

        Introduce(a, b);
        arena.Until(() => a.Knows(20) && b.Knows(10), "the right introduction works");
    }

    [Fact]
    public void Two_peers_of_one_id_cannot_both_join()
    {
        using var arena = new Arena(output);
        var (a, b, twin) = (Mesh(arena, 10), Mesh(arena, 20), Mesh(arena, 20));
        Introduce(b, a);
        arena.Meet(a, b);
        Introduce(twin, a);
        arena.For(0.5);

        Assert.Empty(twin.Signals);
        Assert.Equal(["+20"], a.Signals);
    }

    private static Player Mesh(Arena arena, int id)
    {
        var player = arena.NewPlayer($"mesh {id}");
        Assert.Equal(Error.Ok, player.Peer.CreateMesh(id, Here));
        return player;
    }

    private static void Introduce(Player dialler, Player other) =>
        Assert.Equal(Error.Ok, dialler.Peer.AddMeshPeer(other.Id, "127.0.0.1", other.Peer.LocalPort));
}
