using CsCheck;
using Peer.Protocol;
using Peer.Protocol.Delivery;

namespace Peer.Tests.Delivery;

/// <summary>Scenes that made other transports fail.</summary>
public class DeliveryStoryTests
{
    [Fact]
    public void Thirty_two_thousand_unreliable_packets_between_two_reliable_ones_disturb_neither()
    {
        using var reliable = new LossyPipe(Messages.Reliable, seed: 1, loss: 0.3);
        using var unreliable = new LossyPipe(Messages.Unordered, seed: 2, loss: 0.3);
        for (var part = 0; part < 2; part++)
        {
            reliable.Send(null, Messages.Numbered(part, 50));
            reliable.Round();
            for (var i = 0; i < 320; i++)
            {
                for (var j = 0; j < 100; j++)
                    unreliable.Send(null, [1]);
                unreliable.Round();
            }
        }

        reliable.Settle();
        unreliable.Settle();
        Assert.Equal(2, reliable.Arrived.Count);
        Assert.InRange(unreliable.Arrived.Count, 35_000, 55_000);
        reliable.AssertClean();
        unreliable.AssertClean();
    }

    [Fact]
    public void After_a_time_in_which_all_is_lost_reliable_messages_go_on()
    {
        var lossy = new LossyPipe(Messages.Reliable, seed: 4, loss: 1, new DeliverySettings { WindowFrames = 64 });
        for (var i = 0; i < 300; i++)
            lossy.Send(null, Messages.Numbered(i, 600));
        for (var i = 0; i < 20; i++)
            lossy.Round();
        Assert.Empty(lossy.Arrived);
        Assert.Equal(64, lossy.Outbound.NextSequence);
        lossy.Loss = 0;
        lossy.Settle(rounds: 20);
        Assert.Equal(Enumerable.Range(0, 300).Select(i => Convert.ToHexString(Messages.Numbered(i, 600))), lossy.Arrived.Select(a => Convert.ToHexString(a.Message)));
        lossy.AssertClean();
    }

    [Fact]
    public void Only_the_first_piece_of_every_message_arrives_and_memory_stays_flat()
    {
        using var receiver = new Receiver(Messages.Unordered);
        using var sequence = new OutboundSequence(Messages.Unordered, new DeliverySettings());
        for (var i = 0; i < 2_000; i++)
        {
            receiver.Now += 20_000;
            sequence.Submit(Messages.RunOf(Messages.Unordered, null, Messages.Numbered(i, 4_000)));
            foreach (var frame in Messages.Cut(sequence))
            {
                if (frame.FragmentIndex == 0)
                    Assert.Equal(InboundVerdict.Accepted, receiver.Take(Messages.OverTheWire(frame)));
                sequence.Finished(frame);
            }

            receiver.Sequence.Expire(receiver.Now);
            Assert.True(receiver.Partials.Used < 100_000);
        }

        receiver.Sequence.Expire(receiver.Now + 5_000_000);
        Assert.Equal(0, receiver.Partials.Used);
        Assert.Equal(2_000, receiver.Sequence.AbandonedMessages);
    }

    [Fact]
    public void Sizes_around_every_boundary_of_a_frame_arrive_byte_by_byte()
    {
        using var pipe = new LossyPipe(Messages.Reliable, seed: 8, loss: 0);
        var sent = new List<byte[]>();
        foreach (var length in Enumerable.Range(1_130, 50).Concat(Enumerable.Range(2_290, 30)).Concat([1, 127, 128, 16_383, 16_384]))
        {
            sent.Add(Messages.Numbered(sent.Count, length));
            pipe.Send(sent.Count % 3 == 0 ? 5 : null, sent[^1]);
            pipe.Settle();
        }

        Assert.Equal(sent.Select(Convert.ToHexString), pipe.Arrived.Select(a => Convert.ToHexString(a.Message)));
        pipe.AssertClean();
    }

    [Fact]
    public void A_receiver_that_never_reads_stops_a_sender_at_its_credit_and_not_later()
    {
        using var receiver = new Receiver(Messages.Reliable, reliable: 20_000);
        using var sequence = new OutboundSequence(Messages.Reliable, new DeliverySettings());
        var lanes = new LaneScheduler(static _ => LaneSettings.Default, new DeliverySettings(), static _ => { });
        for (var i = 0; i < 100; i++)
            sequence.Submit(Messages.RunOf(Messages.Reliable, null, Messages.Numbered(i, 10 + (i * 37 % 3_000))));
        foreach (var frame in Messages.Cut(sequence))
            lanes.Enqueue(frame);
        var credit = 20_000L;
        while (lanes.Next(DeliverySettings.BaseDatagramContent, credit) is { } frame)
        {
            credit -= frame.CreditBytes;
            frame.WasSent = true;
            Assert.Equal(InboundVerdict.Accepted, receiver.Take(Messages.OverTheWire(frame)));
        }

        Assert.True(lanes.BlockedByCredit);
        Assert.InRange(receiver.Reliable.Used, 15_000, 20_000);
        Assert.Equal(20_000 - credit, receiver.Reliable.Used);
    }

    [Fact]
    public void Any_cut_of_any_message_is_admitted_by_the_other_end() =>
        Gen.Select(Gen.Int[1, 200_000], Gen.Int[64, 1_169], Gen.Bool).Sample((length, frameBytes, hasPeer) =>
        {
            var settings = new DeliverySettings { FrameBytes = frameBytes, MaxMessageBytes = 1 << 20 };
            foreach (var key in new[] { Messages.Ordered, SequenceKey.Control })
            {
                using var sequence = new OutboundSequence(key, settings);
                using var receiver = new Receiver(key, settings);
                var message = Messages.Numbered(9, length);
                sequence.Submit(Messages.RunOf(key, hasPeer ? -7 : null, message));
                foreach (var frame in Messages.Cut(sequence))
                    Assert.Equal(InboundVerdict.Accepted, receiver.Take(Messages.OverTheWire(frame)));
                Assert.True(message.AsSpan().SequenceEqual(Messages.Split(Assert.Single(receiver.Delivered).Bytes)[0]));
            }
        }, iter: 60, threads: 1);
}
