using Akka.Actor;
using Peer.Actors;
using Peer.Lab.Fuzz.World;
using Peer.Protocol;
using Peer.Protocol.ENet;
using Peer.TestKit;
using Peer.Tests.Wire;
using Xunit.Abstractions;

namespace Peer.Tests.Attacks;

/// <summary>A client that speaks ENet, has joined honestly, and then does its worst: it alone is cut off, or merely not heard.</summary>
public sealed class ENetInsiderAttacks(ITestOutputHelper output)
{
    private const string Small = """
        actorpeer.delivery { max-message = 64KiB, partial-per-connection = 64KiB }
        actorpeer.connection { receive-window = 256KiB, outgoing-queue = 128KiB }
        """;

    public static TheoryData<string> FragmentCrimes =>
    [
        "no pieces", "index equals count", "2^32 pieces", "the count changes", "the total changes", "the last piece too long", "an empty piece", "a piece past the end", "larger than the largest message",
        "the same piece again and again", "a message that never ends", "a thousand messages that never end", "loose pieces that never end", "pieces far ahead",
    ];

    [Theory]
    [MemberData(nameof(FragmentCrimes))]
    [Trait("Attack", "8")]
    [Trait("Port", "ENet")]
    public void Pieces_that_do_not_make_a_message_cost_a_bounded_budget_and_nobody_else(string crime)
    {
        using var fortress = new Fortress(output, Small, bystanders: 1, enet: new ENetOptions());
        using var forger = Joined(fortress);
        var datagrams = Pieces(crime).Chunk(3).Select(pieces => pieces.SelectMany(piece => piece).ToArray()).ToArray();
        fortress.Arrive(datagrams.Length, i => forger.Send(datagrams[i]));

        // Twice the largest message of reliable ones and 64 KiB of others for one connection, whatever it sends.
        fortress.Undisturbed();
        Assert.InRange(fortress.Counters.PartialBytes, 0, 192 << 10);
        Assert.Empty(fortress.Server.Heard(forger.Id));

        // On another channel it is heard as if nothing had been.
        forger.Say(1, "still here"u8.ToArray(), channel: 5);
        fortress.Until(() => fortress.Server.Heard(forger.Id).Contains("still here"), "it is heard");
        Leave(fortress, forger);
        fortress.Until(() => fortress.Counters.PartialBytes == 0, "nothing stays behind");
    }

    [Fact]
    [Trait("Attack", "9")]
    [Trait("Port", "ENet")]
    public void Acknowledgements_of_what_was_never_sent_do_nothing()
    {
        using var fortress = new Fortress(output, bystanders: 1, enet: new ENetOptions());
        using var forger = Joined(fortress);
        fortress.Withstands(20, step =>
        {
            for (var i = 0; i < 100; i++)
            {
                var start = (step * 3_200) + (i * 32);
                forger.Send([.. Enumerable.Range(start, 32).SelectMany(number =>
                    ENetForge.Numbers(ENetCommand.Acknowledge, 0, (byte)(number % 3 == 0 ? 0xFF : number % 9), (ushort)number, (ushort)number, (ushort)(number * 7)))]);
            }
        });
        Assert.True(fortress.Server.Knows(forger.Id));
        Assert.Equal(Error.Ok, fortress.Server.Say("to you", target: forger.Id));
        Hears(fortress, forger, "to you"u8.ToArray());
    }

    [Fact]
    [Trait("Attack", "10")]
    [Trait("Port", "ENet")]
    public void Numbers_that_leap_are_not_believed_and_the_next_ones_in_turn_are()
    {
        using var fortress = new Fortress(output, Small, bystanders: 1, enet: new ENetOptions());
        using var forger = Joined(fortress);
        foreach (var leap in (ushort[])[4_096 * 7, 32_767, 32_768, 65_535])
        {
            forger.Say(leap, "leap"u8.ToArray());
            forger.Send([.. ENetForge.Numbers(ENetCommand.SendUnsequenced, 0x40, 2, 0, leap, 8), .. ENetForger.Packet(forger.Id, 1, [])]);
        }

        forger.Say(1, "first"u8.ToArray());
        forger.Say(2, "second"u8.ToArray());
        fortress.Until(() => fortress.Server.Heard(forger.Id).Count() >= 2, "both are heard");
        Assert.Equal(["first", "second"], fortress.Server.Heard(forger.Id));
        fortress.Undisturbed();
    }

    public static TheoryData<string, string> Malformed => new()
    {
        { "half a command", "8601" },
        { "a command that is none", "8D000001" },
        { "a command of kind 0", "80000001" },
        { "a length past its end", "860100010FFF41" },
        { "a channel that there is not", "86C8000100020102" },
        { "a reliable message that wants no acknowledgement", "0601000100020102" },
        { "a packet of seven bytes", "86010001000701020304050607" },
        { "a packet of no bytes", "860100010000" },
        { "a notice, which is the server's", "8600000100080000000007000000" },
        { "connect in a connection", "82FF0001" + "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000" },
        { "verify in a connection", "83FF0001" + "00000000000000000000000000000000000000000000000000000000000000000000000000000000" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    [Trait("Attack", "11")]
    [Trait("Port", "ENet")]
    public void Commands_that_break_the_format_are_dropped_with_what_follows_and_hurt_nobody(string what, string hex)
    {
        using var fortress = new Fortress(output, bystanders: 1, enet: new ENetOptions());
        using var forger = Joined(fortress);
        var commands = Convert.FromHexString(hex);
        for (var i = 0; i < 20; i++)
            forger.Send(commands);
        fortress.Undisturbed();
        Assert.True(fortress.Server.Knows(forger.Id), what);
        Assert.Empty(fortress.Server.Heard(forger.Id));
        Assert.All(fortress.Bystanders, bystander => Assert.DoesNotContain("+7", bystander.Signals));
    }

    [Theory]
    [InlineData(ENetCompression.RangeCoder)]
    [InlineData(ENetCompression.Zlib)]
    [Trait("Attack", "11")]
    [Trait("Port", "ENet")]
    public void A_compressed_bomb_costs_one_datagram(ENetCompression compression)
    {
        using var fortress = new Fortress(output, bystanders: 1, enet: new ENetOptions { Compression = compression });
        var settings = new ENetSettings { Compressor = compression == ENetCompression.Zlib ? ENetCompressor.Zlib : ENetCompressor.RangeCoder };
        using var forger = Joined(fortress, settings);
        var random = new SeededSource(7);
        var header = forger.Sealed(ENetForge.Words(ENetCommand.Ping, 0x80, 0xFF, 2))[..4];
        header[0] |= 0x40;
        var zeros = new byte[1 << 20];
        using var bomb = new MemoryStream();
        using (var zlib = new System.IO.Compression.ZLibStream(bomb, System.IO.Compression.CompressionLevel.SmallestSize, leaveOpen: true))
            zlib.Write(zeros);
        fortress.Withstands(20, _ =>
        {
            forger.SendRaw([.. header, .. bomb.ToArray()]);
            for (var i = 0; i < 50; i++)
            {
                var body = new byte[1 + random.Below(1_300)];
                random.Fill(body);
                forger.SendRaw([.. header, .. body]);
            }
        });

        // Nobody waits until the server has read all that: what the socket cannot hold the kernel drops, and a forger repeats nothing by itself.
        fortress.Until(
            () =>
            {
                forger.Say(1, "still here"u8.ToArray());
                return fortress.Server.Heard(forger.Id).Contains("still here");
            },
            "it is heard");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [Trait("Attack", "21")]
    [Trait("Port", "ENet")]
    public void Random_datagrams_and_random_commands_end_at_most_their_sender(int seed)
    {
        using var fortress = new Fortress(output, Small, bystanders: 1, enet: new ENetOptions());
        using var log = new LogCapture(fortress.Island);
        using var stranger = new Stranger(fortress.ENetPort);
        var random = new SeededSource((ulong)seed);
        fortress.Withstands(20, _ =>
        {
            using var forger = Joined(fortress);
            for (var i = 0; i < 50; i++)
            {
                forger.Send([.. Enumerable.Range(0, 1 + random.Below(6)).SelectMany(_ => ENetForge.Command(random)).Take(1_300)]);
                var bytes = new byte[random.Below(200)];
                random.Fill(bytes);
                stranger.Send(bytes);
                var flipped = forger.Sealed(ENetForge.Command(random));
                flipped[random.Below(flipped.Length)] ^= (byte)(1 << random.Below(8));
                forger.SendRaw(flipped);
            }
        });
        Assert.DoesNotContain(log.Lines, line => line.Contains("Exception", StringComparison.Ordinal));
        Assert.DoesNotContain(fortress.Server.Reasons, info => info.Reason == DisconnectReason.InternalError);
        fortress.WelcomesENet();
    }

    [Fact]
    [Trait("Attack", "21")]
    [Trait("Port", "ENet")]
    public void Whoever_comes_from_the_port_of_one_who_left_without_a_word_gets_in_and_is_heard()
    {
        using var fortress = new Fortress(output, bystanders: 1, enet: new ENetOptions());
        int port;
        using (var gone = Joined(fortress))
        {
            port = gone.Port;
            Assert.Equal(Error.Ok, fortress.Server.Say("are you there?", target: gone.Id));
        }

        // What the first never acknowledges is said to the second as well, before and after the answer to its CONNECT.
        using var next = Joined(fortress, port: port);
        next.Say(1, "I am another"u8.ToArray());
        fortress.Until(() => fortress.Server.Heard(next.Id).Contains("I am another"), "it is heard");
        fortress.Undisturbed();
    }

    [Fact]
    [Trait("Attack", "14")]
    [Trait("Port", "ENet")]
    public void A_failure_inside_one_connection_ends_that_one_alone()
    {
        using var fortress = new Fortress(output, "akka.loglevel = OFF", bystanders: 1, enet: new ENetOptions());
        var guest = fortress.WelcomesENet();
        var id = guest.Id;
        fortress.Island.ActorSelection($"/user/*/connection-{id}").Tell(Kill.Instance);
        fortress.Until(() => guest.Signals.Contains("server gone") && fortress.Server.Signals.Contains($"-{id}"), "both hear of it");
        Assert.Equal(DisconnectReason.InternalError, fortress.Server.Reasons[^1].Reason);
        fortress.Undisturbed();
        fortress.WelcomesENet();
    }

    /// <summary>A forger who is in, and is not given up for never acknowledging anything.</summary>
    internal static ENetForger Joined(Fortress fortress, ENetSettings? settings = null, int port = 0)
    {
        var forger = new ENetForger(fortress.ENetPort, settings, port: port);
        fortress.Until(() => fortress.Server.Knows(forger.Id), "the forger has joined");
        fortress.Command(new SetPeerTimeout(forger.Id, int.MaxValue, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(10)));
        return forger;
    }

    private static void Leave(Fortress fortress, ENetForger forger)
    {
        forger.Send(ENetForge.Words(ENetCommand.Disconnect, 0x40, 0xFF, 3, 0));
        fortress.Until(() => fortress.Server.Signals.Contains($"-{forger.Id}"), "it leaves");
    }

    private static void Hears(Fortress fortress, ENetForger forger, byte[] text) =>
        fortress.Until(() => forger.Drain().Exists(datagram => datagram.AsSpan().IndexOf(text) >= 0), "it is told");

    private static IEnumerable<byte[]> Pieces(string crime)
    {
        byte[] Piece(uint count, uint index, uint total, ushort start = 1, byte kind = 0x88, byte channel = 3) =>
            ENetForge.Piece((ENetCommand)(kind & 15), (byte)(kind & 0xF0), channel, (ushort)(start + index), start, count, index, total);
        byte[] Changed(byte[] piece, int at, uint value)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(piece.AsSpan(at), value);
            return piece;
        }

        return crime switch
        {
            "no pieces" => [Changed(Piece(3, 0, 800), 8, 0)],
            "index equals count" => [Changed(Piece(3, 0, 800), 12, 3)],
            "2^32 pieces" => [Changed(Piece(3, 0, 800), 8, uint.MaxValue)],
            "the count changes" => [Piece(3, 0, 800), Piece(4, 1, 1_000)],
            "the total changes" => [Piece(3, 0, 800), Changed(Piece(3, 1, 800), 16, 801)],
            "the last piece too long" => [Piece(3, 0, 800), Piece(3, 1, 800), Changed(Piece(3, 2, 800), 20, 700)],
            "an empty piece" => [[.. ENetForge.Numbers(ENetCommand.SendFragment, 0x80, 3, 1, 1, 0), 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 3, 0x20, 0, 0, 0, 0]],
            "a piece past the end" => [Changed(Piece(3, 0, 800), 20, 799)],
            "larger than the largest message" => [Changed(Piece(3, 0, 800), 16, 32 << 20), Changed(Piece(3, 0, 800), 16, uint.MaxValue)],
            "the same piece again and again" => Enumerable.Repeat(Piece(200, 5, 60_000), 500),
            "a message that never ends" => Enumerable.Range(0, 199).Select(i => Piece(200, (uint)i, 60_000)),
            "a thousand messages that never end" => Enumerable.Range(0, 1_000).Select(i => Piece(200, 1, 60_000, (ushort)(2 + (i * 3)))),
            "loose pieces that never end" => Enumerable.Range(0, 1_000).Select(i => Piece(200, 1, 60_000, (ushort)(1 + i), kind: 12)),
            _ => Enumerable.Range(0, 300).Select(i => Piece(3, 0, 800, (ushort)(28_672 + i))),
        };
    }
}
