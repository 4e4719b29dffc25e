using Peer.Protocol;
using Xunit.Abstractions;

namespace Peer.Tests.Stories;

public sealed class BackpressureStories(ITestOutputHelper output)
{
    private const string Small = """
        actorpeer.delivery { max-message = 64KiB, outstanding = 128KiB }
        actorpeer.connection { outgoing-queue = 256KiB, receive-window = 256KiB }
        """;

    private static readonly byte[] Kilobyte = SizeStories.Pattern(1024, 5);

    [Fact]
    public void A_reader_that_rests_makes_its_sender_busy_with_bounded_memory_and_loses_nothing()
    {
        using var arena = new Arena(output, Small);
        var server = arena.Serve();
        var client = arena.Join(server);
        client.Reads = false;
        var sent = 0;
        arena.Until(() => Fill(server, client.Id, ref sent) && IsStuck(arena, server, client.Id, ref sent), "the sender is told to wait");

        // What lies at the reader, what is on its way and what waits here is all there can be.
        Assert.InRange(sent, 256, 640);
        Assert.Equal(Error.Busy, server.Peer.GetPacketError());
        Assert.Empty(client.Packets);
        client.Reads = true;
        var goal = sent + 2000;
        arena.Until(
            () =>
            {
                while (sent < goal && Put(server, client.Id, sent))
                    sent++;
                return client.Packets.Count == goal;
            },
            "the rest goes through once it reads");

        for (var i = 0; i < goal; i++)
            Assert.Equal(i, BitConverter.ToInt32(client.Packets[i].Payload));
    }

    [Fact]
    public void A_client_that_does_not_poll_does_not_hold_the_others_up()
    {
        using var arena = new Arena(output, Small);
        var server = arena.Serve();
        var clients = arena.JoinMany(server, 3);
        var (sleeper, sleeperId) = (clients[0], clients[0].Id);
        sleeper.Polls = false;
        var sent = 0;
        arena.Until(() => Fill(server, sleeperId, ref sent) && IsStuck(arena, server, sleeperId, ref sent), "the sleeper's queue fills");

        for (var i = 0; i < 200; i++)
        {
            while (!Put(server, clients[1].Id, i))
                arena.For(0.001);
            while (!Put(clients[1], clients[2].Id, i))
                arena.For(0.001);
            while (!Put(clients[2], 1, i))
                arena.For(0.001);
        }

        arena.Until(() => clients[1].Packets.Count == 200 && clients[2].Packets.Count == 200 && server.Packets.Count == 200, "the others talk");
        Assert.Equal(Error.Busy, server.Put(Kilobyte, 0));
        Assert.Equal(Error.Ok, server.Put(Kilobyte, -sleeperId));
        sleeper.Polls = true;
        arena.Until(() => sleeper.Packets.Count == sent, "it wakes and has missed nothing");
    }

    [Fact]
    public void A_client_that_does_not_read_what_others_send_it_through_the_relay_is_let_go_and_they_are_not()
    {
        using var arena = new Arena(output, Small);
        var server = arena.Serve();
        var clients = arena.JoinMany(server, 3);
        clients[0].Reads = false;
        var (id, sent) = (clients[0].Id, 0);
        arena.Until(
            () =>
            {
                if (server.Signals.Contains($"-{id}"))
                    return true;
                if (Put(clients[1], id, sent))
                    sent++;
                return false;
            },
            "the server lets it go");

        Assert.Equal(DisconnectReason.QueueOverflow, server.Peer.LastDisconnect.Reason);
        arena.Until(() => clients[0].Signals.Contains("server gone") && clients[1].Signals.Contains($"-{id}"), "it is told, and the others");
        Assert.Equal(DisconnectReason.QueueOverflow, clients[0].Peer.LastDisconnect.Reason);
        arena.Until(() => clients[1].Say("still here", clients[2].Id) == Error.Ok, "the one who filled it may still speak");
        arena.Until(() => clients[2].Packets.Count == 1, "the others go on");
    }

    [Fact]
    public void Unreliable_packets_for_a_reader_that_rests_are_dropped_and_do_not_stop_reliable_ones()
    {
        using var arena = new Arena(output, Small + "\nactorpeer.facade.unreliable-inbox = 64KiB");
        var server = arena.Serve();
        var client = arena.Join(server);
        client.Reads = false;
        for (var i = 0; i < 2000; i++)
        {
            server.Put(Kilobyte, client.Id, 0, TransferMode.Unreliable);
            server.Peer.Poll(TimeSpan.Zero);
        }

        var error = Error.Busy;
        arena.Until(() => error == Error.Ok || (error = server.Say("important", client.Id, 1)) == Error.Ok, "it is taken");
        arena.Until(() => client.Peer.GetAvailablePacketCount() > 0, "something waits");
        client.Reads = true;
        arena.Until(() => client.Packets.Any(packet => packet.Text == "important"), "the reliable one arrives");
        Assert.InRange(client.Packets.Count(packet => packet.Mode == TransferMode.Unreliable), 0, 2000);
    }

    private static bool Put(Player player, int target, int number)
    {
        BitConverter.TryWriteBytes(Kilobyte, number);
        var error = player.Put(Kilobyte, target);
        Assert.True(error is Error.Ok or Error.Busy, $"{error}");
        return error == Error.Ok;
    }

    private static bool Fill(Player player, int target, ref int sent)
    {
        while (Put(player, target, sent))
            sent++;
        return true;
    }

    /// <summary>Whether nothing more goes out, though time passes: again and again, for nothing does either while the processor is elsewhere.</summary>
    private static bool IsStuck(Arena arena, Player player, int target, ref int sent)
    {
        var before = sent;
        for (var look = 0; look < 4 && sent == before; look++)
        {
            arena.For(0.3);
            Fill(player, target, ref sent);
        }

        return sent == before;
    }
}
