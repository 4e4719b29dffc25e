using CsCheck;
using Peer.Protocol;
using Peer.Protocol.Delivery;

namespace Peer.Tests.Delivery;

public class ReliableInboundTests
{
    [Fact]
    public void A_frame_in_order_is_handed_up_without_copying_and_an_early_one_is_copied()
    {
        using var receiver = new Receiver(Messages.Reliable);
        byte[] datagram = [1, 1, 1, 2];
        var first = new InboundFrame(Messages.Reliable, 0, 4, false, 0, 0, datagram.AsMemory(0, 2));
        var second = new InboundFrame(Messages.Reliable, 1, null, false, 0, 0, datagram.AsMemory(2, 2));
        Assert.Equal(InboundVerdict.Accepted, receiver.Take(second));
        Assert.Empty(receiver.Delivered);
        datagram[3] = 99;
        Assert.Equal(InboundVerdict.Accepted, receiver.Take(first));
        Assert.Equal([1, 2], receiver.FirstBytes);
        Assert.Equal((4, null), (receiver.Delivered[0].Peer, receiver.Delivered[1].Peer));
        datagram[1] = 77;
        Assert.Equal([77, 2], receiver.FirstBytes);
    }

    [Fact]
    public void Whatever_the_order_of_arrival_messages_come_up_in_order_and_once() =>
        Gen.Select(Gen.Shuffle(Enumerable.Range(0, 60).ToArray()), Gen.Int[0, 59].Array[0, 40]).Sample((order, again) =>
        {
            using var receiver = new Receiver(Messages.Reliable);
            foreach (var sequence in order)
                Assert.Equal(InboundVerdict.Accepted, receiver.Take(sequence, (byte)sequence));
            foreach (var sequence in again)
                Assert.Equal(InboundVerdict.Duplicate, receiver.Take(sequence, (byte)sequence));
            Assert.Equal(Enumerable.Range(0, 60), receiver.FirstBytes);
            Assert.Equal(again.Length, receiver.Sequence.DuplicateFrames);
            Assert.Equal(60 * 2, receiver.Reliable.Used);
            Assert.Equal(60 * 2, receiver.Delivered.Sum(run => run.CreditBytes));
            Assert.Equal(0, receiver.Early.Used);
        }, iter: 100);

    [Fact]
    public void A_duplicate_of_an_early_frame_is_charged_once()
    {
        using var receiver = new Receiver(Messages.Reliable);
        Assert.Equal(InboundVerdict.Accepted, receiver.Take(5));
        Assert.Equal(InboundVerdict.Duplicate, receiver.Take(5));
        Assert.Equal(2, receiver.Reliable.Used);
    }

    [Fact]
    public void A_frame_at_the_edge_of_the_window_is_kept_and_one_beyond_it_ends_the_connection()
    {
        using var receiver = new Receiver(Messages.Reliable);
        Assert.Equal(InboundVerdict.Accepted, receiver.Take(DeliverySettings.MaxWindowFrames - 1));
        Assert.Equal(InboundVerdict.Violation, receiver.Take(DeliverySettings.MaxWindowFrames));
    }

    [Fact]
    public void A_number_before_the_first_one_is_not_taken_for_an_old_frame()
    {
        using var receiver = new Receiver(Messages.Reliable);
        Assert.Equal(InboundVerdict.Violation, receiver.Take(uint.MaxValue));
    }

    [Theory]
    [InlineData((1L << 31) - 40)]
    [InlineData((1L << 32) - 40)]
    [InlineData((7L << 32) - 40)]
    public void Order_survives_the_wrap_of_the_wire_number(long first)
    {
        using var receiver = new Receiver(Messages.Reliable, firstSequence: first);
        for (var block = 0; block < 80; block += 8)
        {
            for (var i = 7; i >= 0; i--)
                Assert.Equal(InboundVerdict.Accepted, receiver.Take(first + block + i, (byte)(block + i)));
            Assert.Equal(InboundVerdict.Duplicate, receiver.Take(first + Math.Max(0, block - 30)));
        }

        Assert.Equal(Enumerable.Range(0, 80), receiver.FirstBytes);
    }

    [Fact]
    public void A_sender_that_overruns_its_credit_ends_the_connection()
    {
        using var receiver = new Receiver(Messages.Reliable, reliable: 10);
        for (var i = 0; i < 5; i++)
            Assert.Equal(InboundVerdict.Accepted, receiver.Take(i));
        Assert.Equal(InboundVerdict.Violation, receiver.Take(5));
        Assert.Equal(10, receiver.Reliable.Used);
    }

    [Fact]
    public void What_the_application_takes_is_room_for_more_and_nothing_else_is()
    {
        using var receiver = new Receiver(Messages.Reliable, reliable: 10);
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(InboundVerdict.Accepted, receiver.Take(i));
            receiver.Reliable.Release(receiver.Delivered[0].CreditBytes);
            receiver.Delivered.Clear();
        }
    }

    [Fact]
    public void Control_messages_give_their_room_back_themselves()
    {
        using var receiver = new Receiver(SequenceKey.Control, reliable: 10);
        for (var i = 0; i < 100; i++)
            Assert.Equal(InboundVerdict.Accepted, receiver.Take(i));
        Assert.Equal(0, receiver.Reliable.Used);
        Assert.All(receiver.Delivered, run => Assert.Equal(0, run.CreditBytes));
    }

    [Fact]
    public void An_end_mark_keeps_its_place_in_the_order()
    {
        using var receiver = new Receiver(Messages.Reliable);
        Assert.Equal(InboundVerdict.Accepted, receiver.Take(new InboundFrame(Messages.Reliable, 1, 9, true, 0, 0, default)));
        Assert.Empty(receiver.Delivered);
        Assert.Equal(InboundVerdict.Accepted, receiver.Take(0));
        Assert.Equal([false, true], receiver.Delivered.Select(run => run.Ended));
        Assert.Equal((9, 0, 0), (receiver.Delivered[1].Peer!.Value, receiver.Delivered[1].Messages, receiver.Delivered[1].CreditBytes));
    }

    [Fact]
    public void A_message_in_pieces_comes_up_as_one_whatever_the_order_of_the_pieces() =>
        Gen.Shuffle(Enumerable.Range(0, 30).ToArray()).Sample(order =>
        {
            using var receiver = new Receiver(Messages.Reliable);
            var message = Messages.Numbered(4, (29 * 50) + 17);
            foreach (var index in order)
            {
                var piece = message.AsMemory(index * 50, Math.Min(50, message.Length - (index * 50)));
                Assert.Equal(InboundVerdict.Accepted, receiver.Take(Messages.Piece(Messages.Reliable, 0, index, 30, piece.ToArray(), peer: 6)));
            }

            var run = Assert.Single(receiver.Delivered);
            Assert.Equal((6, 1, message.Length), (run.Peer!.Value, run.Messages, run.CreditBytes));
            Assert.Equal(message, Assert.Single(Messages.Split(run.Bytes)));
            Assert.Equal(message.Length, receiver.Reliable.Used);
        }, iter: 100);

    [Fact]
    public void Early_frames_have_a_cap_of_their_own()
    {
        var settings = new DeliverySettings();
        using var sequence = new InboundSequence(Messages.Reliable, settings, new ByteBudget(0), new ByteBudget(1 << 20), new ByteBudget(10 * ReliableOrder.EarlyOverhead));
        var delivered = new List<DeliveredRun>();
        for (var i = 1; i <= 10; i++)
            Assert.Equal(InboundVerdict.Accepted, sequence.Receive(Messages.Frame(Messages.Reliable, i, [1]), 0, delivered));
        Assert.Equal(InboundVerdict.Violation, sequence.Receive(Messages.Frame(Messages.Reliable, 11, [1]), 0, delivered));
    }

    [Fact]
    public void A_message_of_sixteen_mebibytes_is_cut_and_put_together_again()
    {
        var settings = new DeliverySettings();
        using var sequence = new OutboundSequence(Messages.Reliable, settings);
        using var receiver = new Receiver(Messages.Reliable, settings);
        var message = Messages.Numbered(77, settings.MaxMessageBytes);
        sequence.Submit(Messages.RunOf(Messages.Reliable, null, message, [5]));
        for (var frames = Messages.Cut(sequence); frames.Count > 0; frames = Messages.Cut(sequence))
        {
            foreach (var frame in frames)
            {
                Assert.Equal(InboundVerdict.Accepted, receiver.Take(Messages.OverTheWire(frame)));
                sequence.Acknowledged(frame);
            }
        }

        Assert.Equal(2, receiver.Delivered.Count);
        Assert.True(message.AsSpan().SequenceEqual(Messages.Split(receiver.Delivered[0].Bytes)[0]));
        Assert.Equal(message.Length, receiver.Delivered[0].CreditBytes);
        Assert.True(sequence.IsIdle);
    }
}
