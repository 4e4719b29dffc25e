using Peer.Protocol;
using Xunit.Abstractions;

namespace Peer.Tests.Stories;

public sealed class RoutingStories(ITestOutputHelper output)
{
    [Theory]
    [InlineData(TransferMode.Reliable)]
    [InlineData(TransferMode.UnreliableOrdered)]
    public void Each_target_reaches_exactly_whom_the_table_says(TransferMode mode)
    {
        using var arena = new Arena(output);
        var server = arena.Serve();
        var clients = arena.JoinMany(server, 3);
        var (a, b, c) = (clients[0], clients[1], clients[2]);
        Player[] all = [server, a, b, c];
        var rows = new (Player Speaker, int Target, Player[] Reached)[]
        {
            (server, 0, [a, b, c]),
            (server, a.Id, [a]),
            (server, -b.Id, [a, c]),
            (server, -1, [a, b, c]),
            (a, 0, [server, b, c]),
            (a, 1, [server]),
            (a, -1, [b, c]),
            (a, b.Id, [b]),
            (a, -b.Id, [server, c]),
            (a, -a.Id, [server, b, c]),
            (c, -a.Id, [server, b]),
        };

        for (var row = 0; row < rows.Length; row++)
        {
            Assert.Equal(Error.Ok, rows[row].Speaker.Say($"row {row}", rows[row].Target, channel: row, mode));
            Assert.Equal(Error.Ok, rows[row].Speaker.Say("fence", 0, channel: row, mode));
        }

        // The fence follows its row in the same sequence: who has it and not the row will never have the row.
        arena.Until(() => all.All(one => one.Packets.Count(packet => packet.Text == "fence") == rows.Count(row => row.Speaker != one)), "all fences arrive");
        foreach (var listener in all)
        {
            for (var row = 0; row < rows.Length; row++)
            {
                var heard = listener.Packets.Where(packet => packet.Text == $"row {row}").ToArray();
                if (rows[row].Reached.Contains(listener))
                    Assert.Equal((rows[row].Speaker.Id, row, mode), Assert.Single(heard.Select(packet => (packet.Peer, packet.Channel, packet.Mode))));
                else
                    Assert.True(heard.Length == 0, $"row {row} reached {listener.Name}");
            }
        }
    }

    [Fact]
    public void A_target_that_nobody_has_is_an_invalid_parameter_and_sends_nothing()
    {
        using var arena = new Arena(output);
        var server = arena.Serve();
        var clients = arena.JoinMany(server, 2);
        var nobody = clients[0].Id == 77 || clients[1].Id == 77 ? 78 : 77;

        foreach (var player in (Player[])[server, .. clients])
        {
            foreach (var target in (int[])[nobody, -nobody, player.Id, int.MaxValue, int.MinValue, -int.MaxValue])
            {
                // All but oneself is all; every client has another ID than these.
                Assert.Equal(Error.InvalidParameter, player.Say("lost", target));
                Assert.Equal(Error.InvalidParameter, player.Peer.GetPacketError());
            }

            Assert.Equal(Error.Ok, player.Say("fence"));
            Assert.Equal(Error.Ok, player.Peer.GetPacketError());
        }

        arena.Until(() => server.Packets.Count == 2 && clients.All(client => client.Packets.Count == 2), "the fences arrive");
        Assert.All(arena.Players, player => Assert.All(player.Packets, packet => Assert.Equal("fence", packet.Text)));
    }

    [Fact]
    public void Without_the_relay_clients_do_not_hear_of_each_other_and_reach_the_server_alone()
    {
        using var arena = new Arena(output, "actorpeer.server.relay = off");
        var server = arena.Serve();
        var a = arena.Join(server);
        var b = arena.Join(server);

        Assert.False(server.Peer.IsServerRelaySupported());
        Assert.False(a.Peer.IsServerRelaySupported());
        Assert.Equal(Error.InvalidParameter, a.Say("to b", b.Id));
        Assert.Equal(Error.Ok, a.Say("to all but the server", -1));
        Assert.Equal(Error.Ok, a.Say("to all"));
        Assert.Equal(Error.Ok, b.Say("from b", 1));
        arena.Until(() => server.Packets.Count == 2, "the server hears both");
        Assert.Equal(Error.Ok, server.Say("fence"));
        arena.Until(() => a.Packets.Count > 0 && b.Packets.Count > 0, "the server is heard");
        b.Peer.Close();
        arena.Until(() => server.Signals.Count == 3, "the server hears b leave");
        Assert.Equal(Error.Ok, server.Say("second fence"));
        arena.Until(() => a.Packets.Count > 1, "the server is heard");

        Assert.Equal(["to all"], server.Heard(a.Id));
        Assert.Equal(["fence", "second fence"], a.Packets.Select(packet => packet.Text));
        Assert.Equal(["fence"], b.Packets.Select(packet => packet.Text));
        Assert.Equal(["+1", "succeeded"], a.Signals);
    }

    [Fact]
    public void Packets_of_one_sequence_keep_their_order_through_the_relay()
    {
        using var arena = new Arena(output);
        var server = arena.Serve();
        var clients = arena.JoinMany(server, 2);
        var texts = Enumerable.Range(0, 2000).Select(i => $"{i}").ToArray();

        foreach (var text in texts)
            Assert.Equal(Error.Ok, clients[0].Say(text, clients[1].Id, channel: 3));
        arena.Until(() => clients[1].Packets.Count >= texts.Length, "all arrive");

        Assert.Equal(texts, clients[1].Heard(clients[0].Id));
    }

    [Fact]
    public void Packets_of_one_sequence_keep_their_order_whatever_their_targets()
    {
        using var arena = new Arena(output);
        var server = arena.Serve();
        var clients = arena.JoinMany(server, 3);
        var (a, b, c) = (clients[0], clients[1], clients[2]);
        var count = 0;
        for (var i = 0; i < 100; i++)
        {
            foreach (var target in (int[])[0, b.Id, -c.Id, b.Id, c.Id, 0, c.Id, b.Id, -1])
            {
                Assert.Equal(Error.Ok, server.Say($"{count}", target));
                Assert.Equal(Error.Ok, a.Say($"{count}", target));
                count++;
            }
        }

        arena.Until(() => b.Packets.Count == 2 * 700 && c.Packets.Count == 2 * 500, "all arrive");
        foreach (var (listener, sender) in new[] { (b, 1), (b, a.Id), (c, 1), (c, a.Id) })
        {
            var heard = listener.Heard(sender).Select(int.Parse).ToArray();
            Assert.Equal(heard.Order(), heard);
        }
    }

    [Fact]
    public void The_next_packet_tells_its_sender_channel_and_mode_before_it_is_taken()
    {
        using var arena = new Arena(output);
        var server = arena.Serve();
        var client = arena.Join(server);
        server.Reads = false;
        new Speech(client, "hello", 1, 9, TransferMode.UnreliableOrdered).Until(arena, () => server.Peer.GetAvailablePacketCount() > 0);

        Assert.Equal((client.Id, 9, TransferMode.UnreliableOrdered), (server.Peer.GetPacketPeer(), server.Peer.GetPacketChannel(), server.Peer.GetPacketMode()));
        Assert.Equal("hello"u8.ToArray(), server.Peer.GetPacket());
        Assert.Equal(client.Id, server.Peer.GetPacketPeer());

        // It may have been said more than once.
        while (server.Peer.GetAvailablePacketCount() > 0)
            Assert.Equal("hello"u8.ToArray(), server.Peer.GetPacket());
        Assert.Empty(server.Peer.GetPacket());
        Assert.Equal(Error.Unavailable, server.Peer.GetPacketError());
    }
}
