using Peer.Actors;
using Peer.Lab.Fuzz.World;
using Peer.Protocol;
using Peer.Protocol.ENet;
using Peer.Tests.Wire;
using Xunit.Abstractions;

namespace Peer.Tests.Attacks;

/// <summary>A client that speaks ENet and wants to be somebody else, or to be waited for.</summary>
public sealed class ENetRoomAttacks(ITestOutputHelper output)
{
    private const string Small = "actorpeer.delivery.max-message = 64KiB, actorpeer.connection { receive-window = 256KiB, outgoing-queue = 128KiB }";

    [Fact]
    [Trait("Attack", "12")]
    [Trait("Port", "ENet")]
    public void A_peer_that_pings_and_never_acknowledges_fills_its_own_queue_and_no_other()
    {
        using var fortress = new Fortress(output, Small, bystanders: 1, enet: new ENetOptions());
        using var idler = ENetInsiderAttacks.Joined(fortress);
        var accepted = 0;
        fortress.Withstands(3, step =>
        {
            for (var i = 0; i < 50; i++)
                accepted += fortress.Server.Put(new byte[10_000], target: idler.Id) == Error.Ok ? 1 : 0;
            idler.Send(ENetForge.Words(ENetCommand.Ping, 0x80, 0xFF, (ushort)(2 + step)));
            idler.Drain();
        });

        // 128 KiB may wait for one peer, and what is asked beyond that is Busy.
        Assert.InRange(accepted, 1, 20);
        Assert.Equal(Error.Busy, fortress.Server.Put(new byte[60_000], target: idler.Id));
    }

    [Fact]
    [Trait("Attack", "12")]
    [Trait("Port", "ENet")]
    public void A_peer_that_does_not_keep_up_with_what_is_relayed_to_it_is_let_go()
    {
        using var fortress = new Fortress(output, Small, bystanders: 1, enet: new ENetOptions());
        using var idler = ENetInsiderAttacks.Joined(fortress);
        fortress.Until(() => fortress.Bystanders[0].Knows(idler.Id), "the idler is known");
        fortress.Until(
            () =>
            {
                fortress.Bystanders[0].Put(new byte[10_000], target: idler.Id);
                idler.Drain();
                return fortress.Server.Signals.Contains($"-{idler.Id}");
            },
            "the idler is let go");
        Assert.Equal(DisconnectReason.QueueOverflow, fortress.Server.Reasons[^1].Reason);
        fortress.Undisturbed();
    }

    [Fact]
    [Trait("Attack", "12")]
    [Trait("Port", "ENet")]
    public void A_peer_that_sends_into_a_reader_who_does_not_read_is_not_acknowledged_beyond_its_window()
    {
        using var fortress = new Fortress(output, Small, bystanders: 1, enet: new ENetOptions());
        using var forger = ENetInsiderAttacks.Joined(fortress);
        fortress.Server.Reads = false;
        fortress.Arrive(600, i => forger.Say((ushort)(i + 1), new byte[1_000]));
        forger.Send(ENetForge.Words(ENetCommand.Ping, 0x80, 0xFF, 9));
        var acks = new List<(byte Channel, ushort Number)>();
        fortress.Until(
            () =>
            {
                acks.AddRange(forger.Acks());
                return acks.Contains((0xFF, 9));
            },
            "all of it has been looked at");

        // 256 KiB may lie unread.
        var taken = acks.Count(ack => ack.Channel == ENetForger.Reliable);
        Assert.InRange(taken, 200, 265);
        Assert.True(fortress.Server.Knows(forger.Id));
        fortress.Server.Reads = true;
        fortress.Until(() => fortress.Server.Packets.Count(packet => packet.Peer == forger.Id) == taken, "what was taken is read");
        fortress.Undisturbed();
        forger.Say((ushort)(taken + 1), "and on"u8.ToArray());
        fortress.Until(() => fortress.Server.Heard(forger.Id).Contains("and on"), "the next in turn is heard");
    }

    [Fact]
    [Trait("Attack", "12")]
    [Trait("Port", "ENet")]
    public void A_newcomer_that_never_confirms_is_forgotten_and_keeps_no_place()
    {
        using var fortress = new Fortress(output, "actorpeer.server { enet-half-open = 5, confirm-timeout = 2s }", bystanders: 0, options: new ServerOptions { MaxPeers = 3 }, enet: new ENetOptions());
        var strangers = Enumerable.Range(0, 8).Select(_ => new ENetForger(fortress.ENetPort, confirms: false)).ToArray();
        Assert.InRange(fortress.Counters.HalfOpen, 0, 5);
        fortress.Until(() => fortress.Counters.HalfOpen == 0, "they are forgotten");
        fortress.WelcomesENet();
        fortress.WelcomesENet();
        fortress.Arena.FailENet(fortress.ENetPort, DisconnectReason.Full);
        fortress.Undisturbed();
        foreach (var stranger in strangers)
            stranger.Dispose();
    }

    [Theory]
    [InlineData("that of the server")]
    [InlineData("zero")]
    [InlineData("below zero")]
    [InlineData("that of a native peer")]
    [InlineData("that of another Godot peer")]
    [Trait("Attack", "18")]
    [Trait("Port", "ENet")]
    public void A_client_cannot_have_an_id_like(string which)
    {
        using var fortress = new Fortress(output, bystanders: 1, enet: new ENetOptions());
        var id = which switch
        {
            "that of the server" => 1,
            "zero" => 0,
            "below zero" => -5,
            "that of a native peer" => fortress.Bystanders[0].Id,
            _ => fortress.Bystanders[1].Id,
        };
        using var stranger = new Stranger(fortress.ENetPort);
        using var codec = new ENetCodec(ENetSettings.Default);
        var answer = stranger.Ask(ENetSeat.None.Datagram(codec, false, ENetForger.Connect(5, id), 0));
        Assert.Equal(10, answer.Length);
        Assert.Equal(1, fortress.Counters.Refusals[DisconnectReason.IdInUse]);
        fortress.Undisturbed();
    }

    [Fact]
    [Trait("Attack", "18")]
    [Trait("Port", "ENet")]
    public void Two_who_want_one_id_at_once_do_not_both_get_it()
    {
        using var fortress = new Fortress(output, bystanders: 1, enet: new ENetOptions());
        using var first = new ENetForger(fortress.ENetPort, id: 77_777, confirms: false);
        using var second = new ENetForger(fortress.ENetPort, new ENetSettings(), id: 77_777, address: "127.0.0.9", confirms: false);
        first.Confirm();
        fortress.Until(() => fortress.Server.Knows(77_777), "the first is in");
        second.Confirm();
        fortress.Until(() => fortress.Counters.Refusals.ContainsKey(DisconnectReason.IdInUse), "the second is refused");
        first.Say(1, "mine"u8.ToArray());
        fortress.Until(() => fortress.Server.Heard(77_777).Contains("mine"), "the first is heard");
        fortress.Undisturbed();
    }

    [Fact]
    [Trait("Attack", "18")]
    [Trait("Port", "ENet")]
    public void A_client_cannot_speak_in_anothers_name_nor_to_whom_it_may_not()
    {
        using var fortress = new Fortress(output, bystanders: 1, enet: new ENetOptions());
        using var forger = ENetInsiderAttacks.Joined(fortress);
        var (native, godot) = (fortress.Bystanders[0], fortress.Bystanders[1]);
        ushort number = 0;
        foreach (var source in (int[])[1, 0, -1, native.Id, godot.Id, int.MinValue])
        {
            foreach (var target in (int[])[0, 1, native.Id, -native.Id, godot.Id])
                forger.Say(++number, "forged"u8.ToArray(), source, target);
        }

        forger.Say(++number, "nobody"u8.ToArray(), target: 123_456);
        forger.Say(++number, "nobody"u8.ToArray(), target: int.MinValue);
        forger.Say(++number, "honest"u8.ToArray(), target: 0);
        fortress.Until(() => fortress.Server.Heard(forger.Id).Contains("honest") && native.Heard(forger.Id).Contains("honest") && godot.Heard(forger.Id).Contains("honest"), "what is its own is heard");
        Assert.All((Stories.Player[])[fortress.Server, native, godot], player => Assert.DoesNotContain(player.Packets, packet => packet.Text is "forged"));
        Assert.Equal(30, fortress.Counters.ENetForged);
        fortress.Undisturbed();
    }

    [Fact]
    [Trait("Attack", "18")]
    [Trait("Port", "ENet")]
    public void Where_the_relay_is_off_a_client_reaches_the_server_alone()
    {
        using var fortress = new Fortress(output, "actorpeer.server.relay = off", bystanders: 0, enet: new ENetOptions());
        using var forger = ENetInsiderAttacks.Joined(fortress);
        forger.Say(1, "all"u8.ToArray(), target: 0);
        forger.Say(2, "you"u8.ToArray(), target: fortress.Bystanders[0].Id);
        forger.Say(3, "server"u8.ToArray());
        fortress.Until(() => fortress.Server.Heard(forger.Id).Contains("server"), "the server hears it");
        fortress.Undisturbed();
        Assert.DoesNotContain(fortress.Bystanders[0].Packets, packet => packet.Peer == forger.Id);
        Assert.True(fortress.Counters.RelayRefused >= 1);
    }
}
