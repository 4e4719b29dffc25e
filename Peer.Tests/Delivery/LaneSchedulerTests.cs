using CsCheck;
using Peer.Protocol;
using Peer.Protocol.Delivery;

namespace Peer.Tests.Delivery;

public class LaneSchedulerTests
{
    private const int Room = DeliverySettings.BaseDatagramContent;
    private const long Plenty = long.MaxValue;

    private readonly List<OutboundFrame> _dropped = [];

    [Fact]
    public void A_higher_priority_goes_first_always_and_control_before_all()
    {
        var lanes = Lanes((1, new LaneSettings(5, 1)), (2, new LaneSettings(-5, 1000)));
        for (var i = 0; i < 3; i++)
        {
            lanes.Enqueue(Frame(2, i));
            lanes.Enqueue(Frame(0, i));
            lanes.Enqueue(Frame(1, i));
            lanes.Enqueue(Frame(SequenceKey.ControlChannel, i));
        }

        Assert.Equal([255, 255, 255, 1, 1, 1, 0, 0, 0, 2, 2, 2], Drain(lanes).Select(f => (int)f.Key.Channel));
        Assert.False(lanes.HasFrames);
        Assert.Equal(0, lanes.WaitingBytes);
    }

    [Fact]
    public void The_wait_of_each_channel_is_told_smoothed_and_never_shorter_than_that_of_its_front()
    {
        var lanes = Lanes();
        for (var i = 0; i < 32; i++)
        {
            var frame = Frame(3, i);
            frame.WaitsSince = i * 1_000;
            lanes.Enqueue(frame);
            lanes.Next(Room, Plenty, (i * 1_000) + 8_000);
        }

        Assert.InRange(lanes.WaitsByChannel(40_000)[3], 7.5, 8);
        var stuck = Frame(3, 32);
        stuck.WaitsSince = 40_000;
        lanes.Enqueue(stuck);
        Assert.InRange(lanes.WaitsByChannel(41_000)[3], 7.5, 8);
        Assert.Equal(60, lanes.WaitsByChannel(100_000)[3]);

        // Another try of the same frame is not its first turn.
        var again = Frame(4, 0, wasSent: true);
        lanes.EnqueueLost(again);
        lanes.Next(Room, Plenty, 100_000);
        lanes.Next(Room, Plenty, 100_000);
        Assert.Equal(0, lanes.WaitsByChannel(200_000)[4]);
    }

    [Fact]
    public void Lanes_of_one_priority_share_by_weight() =>
        Gen.Select(Gen.Int[1, 10], Gen.Int[1, 10], Gen.Int[1, 10], Gen.Int[100, 1_100].Array[3]).Sample((a, b, c, sizes) =>
        {
            int[] weights = [a, b, c];
            var lanes = Lanes((0, new LaneSettings(0, a)), (1, new LaneSettings(0, b)), (2, new LaneSettings(0, c)));
            var served = new long[3];
            var next = new int[3];
            for (var i = 0; i < 3_000; i++)
            {
                for (byte channel = 0; channel < 3; channel++)
                {
                    if (i == 0)
                        lanes.Enqueue(Frame(channel, next[channel]++, sizes[channel]));
                }

                var frame = lanes.Next(Room, Plenty)!;
                served[frame.Key.Channel] += frame.Payload.Length;
                lanes.Enqueue(Frame(frame.Key.Channel, next[frame.Key.Channel]++, sizes[frame.Key.Channel]));
                if (i % 2 == 0)
                    lanes.Enqueue(Frame(frame.Key.Channel, next[frame.Key.Channel]++, sizes[frame.Key.Channel]));
            }

            var total = served.Sum();
            for (var i = 0; i < 3; i++)
            {
                var fair = (double)total * weights[i] / weights.Sum();
                Assert.InRange(served[i], 0.9 * fair, 1.1 * fair);
            }
        }, iter: 25);

    [Fact]
    public void Shares_hold_while_datagrams_are_filled_with_what_fits()
    {
        var lanes = Lanes((0, new LaneSettings(0, 3)), (1, new LaneSettings(0, 1)));
        var served = new long[2];
        var next = new int[2];
        for (var i = 0; i < 3_000; i++)
        {
            for (byte channel = 0; channel < 2; channel++)
            {
                while (next[channel] < 20_000 && (lanes.WaitingByChannel().GetValueOrDefault(channel) < 4_000))
                    lanes.Enqueue(Frame(channel, next[channel]++, channel == 0 ? 1_000 : 150));
            }

            for (var room = Room; lanes.Next(room, Plenty) is { } frame; room -= frame.WireSize)
                served[frame.Key.Channel] += frame.WireSize;
        }

        // The small frames fill the gaps that the large ones leave, which costs the large ones nothing.
        Assert.InRange(served[0] / 3_000.0, 700, 1_008);
        Assert.True(served[1] > 0.9 * served[0] / 3);
    }

    [Fact]
    public void A_bulk_lane_delays_an_input_lane_by_one_frame_at_most()
    {
        var lanes = Lanes((0, new LaneSettings(0, 100)), (1, new LaneSettings(0, 1)));
        for (var i = 0; i < 5_000; i++)
            lanes.Enqueue(Frame(0, i, mode: TransferMode.Reliable));
        for (var round = 0; round < 100; round++)
        {
            Assert.All(Enumerable.Range(0, 30), _ => Assert.Equal(0, lanes.Next(Room, Plenty)!.Key.Channel));
            lanes.Enqueue(Frame(1, round, 20));
            Assert.Contains(1, new[] { lanes.Next(Room, Plenty)!, lanes.Next(Room, Plenty)! }.Select(f => (int)f.Key.Channel));
        }
    }

    [Fact]
    public void A_lane_that_was_blocked_for_long_does_not_come_back_as_a_burst()
    {
        var lanes = Lanes();
        for (var i = 0; i < 1_000; i++)
        {
            lanes.Enqueue(Frame(0, i));
            lanes.Enqueue(Frame(1, i, mode: TransferMode.Reliable, credit: i == 0 ? 1_000_000 : 0));
        }

        for (var i = 0; i < 500; i++)
            Assert.Equal(0, lanes.Next(Room, creditAvailable: 999_999)!.Key.Channel);
        var next = Enumerable.Range(0, 20).Select(_ => (int)lanes.Next(Room, Plenty)!.Key.Channel).ToList();
        Assert.InRange(next.Count(channel => channel == 0), 7, 10);
    }

    [Fact]
    public void Lost_frames_leave_first_and_in_order_whatever_the_order_of_the_reports() =>
        Gen.Shuffle(Enumerable.Range(0, 20).ToArray()).Sample(order =>
        {
            var lanes = Lanes();
            for (var i = 20; i < 25; i++)
                lanes.Enqueue(Frame(0, i, mode: TransferMode.Reliable));
            foreach (var sequence in order)
                lanes.EnqueueLost(Frame(0, sequence, mode: TransferMode.Reliable, wasSent: true));
            Assert.Equal(Enumerable.Range(0, 25).Select(i => (long)i), Drain(lanes).Select(f => f.Sequence));
            Assert.Equal(0, lanes.WaitingBytes);
        }, iter: 50);

    [Fact]
    public void A_loss_reported_between_two_calls_is_next()
    {
        var lanes = Lanes();
        for (var i = 5; i < 8; i++)
            lanes.Enqueue(Frame(0, i, mode: TransferMode.Reliable));
        Assert.Null(lanes.Next(10, Plenty));
        lanes.EnqueueLost(Frame(0, 4, mode: TransferMode.Reliable, wasSent: true));
        Assert.Equal([4L, 5L, 6L, 7L], Drain(lanes).Select(f => f.Sequence));
    }

    [Fact]
    public void A_loss_too_large_for_the_room_is_not_handed_out_in_place_of_a_frame_that_fits()
    {
        var lanes = Lanes();
        lanes.Enqueue(Frame(0, 5, 50, TransferMode.Reliable));
        Assert.Null(lanes.Next(10, Plenty));
        lanes.EnqueueLost(Frame(0, 4, 1_000, TransferMode.Reliable, wasSent: true));
        Assert.Null(lanes.Next(100, Plenty));
        Assert.Equal([4L, 5L], Drain(lanes).Select(f => f.Sequence));
    }

    [Fact]
    public void A_lane_that_was_silent_takes_turns_from_the_start_and_has_saved_nothing_up()
    {
        var lanes = Lanes();
        for (var i = 0; i < 300; i++)
            lanes.Enqueue(Frame(0, i, mode: TransferMode.Reliable));
        for (var i = 0; i < 200; i++)
            lanes.Next(Room, Plenty);
        for (var i = 0; i < 5; i++)
            lanes.Enqueue(Frame(1, i, mode: TransferMode.Reliable));
        Assert.Equal([1, 0, 1, 0, 1, 0, 1, 0], Enumerable.Range(0, 8).Select(_ => (int)lanes.Next(Room, Plenty)!.Key.Channel));
    }

    [Fact]
    public void A_frame_without_credit_waits_with_its_sequence_and_blocks_nobody_else()
    {
        var lanes = Lanes();
        lanes.Enqueue(Frame(0, 0, mode: TransferMode.Reliable, credit: 500));
        lanes.Enqueue(Frame(0, 1, mode: TransferMode.Reliable, credit: 10));
        lanes.Enqueue(Frame(0, 0));
        lanes.Enqueue(Frame(1, 0, mode: TransferMode.Reliable, credit: 100));
        var out1 = lanes.Next(Room, 499)!;
        var out2 = lanes.Next(Room, 499)!;
        Assert.Equal([(0, TransferMode.Unreliable), (1, TransferMode.Reliable)], new[] { out1, out2 }.Select(f => ((int)f.Key.Channel, f.Key.Mode)).Order());
        Assert.Null(lanes.Next(Room, 499));
        Assert.True(lanes.BlockedByCredit);
        Assert.True(lanes.HasFrames);
        Assert.False(lanes.HasSendable(499));
        Assert.True(lanes.HasSendable(500));
        Assert.Equal(0, lanes.Next(Room, 500)!.Sequence);
        Assert.False(lanes.BlockedByCredit);
        Assert.Equal(1, lanes.Next(Room, 10)!.Sequence);
        Assert.Null(lanes.Next(Room, 0));
        Assert.False(lanes.BlockedByCredit);
    }

    [Fact]
    public void A_frame_that_was_sent_before_has_paid()
    {
        var lanes = Lanes();
        lanes.EnqueueLost(Frame(0, 0, mode: TransferMode.Reliable, credit: 500, wasSent: true));
        Assert.NotNull(lanes.Next(Room, 0));
    }

    [Fact]
    public void A_head_that_does_not_fit_keeps_its_place_and_lets_others_fill_the_rest()
    {
        var lanes = Lanes((0, new LaneSettings(9, 1)));
        lanes.Enqueue(Frame(0, 0, 800));
        lanes.Enqueue(Frame(0, 1, 20));
        lanes.Enqueue(Frame(1, 0, 30));
        Assert.Equal(1, lanes.Next(100, Plenty)!.Key.Channel);
        Assert.Null(lanes.Next(100, Plenty));
        Assert.Equal(0, lanes.Next(Room, Plenty)!.Sequence);
        Assert.Equal(1, lanes.Next(100, Plenty)!.Sequence);
    }

    [Fact]
    public void Room_means_header_and_payload_together()
    {
        var lanes = Lanes();
        var frame = Frame(0, 0, 500);
        var size = DataHeader.Size(frame) + 500;
        lanes.Enqueue(frame);
        Assert.Equal(size, lanes.WaitingBytes);
        Assert.Null(lanes.Next(size - 1, Plenty));
        Assert.Same(frame, lanes.Next(size, Plenty));
    }

    [Fact]
    public void Frames_that_are_done_meanwhile_are_never_sent()
    {
        var lanes = Lanes();
        var frames = Enumerable.Range(0, 10).Select(i => Frame(0, i, mode: TransferMode.Reliable, credit: 1)).ToList();
        foreach (var frame in frames.Take(5))
            lanes.EnqueueLost(frame);
        foreach (var frame in frames.Skip(5))
            lanes.Enqueue(frame);
        Assert.Null(lanes.Next(Room, 0));
        foreach (var i in new[] { 0, 1, 3, 5, 9 })
            frames[i].IsDone = true;
        Assert.Equal([2L, 4L, 6L, 7L, 8L], Drain(lanes).Select(f => f.Sequence));
        Assert.False(lanes.HasFrames);
        Assert.Equal(0, lanes.WaitingBytes);
        Assert.Empty(_dropped);
    }

    [Fact]
    public void When_all_that_waits_is_done_nothing_waits()
    {
        var lanes = Lanes();
        var frame = Frame(0, 0, mode: TransferMode.Reliable);
        lanes.Enqueue(frame);
        frame.IsDone = true;
        Assert.Null(lanes.Next(Room, Plenty));
        Assert.False(lanes.HasFrames);
        Assert.Equal(0, lanes.WaitingBytes);
    }

    [Fact]
    public void The_modes_of_a_channel_take_turns()
    {
        var lanes = Lanes();
        for (var i = 0; i < 3; i++)
        {
            foreach (var mode in new[] { TransferMode.Unreliable, TransferMode.UnreliableOrdered, TransferMode.Reliable })
                lanes.Enqueue(Frame(0, i, mode: mode));
        }

        Assert.Equal([0L, 0, 0, 1, 1, 1, 2, 2, 2], Drain(lanes).Select(f => f.Sequence));
    }

    [Fact]
    public void When_a_lane_is_full_its_oldest_unreliable_frames_give_way_and_are_reported()
    {
        var lanes = Lanes();
        for (var i = 0; i < 2_000; i++)
        {
            lanes.Enqueue(Frame(0, i, 1_000));
            lanes.Enqueue(Frame(1, i, 1_000, TransferMode.Reliable));
        }

        Assert.InRange(lanes.WaitingByChannel()[0], (1 << 20) - 1_100, 1 << 20);
        Assert.Equal(2_000L * Frame(1, 0, 1_000).WireSize, lanes.WaitingByChannel()[1]);
        var left = Drain(lanes).Where(f => f.Key.Channel == 0).Select(f => f.Sequence).ToList();
        Assert.Equal(Enumerable.Range(0, 2_000).Select(i => (long)i), _dropped.Select(f => f.Sequence).Concat(left));
        Assert.All(_dropped, frame => Assert.Equal(0, frame.Key.Channel));
    }

    [Fact]
    public void A_message_that_lost_a_piece_for_want_of_room_is_dropped_whole()
    {
        var lanes = new LaneScheduler(static _ => LaneSettings.Default, new DeliverySettings { UnreliableBacklogBytes = 10_000 }, _dropped.Add);
        for (var i = 0; i < 8; i++)
            lanes.Enqueue(new OutboundFrame { Key = Messages.Unordered, Sequence = i, FragmentIndex = i, FragmentCount = 8, Payload = new byte[1_000] });
        lanes.Enqueue(Frame(3, 8, 1_100));
        lanes.Enqueue(Frame(3, 9, 1_100));
        Assert.Equal(8, _dropped.Count);
        Assert.Equal([8L, 9L], Drain(lanes).Select(f => f.Sequence));
    }

    [Fact]
    public void A_frame_larger_than_the_cap_is_sent_all_the_same()
    {
        var lanes = new LaneScheduler(static _ => LaneSettings.Default, new DeliverySettings { UnreliableBacklogBytes = 100 }, _dropped.Add);
        lanes.Enqueue(Frame(0, 0, 1_000));
        Assert.NotNull(lanes.Next(Room, Plenty));
        Assert.Empty(_dropped);
    }

    [Fact]
    public void Whatever_happens_each_frame_leaves_once_and_in_the_order_of_its_sequence() =>
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 2], Gen.Int[1, 1_100], Gen.Int[0, 5]).Array[1, 300].Sample(steps =>
        {
            var lanes = Lanes((0, new LaneSettings(1, 2)), (1, new LaneSettings(1, 7)));
            var next = new Dictionary<SequenceKey, long>();
            var seen = new Dictionary<SequenceKey, long>();
            var credit = 2_000L;
            var waiting = 0;
            foreach (var (channel, mode, length, calls) in steps)
            {
                var key = new SequenceKey((byte)channel, (TransferMode)mode);
                var number = next.GetValueOrDefault(key);
                next[key] = number + 1;
                lanes.Enqueue(Frame((byte)channel, number, length, key.Mode, key.Mode == TransferMode.Reliable ? length : 0));
                waiting++;
                if (calls > 3)
                    credit += 900;
                for (var i = 0; i < calls; i++)
                    waiting -= Check(lanes.Next(length + 100, credit));
            }

            while (lanes.Next(Room, Plenty) is { } frame)
                waiting -= Check(frame);
            Assert.Equal(0, waiting);
            Assert.Equal(0, lanes.WaitingBytes);

            int Check(OutboundFrame? frame)
            {
                if (frame is null)
                    return 0;
                Assert.Equal(seen.GetValueOrDefault(frame.Key), frame.Sequence);
                seen[frame.Key] = frame.Sequence + 1;
                Assert.True(credit >= frame.CreditBytes || waiting > 0);
                return 1;
            }
        }, iter: 100);

    [Fact]
    public void An_idle_scheduler_is_small()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var lanes = new LaneScheduler(static _ => LaneSettings.Default, new DeliverySettings(), static _ => { });
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, 600);
        Assert.False(lanes.HasFrames);
        Assert.Null(lanes.Next(Room, Plenty));
        Assert.Empty(lanes.WaitingByChannel());
    }

    [Fact]
    public void A_lane_without_weight_is_a_mistake() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Lanes((0, new LaneSettings(0, 0))).Enqueue(Frame(0, 0)));

    private LaneScheduler Lanes(params (byte Channel, LaneSettings Settings)[] table)
    {
        var channels = table.ToDictionary(entry => entry.Channel, entry => entry.Settings);
        return new LaneScheduler(channel => channels.GetValueOrDefault(channel, LaneSettings.Default), new DeliverySettings(), _dropped.Add);
    }

    private static OutboundFrame Frame(
        byte channel, long sequence, int length = 1_000, TransferMode mode = TransferMode.Unreliable, long credit = 0, bool wasSent = false) => new()
        {
            Key = channel == SequenceKey.ControlChannel ? SequenceKey.Control : new SequenceKey(channel, mode),
            Sequence = sequence,
            Payload = new byte[length],
            CreditBytes = credit,
            WasSent = wasSent,
        };

    private static List<OutboundFrame> Drain(LaneScheduler lanes)
    {
        var frames = new List<OutboundFrame>();
        while (lanes.Next(Room, Plenty) is { } frame)
            frames.Add(frame);
        return frames;
    }
}
