using CsCheck;
using Peer.Protocol;
using Peer.Protocol.Delivery;

namespace Peer.Tests.Delivery;

public class UnreliableInboundTests
{
    [Fact]
    public void A_late_ordered_packet_is_dropped()
    {
        using var receiver = new Receiver(Messages.Ordered);
        Assert.Equal(InboundVerdict.Accepted, receiver.Take(0, 0));
        Assert.Equal(InboundVerdict.Accepted, receiver.Take(3, 3));
        Assert.Equal(InboundVerdict.Late, receiver.Take(2, 2));
        Assert.Equal(InboundVerdict.Late, receiver.Take(3, 3));
        Assert.Equal(InboundVerdict.Accepted, receiver.Take(4, 4));
        Assert.Equal([0, 3, 4], receiver.FirstBytes);
        Assert.Equal(2, receiver.Sequence.LateFrames);
    }

    [Fact]
    public void A_late_unordered_packet_is_delivered_and_its_duplicate_dropped()
    {
        using var receiver = new Receiver(Messages.Unordered);
        foreach (var sequence in new[] { 0, 3, 2, 1 })
            Assert.Equal(InboundVerdict.Accepted, receiver.Take(sequence, (byte)sequence));
        foreach (var sequence in new[] { 3, 0, 1, 2 })
            Assert.Equal(InboundVerdict.Duplicate, receiver.Take(sequence));
        Assert.Equal([0, 3, 2, 1], receiver.FirstBytes);
        Assert.Equal(4, receiver.Sequence.DuplicateFrames);
    }

    [Fact]
    public void An_unordered_packet_too_old_to_tell_whether_it_was_here_is_dropped()
    {
        using var receiver = new Receiver(Messages.Unordered);
        Assert.Equal(InboundVerdict.Accepted, receiver.Take(SeenNumbers.Capacity));
        Assert.Equal(InboundVerdict.Late, receiver.Take(0));
        Assert.Equal(InboundVerdict.Accepted, receiver.Take(1));
    }

    [Fact]
    public void At_most_once_agrees_with_a_set() =>
        Gen.Select(Gen.Int[0, 2_000].Array[1, 400], Gen.Int[1, 9]).Sample((numbers, spread) =>
        {
            using var receiver = new Receiver(Messages.Unordered, firstSequence: (1L << 32) - 3_000);
            var seen = new HashSet<long>();
            var highest = (1L << 32) - 3_001;
            foreach (var number in numbers)
            {
                var sequence = (1L << 32) - 3_000 + ((long)number * spread);
                var expected = sequence <= highest - SeenNumbers.Capacity ? InboundVerdict.Late
                    : seen.Add(sequence) ? InboundVerdict.Accepted
                    : InboundVerdict.Duplicate;
                Assert.Equal(expected, receiver.Take(sequence));
                highest = Math.Max(highest, sequence);
            }
        }, iter: 100);

    [Theory]
    [InlineData(TransferMode.Unreliable)]
    [InlineData(TransferMode.UnreliableOrdered)]
    public void A_channel_that_was_idle_while_two_billion_frames_were_lost_goes_on(TransferMode mode)
    {
        using var receiver = new Receiver(new SequenceKey(0, mode));
        var sequence = 0L;
        for (var i = 0; i < 6; i++)
        {
            Assert.Equal(InboundVerdict.Accepted, receiver.Take(sequence, (byte)i));
            Assert.NotEqual(InboundVerdict.Accepted, receiver.Take(sequence, (byte)i));
            sequence += int.MaxValue;
        }

        Assert.Equal(6, receiver.Delivered.Count);
    }

    [Theory]
    [InlineData(TransferMode.Unreliable, (1L << 31) - 20)]
    [InlineData(TransferMode.Unreliable, (1L << 32) - 20)]
    [InlineData(TransferMode.UnreliableOrdered, (1L << 31) - 20)]
    [InlineData(TransferMode.UnreliableOrdered, (1L << 32) - 20)]
    public void Pieces_on_both_sides_of_the_wrap_make_one_message(TransferMode mode, long first)
    {
        using var receiver = new Receiver(new SequenceKey(0, mode), firstSequence: first);
        for (var index = 39; index >= 0; index--)
            Assert.Equal(InboundVerdict.Accepted, receiver.TakePiece(first, index, 40, length: 10));
        Assert.Equal(400, Messages.Split(Assert.Single(receiver.Delivered).Bytes)[0].Length);
        Assert.Equal(InboundVerdict.Accepted, receiver.Take(first + 40));
        Assert.NotEqual(InboundVerdict.Accepted, receiver.TakePiece(first, 0, 40, length: 10));
    }

    [Fact]
    public void A_whole_message_needs_no_more_of_the_budget()
    {
        using var receiver = new Receiver(Messages.Unordered);
        Assert.Equal(InboundVerdict.Accepted, receiver.TakePiece(0, 1, 3));
        Assert.Equal(InboundVerdict.Accepted, receiver.TakePiece(0, 0, 3));
        Assert.True(receiver.Partials.Used >= 200);
        Assert.Equal(InboundVerdict.Accepted, receiver.TakePiece(0, 2, 3, length: 7));
        Assert.Equal(0, receiver.Partials.Used);
        var run = Assert.Single(receiver.Delivered);
        Assert.Equal((1, 0, 207), (run.Messages, run.CreditBytes, Messages.Split(run.Bytes)[0].Length));
    }

    [Theory]
    [InlineData(TransferMode.Unreliable)]
    [InlineData(TransferMode.UnreliableOrdered)]
    public void A_duplicate_piece_changes_nothing_before_and_after_delivery(TransferMode mode)
    {
        using var receiver = new Receiver(new SequenceKey(0, mode));
        foreach (var index in new[] { 2, 0 })
        {
            Assert.Equal(InboundVerdict.Accepted, receiver.TakePiece(0, index, 3));
            var used = receiver.Partials.Used;
            Assert.Equal(InboundVerdict.Duplicate, receiver.TakePiece(0, index, 3));
            Assert.Equal(used, receiver.Partials.Used);
        }

        Assert.Equal(InboundVerdict.Accepted, receiver.TakePiece(0, 1, 3));
        for (var index = 0; index < 3; index++)
            Assert.NotEqual(InboundVerdict.Accepted, receiver.TakePiece(0, index, 3));
        Assert.Single(receiver.Delivered);
        Assert.Equal(0, receiver.Partials.Used);
        Assert.Equal(long.MaxValue, receiver.Sequence.NextDeadline);
    }

    [Fact]
    public void Several_unordered_messages_are_put_together_at_once()
    {
        using var receiver = new Receiver(Messages.Unordered);
        for (var index = 0; index < 5; index++)
        {
            for (var group = 9; group >= 0; group--)
                Assert.Equal(InboundVerdict.Accepted, receiver.TakePiece(group * 5, index, 5));
        }

        Assert.Equal(10, receiver.Delivered.Count);
        Assert.Equal(0, receiver.Partials.Used);
    }

    [Fact]
    public void A_newer_ordered_packet_gives_up_the_older_message_in_pieces()
    {
        using var receiver = new Receiver(Messages.Ordered);
        Assert.Equal(InboundVerdict.Accepted, receiver.TakePiece(0, 0, 3));
        Assert.Equal(InboundVerdict.Accepted, receiver.TakePiece(3, 0, 2));
        Assert.Equal(InboundVerdict.Accepted, receiver.Take(5));
        Assert.Equal(0, receiver.Partials.Used);
        Assert.Equal(InboundVerdict.Late, receiver.TakePiece(0, 1, 3));
        Assert.Equal(InboundVerdict.Late, receiver.TakePiece(3, 1, 2));
        Assert.Equal(2, receiver.Sequence.AbandonedMessages);
        Assert.Single(receiver.Delivered);
    }

    [Fact]
    public void A_newer_ordered_message_in_pieces_gives_up_older_ones_only_when_it_is_complete()
    {
        using var receiver = new Receiver(Messages.Ordered);
        Assert.Equal(InboundVerdict.Accepted, receiver.TakePiece(4, 0, 2, length: 9));
        Assert.Equal(InboundVerdict.Accepted, receiver.TakePiece(0, 0, 2, length: 8));
        Assert.Equal(InboundVerdict.Accepted, receiver.TakePiece(0, 1, 2, length: 8));
        Assert.Equal(InboundVerdict.Accepted, receiver.TakePiece(2, 0, 2, length: 7));
        Assert.Equal(InboundVerdict.Accepted, receiver.TakePiece(4, 1, 2, length: 9));
        Assert.Equal(InboundVerdict.Late, receiver.TakePiece(2, 1, 2, length: 7));
        Assert.Equal([16, 18], receiver.Delivered.Select(run => Messages.Split(run.Bytes)[0].Length));
    }

    [Fact]
    public void A_partial_message_is_given_up_at_its_deadline_and_not_begun_again()
    {
        using var receiver = new Receiver(Messages.Unordered) { Now = -3 };
        Assert.Equal(InboundVerdict.Accepted, receiver.TakePiece(0, 0, 3));
        receiver.Now = 1_000;
        Assert.Equal(InboundVerdict.Accepted, receiver.TakePiece(3, 0, 3));
        Assert.Equal(InboundVerdict.Accepted, receiver.TakePiece(0, 1, 3));
        Assert.Equal(5_000_000 - 3, receiver.Sequence.NextDeadline);
        receiver.Sequence.Expire(5_000_000 - 4);
        Assert.Equal(0, receiver.Sequence.AbandonedMessages);
        receiver.Sequence.Expire(5_000_000 - 3);
        Assert.Equal(1, receiver.Sequence.AbandonedMessages);
        Assert.Equal(5_001_000, receiver.Sequence.NextDeadline);
        Assert.Equal(InboundVerdict.Late, receiver.TakePiece(0, 2, 3));
        receiver.Sequence.Expire(5_001_000);
        Assert.Equal(0, receiver.Partials.Used);
        Assert.Equal(long.MaxValue, receiver.Sequence.NextDeadline);
    }

    [Fact]
    public void When_the_budget_is_used_up_the_oldest_message_gives_way()
    {
        using var receiver = new Receiver(Messages.Unordered, partials: 2_000);
        for (var group = 0; group < 8; group++)
            Assert.Equal(InboundVerdict.Accepted, receiver.TakePiece(group * 2, 0, 2, length: 400));
        Assert.True(receiver.Partials.Used <= 2_000);
        Assert.Equal(4, receiver.Sequence.AbandonedMessages);
        Assert.Equal(InboundVerdict.Late, receiver.TakePiece(0, 1, 2, length: 400));
        Assert.Equal(InboundVerdict.Accepted, receiver.TakePiece(14, 1, 2, length: 400));
        Assert.Single(receiver.Delivered);
    }

    [Fact]
    public void A_message_that_alone_exceeds_the_budget_is_dropped_and_its_other_pieces_are_late()
    {
        using var receiver = new Receiver(Messages.Unordered, partials: 2_000);
        for (var index = 0; index < 4; index++)
            Assert.Equal(InboundVerdict.Accepted, receiver.TakePiece(0, index, 10, length: 400));
        Assert.Equal(InboundVerdict.OverBudget, receiver.TakePiece(0, 4, 10, length: 400));
        Assert.Equal(0, receiver.Partials.Used);
        Assert.Equal(InboundVerdict.Late, receiver.TakePiece(0, 5, 10, length: 400));
        Assert.Equal(InboundVerdict.Accepted, receiver.Take(10));
        Assert.Equal(1, receiver.Sequence.OverBudgetFrames);
    }

    [Fact]
    public void A_budget_used_up_by_others_drops_pieces_and_nothing_else()
    {
        using var receiver = new Receiver(Messages.Ordered, partials: 1_000);
        Assert.True(receiver.Partials.TryReserve(1_000));
        Assert.Equal(InboundVerdict.OverBudget, receiver.TakePiece(0, 0, 2));
        Assert.Equal(InboundVerdict.Accepted, receiver.Take(2));
        receiver.Partials.Release(1_000);
    }

    [Fact]
    public void First_pieces_that_are_never_followed_fill_neither_memory_nor_the_table()
    {
        using var receiver = new Receiver(Messages.Unordered);
        for (var group = 0; group < 10_000; group++)
            Assert.Equal(InboundVerdict.Accepted, receiver.TakePiece(group * 65_535L, 0, 65_535, length: 100));
        Assert.True(receiver.Partials.Used <= PartialMessages.MaxGroups * (100 + PartialMessages.PieceOverhead));
        Assert.Equal(10_000 - PartialMessages.MaxGroups, receiver.Sequence.AbandonedMessages);
    }

    [Fact]
    public void Random_pieces_never_deliver_anything_but_a_message_that_was_sent() =>
        Gen.Select(Gen.Int[0, 11], Gen.Int[0, 2], Gen.Int[0, 9]).Array[1, 300].Sample(steps =>
        {
            foreach (var key in new[] { Messages.Unordered, Messages.Ordered })
            {
                using var receiver = new Receiver(key, partials: 900);
                foreach (var (group, index, hurry) in steps)
                {
                    receiver.Now += hurry * 200_000;
                    receiver.Sequence.Expire(receiver.Now);
                    var piece = new byte[100];
                    Array.Fill(piece, (byte)((group * 3) + index));
                    Assert.NotEqual(InboundVerdict.Violation, receiver.Take(Messages.Piece(key, group * 3, index, 3, piece)));
                    Assert.True(receiver.Partials.Used <= 900);
                }

                var groups = receiver.Delivered.Select(run => Messages.Split(run.Bytes)[0][0] / 3).ToList();
                Assert.Equal(groups.Distinct().Count(), groups.Count);
                foreach (var run in receiver.Delivered)
                {
                    var message = Messages.Split(run.Bytes)[0];
                    Assert.Equal(300, message.Length);
                    for (var i = 0; i < 300; i++)
                        Assert.Equal(message[0] + (i / 100), message[i]);
                }

                if (key == Messages.Ordered)
                    Assert.Equal(groups.Order(), groups);
            }
        }, iter: 200);
}
