using CsCheck;
using Peer.Protocol;
using Peer.Protocol.Recovery;

namespace Peer.Tests.Recovery;

public class LossRecoveryTests
{
    private sealed class Ends : IRecoveryHandler<long>
    {
        public List<long> Acked { get; } = [];

        public List<long> Gone { get; } = [];

        public void Acknowledged(SentPacket<long> packet) => Take(packet, Acked);

        public void Lost(SentPacket<long> packet) => Take(packet, Gone);

        private static void Take(SentPacket<long> packet, List<long> into)
        {
            Assert.Equal([packet.Number], packet.Frames);
            into.Add(packet.Number);
        }
    }

    private readonly Ends _ends = new();
    private readonly LossRecovery<long> _recovery = new(RecoverySettings.Default, 0);

    private void Send(long from, long to, long now, bool eliciting = true, bool probe = false)
    {
        for (var number = from; number <= to; number++)
            _recovery.Sent(number, 1_000, eliciting, probe, now).Frames.Add(number);
    }

    private AckVerdict Ack(long now, params (long First, long Last)[] descending)
    {
        var values = new List<ulong> { (ulong)descending[0].Last, 0, (ulong)descending.Length - 1 };
        for (var i = 0; i < descending.Length; i++)
        {
            if (i > 0)
                values.Add((ulong)(descending[i - 1].First - descending[i].Last - 2));
            values.Add((ulong)(descending[i].Last - descending[i].First));
        }

        Assert.True(AckFrame.TryRead(AckFrameTests.Varints([.. values]), out var ack, out _));
        return _recovery.Acknowledge(ack, now, _ends);
    }

    [Fact]
    public void Acknowledged_packets_end_once()
    {
        Send(0, 9, 0);
        Assert.Equal(10_000, _recovery.BytesInFlight);
        Assert.Equal(AckVerdict.Fine, Ack(50_000, (0, 9)));
        Assert.Equal(AckVerdict.NothingNew, Ack(51_000, (0, 9)));
        Assert.Equal(10, _ends.Acked.Count);
        Assert.Equal(0, _recovery.BytesInFlight);
        Assert.Equal(50_000, _recovery.Rtt.Latest);
        Assert.Equal(long.MaxValue, _recovery.NextTimeout);
    }

    [Fact]
    public void A_number_that_was_never_sent_is_a_violation_and_changes_nothing()
    {
        Assert.Equal(AckVerdict.Violation, Ack(0, (0, 0)));
        Send(5, 9, 0);
        Assert.Equal(AckVerdict.Violation, Ack(0, (5, 10)));
        Assert.Equal(AckVerdict.Violation, Ack(0, (4, 9)));
        Assert.Equal(AckVerdict.Violation, Ack(0, (0, long.MaxValue)));
        Assert.Empty(_ends.Acked);
        Assert.Equal(AckVerdict.Fine, Ack(0, (5, 9)));
    }

    [Fact]
    public void Numbers_must_be_contiguous()
    {
        Send(0, 1, 0);
        Assert.Throws<ArgumentException>(() => Send(3, 3, 0));
        Assert.Throws<ArgumentException>(() => Send(1, 1, 0));
    }

    [Fact]
    public void A_range_of_four_billion_is_walked_over_the_window_only()
    {
        var far = 1L << 40;
        Send(far, far + 999, 0);
        Assert.Equal(AckVerdict.Violation, Ack(1_000, (far - (1L << 32), far + 999)));

        // Many packets ago everything was acknowledged; the frame may name all of it again and again.
        var recovery = new LossRecovery<long>(RecoverySettings.Default, 0);
        var handler = new Silent();
        for (var number = 0L; number < 50_000; number++)
        {
            recovery.Sent(number, 1_000, true, false, number);
            Assert.True(AckFrame.TryRead(AckFrameTests.Varints((ulong)number, 0, 0, (ulong)number), out var all, out _));
            Assert.Equal(AckVerdict.Fine, recovery.Acknowledge(all, number, handler));
        }

        Assert.Equal(0, recovery.Tracked);
    }

    [Fact]
    public void Three_packets_later_a_missing_one_is_lost()
    {
        Send(0, 4, 0);
        Ack(10_000, (1, 2));
        Assert.Empty(_ends.Gone);
        Ack(10_000, (1, 3));
        Assert.Equal([0], _ends.Gone);
        Assert.Equal(1_000, _recovery.BytesInFlight);
    }

    [Fact]
    public void After_nine_eighths_of_a_round_trip_a_missing_one_is_lost()
    {
        Send(0, 1, 0);
        Ack(80_000, (1, 1));
        Assert.Equal(90_000, _recovery.NextTimeout);
        _recovery.HandleTimeout(89_999, _ends);
        Assert.Empty(_ends.Gone);
        _recovery.HandleTimeout(90_000, _ends);
        Assert.Equal([0], _ends.Gone);
        Assert.Equal(0, _recovery.ProbesOwed);
        Assert.Equal(long.MaxValue, _recovery.NextTimeout);
    }

    [Fact]
    public void Silence_asks_for_two_probes_with_a_gentle_back_off_up_to_a_cap()
    {
        Send(0, 0, 0);
        Ack(20_000, (0, 0));
        Send(1, 1, 20_000);
        // 20 ms, four times 10 ms of variance, 5 ms of delay.
        Assert.Equal(85_000, _recovery.NextTimeout);
        var number = 2L;
        var periods = new List<long>();
        for (var i = 0; i < 12; i++)
        {
            var before = _recovery.NextTimeout;
            _recovery.HandleTimeout(before, _ends);
            Assert.Equal(2, _recovery.ProbesOwed);
            Assert.True(_recovery.CanSend(1_200, before));
            Send(number, number + 1, before);
            number += 2;
            Assert.Equal(0, _recovery.ProbesOwed);
            periods.Add(_recovery.NextTimeout - before);
        }

        Assert.Equal(97_500, periods[0]);
        Assert.Equal(146_250, periods[1]);
        Assert.Equal(periods.Order(), periods);
        Assert.Equal(565_000, periods[^1]);
        Assert.Empty(_ends.Gone);

        var now = _recovery.NextTimeout;
        Send(number, number, now);
        Ack(now + 20_000, (number, number));
        Assert.Equal(number - 1, _ends.Gone.Count);
        Send(number + 1, number + 1, now + 20_000);
        Assert.InRange(_recovery.NextTimeout - now - 20_000, 25_000, 85_000);
    }

    [Fact]
    public void Packets_that_nobody_answers_are_given_up_in_the_end()
    {
        Send(0, 30, 0);
        var number = 31L;
        for (var now = 0L; now < 12_000_000; now = _recovery.NextTimeout)
        {
            _recovery.HandleTimeout(now, _ends);
            for (; _recovery.ProbesOwed > 0; number++)
                Send(number, number, now);
        }

        Assert.Subset(_ends.Gone.ToHashSet(), Enumerable.Range(0, 31).Select(i => (long)i).ToHashSet());
        Assert.Empty(_ends.Acked);
        Assert.True(_recovery.BytesInFlight < 60_000);
    }

    [Fact]
    public void A_late_acknowledgement_of_a_lost_packet_is_spurious_and_raises_the_tolerance()
    {
        Send(0, 20, 0);
        Ack(10_000, (10, 15));
        Assert.Equal(10, _ends.Gone.Count);
        Assert.Equal(AckVerdict.Fine, Ack(10_500, (0, 15)));
        Assert.Equal(10, _recovery.SpuriousLosses);
        Assert.Equal(6, _ends.Acked.Count);
        Assert.Equal(16, _recovery.PacketThreshold);
        Assert.Equal(5_000, _recovery.BytesInFlight);
        Send(21, 40, 11_000);
        Ack(20_000, (30, 36), (0, 20));
        Assert.Equal(10, _ends.Gone.Count);
        // Ten seconds later the path is trusted again.
        Send(41, 50, 12_000_000);
        Ack(12_010_000, (45, 50), (30, 40));
        Assert.Equal(3, _recovery.PacketThreshold);
        Assert.Equal(10 + 9 + 4, _ends.Gone.Count);
    }

    [Fact]
    public void The_threshold_has_a_bound()
    {
        Send(0, 6_000, 0);
        Ack(10_000, (6_000, 6_000));
        Ack(10_001, (0, 6_000));
        Assert.Equal(4_096, _recovery.SpuriousLosses);
        Assert.Equal(4_096, _recovery.PacketThreshold);
    }

    [Fact]
    public void Lost_packets_are_remembered_for_a_bounded_time_only()
    {
        Send(0, 9_999, 0);
        Ack(10_000, (9_999, 9_999));
        Assert.Equal(9_997, _ends.Gone.Count);
        Assert.Equal(4_096 + 2, _recovery.Tracked);
        Send(10_000, 10_000, 2_000_000);
        Ack(2_010_000, (10_000, 10_000));
        Assert.Equal(9_999, _ends.Gone.Count);
        Assert.Equal(2, _recovery.Tracked);
        _recovery.HandleTimeout(4_000_000, _ends);
        Assert.Equal(0, _recovery.Tracked);
        Assert.Equal(AckVerdict.NothingNew, Ack(2_020_000, (0, 10_000)));
        Assert.Equal(0, _recovery.SpuriousLosses);
    }

    [Fact]
    public void Packets_that_ask_for_nothing_are_not_in_flight_and_do_not_pile_up()
    {
        Send(0, 9_999, 0, eliciting: false);
        Assert.Equal(0, _recovery.BytesInFlight);
        Assert.Equal(long.MaxValue, _recovery.NextTimeout);
        Assert.Equal(256, _recovery.Tracked);
        Ack(1_000, (9_990, 9_999));
        Assert.Equal(Enumerable.Range(9_990, 10).Select(i => (long)i), _ends.Acked);
        Assert.Empty(_ends.Gone);
        Assert.False(_recovery.Rtt.HasSample);
    }

    [Fact]
    public void A_lost_size_probe_is_reported_but_is_no_sign_of_congestion()
    {
        Send(0, 0, 0, probe: true);
        Send(1, 3, 0);
        Ack(10_000, (1, 3));
        Assert.Equal([0], _ends.Gone);
        Assert.Equal(0, _recovery.LossFraction);
        Assert.Equal(0, _recovery.BytesInFlight);
    }

    [Fact]
    public void The_round_trip_is_taken_from_the_largest_number_when_new_and_asked_for()
    {
        Send(0, 1, 0);
        Send(2, 2, 5_000, eliciting: false);
        Ack(30_000, (2, 2));
        Assert.False(_recovery.Rtt.HasSample);
        Ack(31_000, (0, 2));
        Assert.False(_recovery.Rtt.HasSample);
        Send(3, 3, 40_000);
        Ack(50_000, (0, 3));
        Assert.Equal(10_000, _recovery.Rtt.Latest);
    }

    [Fact]
    public void A_full_window_waits_for_an_acknowledgement_and_an_empty_bucket_for_time()
    {
        var now = 0L;
        var number = 0L;
        while (_recovery.NextSendTime(1_200, now) != long.MaxValue)
        {
            now = _recovery.NextSendTime(1_200, now);
            Assert.True(_recovery.CanSend(1_200, now));
            _recovery.Sent(number, 1_200, true, false, now).Frames.Add(number);
            number++;
        }

        Assert.Equal(RecoverySettings.Default.InitialWindowDatagrams, number);
        Assert.InRange(now, 10_000, 100_000);
        Assert.False(_recovery.CanSend(1_200, now + 1_000_000));
        Ack(now + 1_000, (0, 31));
        Assert.True(_recovery.CanSend(1_200, now + 1_000_000));
    }

    [Fact]
    public void A_clock_that_goes_back_is_tolerated()
    {
        Send(0, 3, 1_000_000);
        Send(4, 7, 500_000);
        Assert.Equal(AckVerdict.Fine, Ack(400_000, (3, 7)));
        _recovery.HandleTimeout(0, _ends);
        Assert.True(_recovery.Rtt.Min >= 1);
        Assert.Equal(8, _ends.Acked.Count + _ends.Gone.Count + (int)(_recovery.BytesInFlight / 1_000));
    }

    [Fact]
    public void A_new_path_starts_with_fresh_estimates()
    {
        Send(0, 9, 0);
        Ack(10_000, (0, 4));
        _recovery.PathChanged(11_000);
        Assert.False(_recovery.Rtt.HasSample);
        Ack(60_000, (0, 9));
        Assert.False(_recovery.Rtt.HasSample);
        Assert.Equal(10, _ends.Acked.Count);
        Send(10, 10, 70_000);
        Ack(75_000, (10, 10));
        Assert.Equal(5_000, _recovery.Rtt.Min);
    }

    [Fact]
    public void The_acknowledgement_that_a_packet_carried_is_handed_back()
    {
        var carried = new List<long>();
        var recovery = new LossRecovery<long>(RecoverySettings.Default, 0);
        recovery.Sent(0, 100, false, false, 0).LargestAckSent = 77;
        recovery.Sent(1, 100, true, false, 0);
        Assert.True(AckFrame.TryRead(AckFrameTests.Varints(1, 0, 0, 1), out var ack, out _));
        recovery.Acknowledge(ack, 10, new Carried(carried));
        Assert.Equal([77, -1], carried);
    }

    private sealed class Carried(List<long> into) : IRecoveryHandler<long>
    {
        public void Acknowledged(SentPacket<long> packet) => into.Add(packet.LargestAckSent);

        public void Lost(SentPacket<long> packet) => throw new InvalidOperationException("Nothing was lost.");
    }

    [Fact]
    public void Whatever_the_path_does_no_packet_is_falsely_acknowledged_and_each_ends_once() =>
        Gen.Select(Gen.Int[0, 10_000], Gen.Double[0, 0.6], Gen.Double[0, 0.6], Gen.Long[0, 60_000], Gen.Long[0, 30_000], Gen.Long[20_000, 300_000])
            .Sample((seed, loss, lossBack, oneWay, jitter, queue) =>
            {
                var link = new SimulatedLink(new PathShape
                {
                    Rate = 1_000_000, OneWay = oneWay, Jitter = jitter, Loss = loss, LossBack = lossBack, Queue = queue, Seed = seed,
                });
                link.RunFor(1_000_000);
                link.Dead = true;
                link.RunFor(400_000);
                link.Dead = false;
                link.RunFor(600_000);
                link.Greedy = false;

                // Where six of ten are lost both ways, the last probe may have to be sent again some thirty times.
                link.RunFor(60_000_000);
                Assert.Empty(link.Complaints);
                Assert.Equal(0, link.Unended);
                Assert.Equal(0, link.Recovery.BytesInFlight);
                Assert.Equal(link.Recovery.SentPackets, link.Recovery.AckedPackets + link.Recovery.LostPackets);
            }, iter: 40);

    [Fact]
    public void Steady_traffic_allocates_nothing()
    {
        // Those of the thread may be full of what other tests have left there, and get smaller whenever the collector has run.
        var shelves = SpareShelves.Use(new SpareShelves());
        var recovery = new LossRecovery<long>(RecoverySettings.Default, 0);
        var received = new ReceivedPackets(RecoverySettings.Default);
        var handler = new Silent();
        var bytes = new byte[600];
        var number = 0L;
        Run(5_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(20_000);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        SpareShelves.Use(shelves);
        Assert.Equal(0, allocated);
        Assert.True(recovery.LostPackets > 1_000);

        void Run(int count)
        {
            for (var i = 0; i < count; i++, number++)
            {
                recovery.Sent(number, 1_200, true, false, number * 10).Frames.Add(number);
                if (number % 10 != 3)
                    received.Record(number, number * 10, true);
                if (!received.AckOwed(number * 10))
                    continue;
                var length = received.WriteAck(bytes, number * 10);
                AckFrame.TryRead(bytes.AsSpan(1, length - 1), out var ack, out _);
                recovery.Acknowledge(ack, number * 10, handler);
                received.AcknowledgementArrived(ack.Largest - 50);
            }
        }
    }

    private sealed class Silent : IRecoveryHandler<long>
    {
        public void Acknowledged(SentPacket<long> packet)
        {
        }

        public void Lost(SentPacket<long> packet)
        {
        }
    }
}
