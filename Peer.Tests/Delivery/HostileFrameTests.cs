using CsCheck;
using Peer.Protocol;
using Peer.Protocol.Delivery;

namespace Peer.Tests.Delivery;

/// <summary>Frames that only somebody who means harm sends, from a peer that holds the keys.</summary>
public class HostileFrameTests
{
    public static TheoryData<TransferMode> Modes => [TransferMode.Unreliable, TransferMode.UnreliableOrdered, TransferMode.Reliable];

    private static readonly DeliverySettings Settings = new() { MaxMessageBytes = 10_000 };

    private static readonly (string Name, Func<SequenceKey, InboundFrame[]> Frames)[] Stories =
    [
        ("one piece is no group", key => [Piece(key, 0, 0, 1, 100)]),
        ("a negative count", key => [Piece(key, 0, 0, -1, 100)]),
        ("more pieces than may be", key => [Piece(key, 0, 0, 65_536, 1)]),
        ("index equals count", key => [Piece(key, 0, 2, 2, 100)]),
        ("a negative index", key => [new InboundFrame(key, 3, null, false, -1, 2, new byte[9])]),
        ("the count changes", key => [Piece(key, 0, 0, 3, 100), Piece(key, 0, 1, 4, 100)]),
        ("the peer changes", key => [Piece(key, 0, 0, 3, 100, 1), Piece(key, 0, 1, 3, 100, 2)]),
        ("the peer disappears", key => [Piece(key, 0, 0, 3, 100, 1), Piece(key, 0, 1, 3, 100)]),
        ("a middle piece is longer", key => [Piece(key, 0, 0, 3, 100), Piece(key, 0, 1, 3, 101)]),
        ("a middle piece is shorter", key => [Piece(key, 0, 0, 3, 100), Piece(key, 0, 1, 3, 99)]),
        ("the last piece is longer", key => [Piece(key, 0, 0, 2, 100), Piece(key, 0, 1, 2, 101)]),
        ("1 100 bytes in pieces of 500: the third claims 500 and more", key => [Piece(key, 0, 0, 3, 500), Piece(key, 0, 1, 3, 500), Piece(key, 0, 2, 3, 501)]),
        ("an empty piece", key => [Piece(key, 0, 0, 2, 0)]),
        ("an empty last piece", key => [Piece(key, 0, 0, 2, 100), Piece(key, 0, 1, 2, 0)]),
        ("the whole exceeds the largest message", key => [Piece(key, 0, 0, 101, 100)]),
        ("the last piece makes it exceed the largest message", key => [Piece(key, 0, 0, 2, 9_999), Piece(key, 0, 1, 2, 2)]),
        ("65 535 pieces promise more than a message may be", key => [Piece(key, 0, 0, 65_535, 1)]),
        ("no messages", key => [new InboundFrame(key, 0, null, false, 0, 0, default)]),
        ("an empty message", key => [Raw(key, 0)]),
        ("a message past the end", key => [Raw(key, 5, 1, 2)]),
        ("a message of 2^63 bytes", key => [Raw(key, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 1)]),
        ("a padded length", key => [Raw(key, 0x81, 0x00, 7)]),
        ("a good message, then rubbish", key => [Raw(key, 1, 7, 9)]),
        ("a message larger than the largest", key => [new InboundFrame(key, 0, null, false, 0, 0, Messages.RunBytes(new byte[10_001]))]),
        ("ended, with messages", key => [new InboundFrame(key, 0, 3, true, 0, 0, new byte[] { 1, 1 })]),
        ("ended, but who", key => [new InboundFrame(key, 0, null, true, 0, 0, default)]),
        ("ended and a piece", key => [new InboundFrame(key, 0, 3, true, 0, 2, new byte[9])]),
    ];

    private static readonly (string Name, Func<SequenceKey, InboundFrame[]> Frames)[] UnreliableStories =
    [
        ("the last piece came first and is longer", key => [Piece(key, 0, 1, 2, 101), Piece(key, 0, 0, 2, 100)]),
        ("the last piece came first and promises too much", key => [Piece(key, 0, 100, 101, 101)]),
        ("groups overlap at their end", key => [Piece(key, 10, 0, 5, 100), Piece(key, 14, 1, 2, 100)]),
        ("groups overlap at their beginning", key => [Piece(key, 10, 0, 5, 100), Piece(key, 8, 0, 3, 100)]),
        ("a group begins before the first number", key => [Piece(key, -1, 1, 2, 100)]),
    ];

    private static readonly (string Name, Func<SequenceKey, InboundFrame[]> Frames)[] ReliableStories =
    [
        ("a group begins in the middle", key => [Piece(key, -1, 1, 2, 100)]),
        ("a group is broken off by a message", key => [Piece(key, 0, 0, 3, 100), Messages.Frame(key, 1, [1])]),
        ("a group is broken off by an end mark", key => [Piece(key, 0, 0, 3, 100), new InboundFrame(key, 1, 3, true, 0, 0, default)]),
        ("a group is broken off by another", key => [Piece(key, 0, 0, 3, 100), Piece(key, 1, 0, 3, 100)]),
        ("the early part contradicts what comes later", key => [Piece(key, 0, 1, 3, 100), Piece(key, 0, 0, 2, 100)]),
        ("far beyond the window", key => [Messages.Frame(key, 1 << 20, [1])]),
        ("half a number space ahead", key => [Messages.Frame(key, int.MaxValue, [1])]),
    ];

    [Theory]
    [MemberData(nameof(Modes))]
    public void Each_of_them_ends_the_connection_and_leaves_nothing_behind(TransferMode mode)
    {
        var key = new SequenceKey(2, mode);
        foreach (var (name, frames) in Stories.Concat(mode == TransferMode.Reliable ? ReliableStories : UnreliableStories))
        {
            using var receiver = new Receiver(key, Settings);
            var verdicts = frames(key).Select(receiver.Take).ToList();
            Assert.True(verdicts[^1] == InboundVerdict.Violation, $"{name}: {string.Join(", ", verdicts)}");
            Assert.All(verdicts.SkipLast(1), verdict => Assert.Equal(InboundVerdict.Accepted, verdict));
            Assert.Empty(receiver.Delivered);
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Eleven_hundred_bytes_in_pieces_of_five_hundred_are_three_pieces(TransferMode mode)
    {
        using var receiver = new Receiver(new SequenceKey(0, mode), new DeliverySettings { MaxMessageBytes = 1_100 });
        foreach (var (index, length) in new[] { (0, 500), (1, 500), (2, 100) })
            Assert.Equal(InboundVerdict.Accepted, receiver.TakePiece(0, index, 3, length));
        Assert.Equal(1_100, Messages.Split(Assert.Single(receiver.Delivered).Bytes)[0].Length);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_message_of_exactly_the_largest_size_passes_and_one_byte_more_does_not(TransferMode mode)
    {
        var key = new SequenceKey(0, mode);
        foreach (var (length, passes) in new[] { (10_000, true), (10_001, false) })
        {
            using var sequence = new OutboundSequence(key, new DeliverySettings());
            using var receiver = new Receiver(key, Settings);
            sequence.Submit(Messages.RunOf(key, null, new byte[length]));
            var verdicts = Messages.Cut(sequence).Select(frame => receiver.Take(Messages.OverTheWire(frame))).ToList();
            Assert.Equal(passes, receiver.Delivered.Count == 1);
            Assert.Equal(!passes, verdicts.Contains(InboundVerdict.Violation));
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void A_promise_of_sixty_five_thousand_pieces_costs_only_what_has_arrived(TransferMode mode)
    {
        using var receiver = new Receiver(new SequenceKey(0, mode), new DeliverySettings { MaxMessageBytes = 64 << 20 });
        receiver.TakePiece(0, 0, 65_535, length: 1_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var index = 1; index < 30; index++)
            Assert.Equal(InboundVerdict.Accepted, receiver.TakePiece(0, index, 65_535, length: 1_000));
        // The test's own pieces are 30 000 of these.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 30_000, 200_000);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Frames_made_of_random_numbers_never_throw_and_never_break_a_budget(TransferMode mode)
    {
        var key = new SequenceKey(0, mode);
        var frame =
            from sequence in Gen.Int[0, 40]
            from odd in Gen.Int[0, 9]
            from index in Gen.Int[-1, 5]
            from count in Gen.Int[0, 5]
            from payload in Gen.Frequency((3, Gen.Const(new byte[20])), (2, Gen.Const(new byte[] { 1, 9, 1, 8 })), (1, Gen.Byte.Array[0, 30]))
            from hasPeer in Gen.Bool
            select new InboundFrame(key, odd == 0 ? (uint)(sequence * 0x0654_3210) : (uint)sequence, hasPeer ? 1 : null, odd == 1, index, count, payload);
        frame.Array[1, 80].Sample(frames =>
        {
            using var receiver = new Receiver(key, Settings, partials: 600, reliable: 600);
            foreach (var next in frames)
            {
                receiver.Now += 100_000;
                receiver.Take(next);
                receiver.Sequence.Expire(receiver.Now);
            }
        }, iter: 1_000);
    }

    [Fact]
    public void A_frame_of_another_sequence_is_a_mistake_of_ours()
    {
        using var receiver = new Receiver(Messages.Reliable);
        Assert.Throws<ArgumentException>(() => receiver.Take(Messages.Frame(Messages.Ordered, 0, [1])));
    }

    private static InboundFrame Piece(SequenceKey key, long start, int index, int count, int length, int? peer = null) =>
        Messages.Piece(key, start, index, count, new byte[length], peer);

    private static InboundFrame Raw(SequenceKey key, params byte[] payload) => new(key, 0, null, false, 0, 0, payload);
}
