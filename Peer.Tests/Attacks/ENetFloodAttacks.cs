using System.Net;
using Peer.Actors;
using Peer.Lab.Fuzz.World;
using Peer.Protocol;
using Peer.Protocol.ENet;
using Peer.Tests.Wire;
using Xunit.Abstractions;

namespace Peer.Tests.Attacks;

/// <summary>Strangers at the port for ENet who send much, hoping that the server answers more, remembers them, or has no time left for others.</summary>
public sealed class ENetFloodAttacks(ITestOutputHelper output)
{
    [Fact]
    [Trait("Attack", "1")]
    [Trait("Port", "ENet")]
    public void A_flood_of_connects_over_real_sockets_stops_nobody()
    {
        using var fortress = new Fortress(output, bystanders: 1, enet: new ENetOptions());
        var strangers = Enumerable.Range(0, 40).Select(i => new Stranger(fortress.ENetPort, new IPAddress([127, (byte)(1 + i), (byte)(i * 3), 9]))).ToArray();
        var sent = 0;
        fortress.Withstands(20, step =>
        {
            for (var i = 0; i < 1_000; i++, sent++)
                strangers[i % strangers.Length].Send(Sealed(ENetForger.Connect((uint)sent + 1, 200_000 + sent)));
            if (step == 10)
                fortress.WelcomesENet();
        });
        fortress.WelcomesENet();
        fortress.Welcomes();
        Assert.All(strangers.SelectMany(stranger => stranger.Drain()), answer => Assert.Equal(48, answer.Length));
        Assert.Equal(5, fortress.Counters.Peers);
        Assert.InRange(fortress.Counters.HalfOpen, 0, 16_384);
        foreach (var stranger in strangers)
            stranger.Dispose();
    }

    public static TheoryData<string> Inputs =>
    [
        "connect", "the same connect again", "connect with a taken id", "connect, refused", "connect of no channels", "connect cut short", "connect with more behind it",
        "a confirmation that is wrong", "the smallest for a slot that was offered", "a ping for a slot that was offered", "for a slot that nobody has", "for a slot that somebody has",
        "verify connect", "disconnect", "compressed", "one byte", "nothing", "4 097 bytes", "65 507 bytes",
    ];

    [Theory]
    [MemberData(nameof(Inputs))]
    [Trait("Attack", "2")]
    [Trait("Port", "ENet")]
    public void What_a_stranger_is_answered_is_no_more_than_he_sent(string input)
    {
        using var fortress = new Fortress(output, bystanders: 0, enet: new ENetOptions());
        fortress.Server.Peer.RefuseNewConnections = input == "connect, refused";
        fortress.Until(() => true, "a turn");
        using var stranger = input.EndsWith("offered", StringComparison.Ordinal) || input.EndsWith("wrong", StringComparison.Ordinal)
            ? new ENetForger(fortress.ENetPort, confirms: false)
            : null;
        using var plain = new Stranger(fortress.ENetPort);
        var bystander = fortress.Bystanders[0].Id;
        var datagram = Datagram(input, stranger, bystander);
        var before = fortress.Counters;
        for (var i = 0; i < 5; i++)
        {
            if (stranger is null)
                plain.Send(datagram);
            else
                stranger.SendRaw(datagram);
        }

        fortress.Until(() => fortress.Counters.DatagramsIn >= before.DatagramsIn + 5, "all have arrived");
        fortress.Undisturbed();
        var answers = stranger?.Drain() ?? plain.Drain();
        var bytes = answers.Sum(answer => answer.Length) + (stranger is null ? 0 : 48);
        var asked = (5 * datagram.Length) + (52 * (stranger?.Asked ?? 0));
        output.WriteLine($"| {input} | {asked} | {bytes} | {(asked == 0 ? 0 : bytes / (double)asked):0.00} |");
        Assert.InRange(bytes, 0, asked);
        Assert.Equal(1, fortress.Counters.Peers);
    }

    [Theory]
    [InlineData("another port")]
    [InlineData("another number")]
    [InlineData("another time")]
    [InlineData("another session")]
    [InlineData("another slot")]
    [InlineData("too late")]
    [Trait("Attack", "3")]
    [Trait("Port", "ENet")]
    public void A_confirmation_is_worthless_with(string what)
    {
        using var fortress = new Fortress(output, $"actorpeer.server.confirm-timeout = {(what == "too late" ? "2s" : "60s")}", bystanders: 0, enet: new ENetOptions());
        using var forger = new ENetForger(fortress.ENetPort, confirms: false);
        using var other = new Stranger(fortress.ENetPort);
        var seat = forger.Seat;
        if (what == "too late")
            fortress.Until(() => fortress.Counters is { HalfOpen: 0, Unconfirmed: 1 }, "the offer has expired");
        var changed = what switch
        {
            "another number" => seat with { Number = (ushort)(seat.Number + 1) },
            "another time" => seat with { SentTime = (ushort)(seat.SentTime ^ 1) },
            "another session" => seat with { Session = (byte)((seat.Session + 1) & 3) },
            "another slot" => seat with { Slot = (ushort)(seat.Slot ^ 1) },
            _ => seat,
        };
        using var codec = new ENetCodec(ENetSettings.Default);
        var datagram = changed.Datagram(codec, false, ENetForge.Numbers(ENetCommand.Acknowledge, 0, 0xFF, changed.Number, changed.Number, changed.SentTime), 0);
        var before = fortress.Counters.DatagramsIn;
        if (what == "another port")
            other.Send(datagram);
        else
            forger.SendRaw(datagram);
        fortress.Until(() => fortress.Counters.DatagramsIn > before, "it has arrived");
        fortress.Undisturbed();
        Assert.Equal(1, fortress.Counters.Peers);
        Assert.False(fortress.Server.Knows(forger.Id));
    }

    [Fact]
    [Trait("Attack", "2")]
    [Trait("Attack", "13")]
    [Trait("Port", "ENet")]
    public void One_network_cannot_make_the_server_send_more_than_its_share()
    {
        using var fortress = new Fortress(output, "actorpeer.server { limit-loopback = on, hellos-per-prefix = 5 }", bystanders: 1, enet: new ENetOptions());
        var neighbours = Enumerable.Range(1, 10).Select(i => new Stranger(fortress.ENetPort, new IPAddress([127, 9, 9, (byte)i]))).ToArray();
        var sent = 0;
        fortress.Withstands(10, _ =>
        {
            foreach (var neighbour in neighbours)
            {
                for (var i = 0; i < 10; i++, sent++)
                    neighbour.Send(Sealed(ENetForger.Connect((uint)sent + 1, 300_000 + sent)));
            }
        });
        fortress.Until(() => fortress.Counters.Hellos >= 1_000, "all have arrived");
        Assert.InRange(neighbours.Sum(neighbour => neighbour.Drain().Count), 20, 300);
        Assert.True(fortress.Counters.HellosOverPrefixRate >= 700);
        fortress.WelcomesENet("127.9.10.1");
        foreach (var neighbour in neighbours)
            neighbour.Dispose();
    }

    [Fact]
    [Trait("Attack", "16")]
    [Trait("Port", "ENet")]
    public void A_storm_of_datagrams_that_are_nobodys_is_counted_and_fills_no_log()
    {
        using var fortress = new Fortress(output, bystanders: 1, enet: new ENetOptions());
        using var log = new LogCapture(fortress.Island);
        using var victim = new ENetForger(fortress.ENetPort);
        using var stranger = new Stranger(fortress.ENetPort);
        fortress.Until(() => fortress.Server.Knows(victim.Id), "the victim is in");
        fortress.Command(new SetPeerTimeout(victim.Id, 1_000, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2)));
        using var codec = new ENetCodec(ENetSettings.Default);
        var other = (victim.Seat with { Session = (byte)((victim.Seat.Session + 1) & 3) }).Datagram(codec, false, ENetForge.Words(ENetCommand.Ping, 0x80, 0xFF, 9), 0);
        fortress.Withstands(20, _ =>
        {
            for (var i = 0; i < 250; i++)
            {
                stranger.Send(other);
                victim.SendRaw(other);
            }
        });
        victim.Send(ENetForge.Words(ENetCommand.Ping, 0x80, 0xFF, 2));

        // It goes on until enough has come through: what the socket cannot hold the kernel drops, and nobody counts it.
        fortress.Until(
            () =>
            {
                victim.SendRaw(other);
                return fortress.Server.Any.GetPeerStatistics(victim.Id).PacketsRejected + fortress.Counters.DatagramsOverIngressLimit > 2_000;
            },
            "the storm is counted");
        Assert.True(fortress.Server.Knows(victim.Id), "the victim itself is not cut off");
        Assert.Empty(log.Lines);
        Assert.Empty(stranger.Drain());
    }

    [Fact]
    [Trait("Attack", "16")]
    [Trait("Port", "ENet")]
    public void A_client_that_sends_more_than_it_may_is_heard_up_to_there()
    {
        using var fortress = new Fortress(output, "actorpeer.server { ingress-datagrams-per-second = 200, ingress-bytes-per-second = 1MiB }", bystanders: 1, enet: new ENetOptions());
        using var loud = ENetInsiderAttacks.Joined(fortress);
        ushort number = 2;
        fortress.Until(
            () =>
            {
                for (var i = 0; i < 100; i++)
                    loud.Send(ENetForge.Words(ENetCommand.Ping, 0x80, 0xFF, number++));
                return fortress.Counters.DatagramsOverIngressRate > 1_000;
            },
            "most of it is dropped unopened");
        fortress.Undisturbed();
    }

    [Fact]
    [Trait("Attack", "17")]
    [Trait("Port", "ENet")]
    public void Unreachable_answers_do_not_end_the_socket()
    {
        using var fortress = new Fortress(output, bystanders: 1, enet: new ENetOptions());
        fortress.Withstands(50, step =>
        {
            for (var i = 0; i < 4; i++)
            {
                using var hasty = new Stranger(fortress.ENetPort, new IPAddress([127, 1, (byte)step, (byte)(i + 1)]));
                hasty.Send(Sealed(ENetForger.Connect((uint)((step * 4) + i + 1), 400_000 + (step * 4) + i)));
            }
        });
        fortress.Until(() => fortress.Counters.Challenges >= 201, "all of them are answered");
        fortress.WelcomesENet();
    }

    [Fact]
    [Trait("Attack", "17")]
    [Trait("Port", "ENet")]
    public void A_client_that_vanishes_without_a_word_is_timed_out_and_its_closed_port_hurts_nobody()
    {
        using var fortress = new Fortress(output, bystanders: 1, enet: new ENetOptions());
        var ids = new List<int>();
        for (var i = 0; i < 3; i++)
        {
            using var forger = new ENetForger(fortress.ENetPort);
            ids.Add(forger.Id);
            fortress.Until(() => fortress.Server.Knows(forger.Id), "it is in");
            fortress.Command(new SetPeerTimeout(forger.Id, 2, TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(1)));
        }

        fortress.Until(() => ids.All(id => fortress.Server.Signals.Contains($"-{id}")), "they time out");
        Assert.All(fortress.Server.Reasons, info => Assert.Equal(DisconnectReason.Timeout, info.Reason));
        fortress.Undisturbed();
    }

    private static byte[] Sealed(byte[] connect)
    {
        using var codec = new ENetCodec(ENetSettings.Default);
        return ENetSeat.None.Datagram(codec, false, connect, 0);
    }

    private static byte[] Datagram(string input, ENetForger? offered, int bystander)
    {
        var connect = ENetForger.Connect(7, 500_000);
        return input switch
        {
            "connect with a taken id" => Sealed(ENetForger.Connect(7, bystander)),
            "connect of no channels" => Sealed([.. connect[..16], 0, 0, 0, 0, .. connect[20..]]),
            "connect cut short" => Sealed(connect[..^1]),
            "connect with more behind it" => Sealed([.. connect, .. new byte[500]]),
            "a confirmation that is wrong" => offered!.Sealed(ENetForge.Numbers(ENetCommand.Acknowledge, 0, 0xFF, 1, 1, 1)),
            "the smallest for a slot that was offered" => offered!.Sealed([])[..2] is [var high, var low] ? [(byte)(high & 0x3F), low] : [],
            "a ping for a slot that was offered" => offered!.Sealed(ENetForge.Words(ENetCommand.Ping, 0x80, 0xFF, 2)),
            "for a slot that nobody has" => Of(4_000, ENetForge.Words(ENetCommand.Ping, 0x80, 0xFF, 2)),
            "for a slot that somebody has" => Of(1, ENetForge.Words(ENetCommand.Ping, 0x80, 0xFF, 2)),
            "verify connect" => Of(ENetFormat.NoPeer, ENetForge.Words(ENetCommand.VerifyConnect, 0x80, 0xFF, 1, [.. new uint[10]])),
            "disconnect" => Of(ENetFormat.NoPeer, ENetForge.Words(ENetCommand.Disconnect, 0x80, 0xFF, 1, 0)),
            "compressed" => [0x4F, 0xFF, .. new byte[60]],
            "one byte" => [0x8F],
            "nothing" => [],
            "4 097 bytes" => [.. Sealed(connect), .. new byte[4_097 - 52]],
            "65 507 bytes" => [.. Sealed(connect), .. new byte[65_507 - 52]],
            _ => Sealed(connect),
        };

        static byte[] Of(ushort slot, byte[] body)
        {
            using var codec = new ENetCodec(ENetSettings.Default);
            return new ENetSeat(slot, 0, 0, 0, 0).Datagram(codec, false, body, 0);
        }
    }
}
