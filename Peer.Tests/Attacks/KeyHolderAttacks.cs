using Peer.Protocol;
using Peer.Protocol.Delivery;
using Peer.Protocol.Wire;
using Peer.Tests.Wire;
using Xunit.Abstractions;

namespace Peer.Tests.Attacks;

/// <summary>A client that has joined honestly, holds the keys, and then does its worst: it alone is cut off, or it is merely not heard.</summary>
public sealed class KeyHolderAttacks(ITestOutputHelper output)
{
    private const string Small = """
        actorpeer.delivery { max-message = 64KiB, partial-per-connection = 64KiB, partial-total = 128KiB }
        actorpeer.connection { receive-window = 256KiB, outgoing-queue = 128KiB }
        """;
    private static readonly SequenceKey Chat = new(3, TransferMode.Reliable);
    private static readonly SequenceKey Loose = new(3, TransferMode.Unreliable);

    public static TheoryData<string, bool> FragmentCrimes => new()
    {
        { "no pieces", true },
        { "one piece", true },
        { "index equals count", true },
        { "index beyond count", true },
        { "count beyond 65 535", true },
        { "the count changes", true },
        { "a piece longer than its sisters", true },
        { "the last piece too long", true },
        { "larger than the largest message", true },
        { "65 535 pieces of which one comes", true },
        { "an empty piece", true },
        { "groups that overlap", true },
        { "a broken-off group in a reliable sequence", true },
        { "the same piece again and again", false },
        { "a group that never ends", false },
        { "a thousand groups that never end", false },
    };

    [Theory]
    [MemberData(nameof(FragmentCrimes))]
    [Trait("Attack", "8")]
    public void Pieces_that_do_not_make_a_message_cost_a_bounded_budget_and_nobody_else(string crime, bool isCutOff)
    {
        using var fortress = new Fortress(output, Small);
        using var forger = new Forger(fortress.Port);
        var id = forger.Offer.PeerId;
        fortress.Until(() => fortress.Server.Knows(id), "the forger has joined");
        foreach (var frames in Pieces(crime))
            forger.Send(frames);

        if (isCutOff)
        {
            Assert.Equal(DisconnectReason.ProtocolViolation, forger.AwaitClose().Reason);
            fortress.Until(() => fortress.Server.Signals.Contains($"-{id}"), "its end is heard of");
        }

        // 64 KiB for one connection, whatever it sends, and all of it free again once it has gone.
        Assert.InRange(fortress.Counters.PartialBytes, 0, 64 << 10);
        fortress.Undisturbed();
        if (!isCutOff)
        {
            Assert.True(fortress.Server.Knows(id));
            forger.Send(6, 1, 0, 0);
        }

        fortress.Until(() => fortress.Counters.PartialBytes == 0, "nothing stays behind");
    }

    [Fact]
    [Trait("Attack", "8")]
    public void Many_hoarders_of_pieces_share_one_budget()
    {
        using var fortress = new Fortress(output, Small);
        var forgers = Enumerable.Range(0, 6).Select(_ => new Forger(fortress.Port)).ToArray();
        fortress.Withstands(10, step =>
        {
            foreach (var forger in forgers)
            {
                for (var group = 0; group < 20; group++)
                    forger.Send(Piece(Loose, 1_000L * ((step * 20) + group), 0, 50, 1_000));
            }
        });
        Assert.InRange(fortress.Counters.PartialBytes, 1, 128 << 10);
        foreach (var forger in forgers)
        {
            forger.Send(6, 1, 0, 0);
            forger.Dispose();
        }

        fortress.Until(() => fortress.Counters.PartialBytes == 0, "nothing stays behind");
    }

    [Theory]
    [InlineData("of what was never sent", "02FFFF7F000000")]
    [InlineData("far ahead", "02FFFFFFFFFFFFFFFF7F000000")]
    [InlineData("of 2^32 numbers", "0280808080100000FFFFFFFF0F")]
    [InlineData("below zero", "0205000006")]
    [InlineData("of more ranges than may be", "027F00400000")]
    [InlineData("cut off", "0205")]
    [InlineData("of a padded number", "028500000000")]
    [Trait("Attack", "9")]
    public void An_acknowledgement_ends_its_sender_when_it_is_one(string what, string hex)
    {
        using var fortress = new Fortress(output);
        using var forger = new Forger(fortress.Port);
        var id = forger.Offer.PeerId;
        fortress.Until(() => fortress.Server.Knows(id), "the forger has joined");
        forger.Send(Convert.FromHexString(hex));
        Assert.Equal(DisconnectReason.ProtocolViolation, forger.AwaitClose().Reason);
        fortress.Until(() => fortress.Server.Signals.Contains($"-{id}"), $"an acknowledgement {what} is the end of it");
        fortress.Undisturbed();
    }

    [Fact]
    [Trait("Attack", "9")]
    public void Acknowledgements_of_every_other_datagram_at_the_most_ranges_cost_a_window_and_no_more()
    {
        using var fortress = new Fortress(output);
        using var forger = new Forger(fortress.Port);
        var id = forger.Offer.PeerId;
        fortress.Until(() => fortress.Server.Knows(id), "the forger has joined");
        fortress.Withstands(20, _ =>
        {
            // The server answers each ping, so there is something to acknowledge; 64 ranges are claimed, most of them of nothing that is in flight.
            for (var i = 0; i < 100; i++)
                forger.Send(1, 0, 0, 0, 0, 0, 0, 0, 0);
            for (var i = 0; i < 50; i++)
                forger.Send(2, 1, 0, 0, 0);
        });
        Assert.True(fortress.Server.Knows(id));
    }

    [Theory]
    [InlineData("an unknown frame", "33")]
    [InlineData("half a frame", "420300")]
    [InlineData("a frame past its end", "4203000000002041")]
    [InlineData("a mode that is none", "43030000000002 0141")]
    [InlineData("a channel that is the control channel", "42FF00000000020141")]
    [InlineData("a payload that is no run", "4203000000000 20941")]
    [InlineData("an empty message", "420300000000 0100")]
    [InlineData("credit of 2^64", "03FFFFFFFFFFFFFFFFFF01")]
    [InlineData("a close with a text past its end", "0601FF")]
    [InlineData("a close with a payload over its limit", "060100 818010")]
    [InlineData("half a path challenge", "04010203")]
    [Trait("Attack", "11")]
    public void Frames_that_break_the_format_end_their_sender(string what, string hex) => EndsItsSender(what, Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));

    [Theory]
    [InlineData("an array of 2^32 elements", "DDFFFFFFFF")]
    [InlineData("a map of 2^32 entries", "DFFFFFFFFF01")]
    [InlineData("a string of 2^32 bytes", "95020201DBFFFFFFFF41")]
    [InlineData("bytes of 2^32", "9202C6FFFFFFFF00")]
    [InlineData("ten thousand arrays in each other", "nested")]
    [InlineData("an extension", "C70001")]
    [InlineData("nothing that may be there", "C1")]
    [InlineData("a type that nobody knows", "9163")]
    [InlineData("a join of a million that are not there", "9201DD000F4240")]
    [Trait("Attack", "11")]
    public void A_control_message_that_is_a_bomb_ends_its_sender(string what, string hex)
    {
        var message = hex == "nested" ? [.. Enumerable.Repeat((byte)0x91, 1_000), 0x01] : Convert.FromHexString(hex);
        EndsItsSender(what, Frame(SequenceKey.Control, 0, null, message));
    }

    [Fact]
    [Trait("Attack", "11")]
    public void Datagrams_of_every_length_and_kind_are_dropped_and_counted()
    {
        using var fortress = new Fortress(output);
        using var stranger = new Stranger(fortress.Port);
        var random = new SeededRandom(3);
        fortress.Withstands(10, step =>
        {
            foreach (var length in (int[])[1, 2, 14, 15, 30, 31, 1_199, 1_200, 1_201, 9_000, 65_507])
            {
                var datagram = random.Take(length);
                datagram[0] = (byte)(0x40 + (step % 2 * 0x30));
                stranger.Send(datagram);

                // The length in the header claims more than there is, and less.
                if (length < 20)
                    continue;
                datagram[0] = 0x40;
                datagram[13] = (byte)length;
                datagram[14] = (byte)(length >> 8);
                stranger.Send(datagram);
                datagram[13] = 3;
                datagram[14] = 0;
                stranger.Send(datagram);
            }
        });
        fortress.Until(() => fortress.Counters.DatagramsMalformed > 100, "they are counted");
        Assert.Empty(stranger.Drain());
    }

    [Fact]
    [Trait("Attack", "10")]
    public void A_sequence_that_leaps_half_its_numbers_ends_its_sender_and_packet_numbers_wrap_unharmed()
    {
        using var fortress = new Fortress(output);
        using var forger = new Forger(fortress.Port);
        var id = forger.Offer.PeerId;
        fortress.Until(() => fortress.Server.Knows(id), "the forger has joined");

        // Packet numbers over the end of their 32 bits, three times around.
        var said = 0;
        for (var turn = 1L; turn <= 3; turn++)
        {
            foreach (var number in (long[])[(turn << 32) - (1L << 31), (turn << 32) - 2, turn << 32, (turn << 32) + 3])
            {
                forger.Number = number;
                forger.Send(Frame(Chat, said++, null, Delivery.Messages.RunBytes([1])));
                fortress.Until(() => fortress.Server.Packets.Count(packet => packet.Peer == id) == said, $"packet number {number} is opened");
            }
        }

        forger.Send(Frame(Chat, said + 0x8000_0000L, null, Delivery.Messages.RunBytes([1])));
        Assert.Equal(DisconnectReason.ProtocolViolation, forger.AwaitClose().Reason);
        fortress.Undisturbed();
    }

    [Fact]
    [Trait("Attack", "14")]
    public void What_fails_in_one_datagram_of_a_batch_touches_no_other()
    {
        using var fortress = new Fortress(output);
        using var forger = new Forger(fortress.Port);
        var id = forger.Offer.PeerId;
        fortress.Until(() => fortress.Server.Knows(id), "the forger has joined");
        var said = 0;
        fortress.Withstands(20, _ =>
        {
            // Good, damaged, good, in one datagram of UDP; and garbage behind it.
            forger.Hold();
            forger.Send(Frame(Chat, said++, null, Delivery.Messages.RunBytes([1])));
            forger.Send(1);
            forger.Spoil();
            forger.Send(Frame(Chat, said++, null, Delivery.Messages.RunBytes([2])));
            forger.Release([0xFF, 0xFF, 0xFF]);
        });
        fortress.Until(() => fortress.Server.Packets.Count(packet => packet.Peer == id) == said, "all that is good arrives");
        fortress.Until(() => fortress.Server.Peer.GetPeerStatistics(id).PacketsRejected >= 20, "the rest is counted");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    [InlineData(int.MaxValue)]
    [Trait("Attack", "18")]
    public void A_client_cannot_choose_its_id(int wanted)
    {
        using var fortress = new Fortress(output, bystanders: 1);
        var taken = fortress.Bystanders[0].Id;
        using var first = new Forger(fortress.Port, wantedPeerId: wanted);
        using var second = new Forger(fortress.Port, wantedPeerId: taken);
        Assert.NotEqual(wanted, first.Offer.PeerId);
        Assert.NotEqual(taken, second.Offer.PeerId);
        Assert.NotEqual(first.Offer.PeerId, second.Offer.PeerId);
        Assert.All((int[])[first.Offer.PeerId, second.Offer.PeerId], id => Assert.InRange(id, 2, int.MaxValue));
        fortress.Undisturbed();
    }

    [Fact]
    [Trait("Attack", "18")]
    public void A_client_cannot_speak_in_anothers_name_nor_end_another_nor_reach_further_than_it_may()
    {
        using var fortress = new Fortress(output);
        var (witness, other) = (fortress.Bystanders[0], fortress.Bystanders[1]);
        using (var forger = new Forger(fortress.Port))
        {
            var id = forger.Offer.PeerId;
            fortress.Until(() => witness.Knows(id), "the forger has joined");
            forger.Send(Frame(Chat, 0, witness.Id, Delivery.Messages.RunBytes("hi"u8.ToArray())));
            forger.Send(Frame(Chat, 1, 12_345, Delivery.Messages.RunBytes("nobody"u8.ToArray())));
            forger.Send(Frame(Chat, 2, int.MinValue, Delivery.Messages.RunBytes("edge"u8.ToArray())));
            fortress.Until(() => witness.Heard(id).Contains("hi"), "what it says comes under its own name");
            Assert.DoesNotContain("hi", witness.Heard(other.Id));
            fortress.Until(() => fortress.Counters.UnknownTarget == 1, "what is for nobody goes nowhere");

            forger.Send(Frame(Chat, 3, witness.Id, null));
            Assert.Equal(DisconnectReason.ProtocolViolation, forger.AwaitClose().Reason);
        }

        fortress.Undisturbed();
    }

    [Fact]
    [Trait("Attack", "18")]
    public void Where_the_relay_is_off_a_client_reaches_the_server_alone()
    {
        using var fortress = new Fortress(output, "actorpeer.server.relay = off", bystanders: 0);
        var witness = fortress.Welcomes();
        using var forger = new Forger(fortress.Port);
        fortress.Until(() => fortress.Server.Knows(forger.Offer.PeerId), "the forger has joined");
        foreach (var (target, i) in ((int[])[0, witness.Id, -1]).Select((target, i) => (target, i)))
            forger.Send(Frame(Chat, i, target, Delivery.Messages.RunBytes("psst"u8.ToArray())));
        fortress.Until(() => fortress.Counters.RelayRefused >= 2 && fortress.Server.Packets.Count == 1, "the server alone hears it");
        Assert.Empty(witness.Packets);
    }

    private void EndsItsSender(string what, byte[] frames)
    {
        using var fortress = new Fortress(output);
        using var forger = new Forger(fortress.Port);
        var id = forger.Offer.PeerId;
        fortress.Until(() => fortress.Server.Knows(id), "the forger has joined");
        forger.Send(frames);
        Assert.Equal(DisconnectReason.ProtocolViolation, forger.AwaitClose().Reason);
        fortress.Until(() => fortress.Server.Signals.Contains($"-{id}"), what);
        Assert.Equal(1, fortress.Counters.Violations);
        fortress.Undisturbed();
    }

    private static IEnumerable<byte[]> Pieces(string crime) => crime switch
    {
        "no pieces" => [Piece(Loose, 0, 0, 0, 100)],
        "one piece" => [Piece(Loose, 0, 0, 1, 100)],
        "index equals count" => [Piece(Loose, 0, 5, 5, 100)],
        "index beyond count" => [Piece(Loose, 0, 60_000, 5, 100)],
        "count beyond 65 535" => [Piece(Loose, 0, 0, 65_536, 1)],
        "the count changes" => [Piece(Loose, 0, 0, 3, 100), Piece(Loose, 0, 1, 4, 100)],
        "a piece longer than its sisters" => [Piece(Loose, 0, 0, 3, 100), Piece(Loose, 0, 1, 3, 101)],
        "the last piece too long" => [Piece(Loose, 0, 0, 2, 100), Piece(Loose, 0, 1, 2, 101)],
        "larger than the largest message" => [Piece(Loose, 0, 0, 100, 1_000)],
        "65 535 pieces of which one comes" => [Piece(Loose, 0, 0, 65_535, 1_000)],
        "an empty piece" => [Piece(Loose, 0, 0, 2, 0)],
        "groups that overlap" => [Piece(Loose, 10, 0, 5, 100), Piece(Loose, 12, 0, 5, 100)],
        "a broken-off group in a reliable sequence" => [Piece(Chat, 0, 0, 3, 100), Piece(Chat, 1, 0, 3, 100)],
        "the same piece again and again" => Enumerable.Repeat(0, 200).Select(_ => Piece(Loose, 0, 0, 3, 100)),
        "a group that never ends" => [Piece(Loose, 0, 0, 50, 1_000)],
        _ => Enumerable.Range(0, 1_000).Select(i => Piece(Loose, i * 100L, 0, 50, 1_000)),
    };

    private static byte[] Piece(SequenceKey key, long start, int index, int count, int length)
    {
        var header = new byte[32];
        header[0] = (byte)(0x48 | (int)key.Mode);
        header[1] = key.Channel;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(2), (uint)(start + index));
        var at = 6;
        at += Varint.Write(header.AsSpan(at), (uint)index);
        at += Varint.Write(header.AsSpan(at), (uint)count);
        at += Varint.Write(header.AsSpan(at), (uint)length);
        return [.. header[..at], .. new byte[length]];
    }

    private static byte[] Frame(SequenceKey key, long sequence, int? peer, byte[]? payload)
    {
        if (key.IsControl)
            payload = Delivery.Messages.RunBytes(payload!);
        return Delivery.Messages.Encode(new OutboundFrame { Key = key, Sequence = sequence, Peer = peer, Ended = payload is null, Payload = payload });
    }
}
