using CsCheck;
using Peer.Protocol.Recovery;

namespace Peer.Tests.Recovery;

public class ReceivedPacketsTests
{
    private static readonly RecoverySettings Patient = new() { QuickAcks = 0 };

    private static ReceivedPackets Having(params long[] numbers)
    {
        var received = new ReceivedPackets(Patient);
        foreach (var number in numbers)
            received.Record(number, 0, true);
        return received;
    }

    private static List<long> Acknowledged(ReceivedPackets received, int room = 2_000, long now = 0)
    {
        var bytes = new byte[room];
        var length = received.WriteAck(bytes, now);
        var numbers = new List<long>();
        if (length == 0)
            return numbers;
        Assert.Equal(AckFrame.Type, bytes[0]);
        Assert.True(AckFrame.TryRead(bytes.AsSpan(1, length - 1), out var ack, out var consumed));
        Assert.Equal(length - 1, consumed);
        foreach (var range in ack)
        {
            for (var number = range.Last; number >= range.First; number--)
                numbers.Add(number);
        }

        return numbers;
    }

    [Fact]
    public void Any_order_of_arrival_acknowledges_the_set_that_arrived() =>
        Gen.Long[0, 100].Array[0, 150].Sample(arrivals =>
        {
            var received = Having(arrivals);
            Assert.Equal(arrivals.Distinct().OrderDescending(), Acknowledged(received));
            Assert.Equal(arrivals.Length == 0 ? -1 : arrivals.Max(), received.Largest);
        }, iter: 2_000);

    [Fact]
    public void Only_the_newest_64_ranges_are_kept_and_all_that_is_acknowledged_arrived() =>
        Gen.Long[0, 2_000].Array[100, 400].Sample(arrivals =>
        {
            var received = Having(arrivals);
            Assert.InRange(received.RangeCount, 1, 64);
            var said = Acknowledged(received);
            Assert.Subset(arrivals.ToHashSet(), said.ToHashSet());
            Assert.Equal(arrivals.Max(), said[0]);
        }, iter: 300);

    [Fact]
    public void A_full_list_forgets_the_oldest_range()
    {
        var received = new ReceivedPackets(Patient);
        for (var number = 0L; number < 130; number += 2)
            received.Record(number, 0, true);
        Assert.Equal(Enumerable.Range(1, 64).Select(i => 2L * i).OrderDescending(), Acknowledged(received));
        Assert.True(received.IsFresh(1));
        Assert.False(received.IsFresh(0));
    }

    [Fact]
    public void What_does_not_fit_is_left_out_from_the_oldest_and_said_later()
    {
        var received = new ReceivedPackets(Patient);
        for (var number = 0L; number < 100; number += 2)
            received.Record(number, 0, true);
        var shortened = Acknowledged(received, room: 25);
        Assert.Equal(Enumerable.Range(50 - shortened.Count, shortened.Count).Select(i => 2L * i).OrderDescending(), shortened);
        Assert.InRange(shortened.Count, 2, 12);
        received.AcknowledgementArrived(98);
        Assert.Equal(50 - shortened.Count, Acknowledged(received).Count);
        received.Record(100, 0, true);
        Assert.Equal(51 - shortened.Count, Acknowledged(received).Count);
        received.AcknowledgementArrived(100);
        Assert.Empty(Acknowledged(received));
    }

    [Fact]
    public void Without_room_for_one_range_nothing_is_written()
    {
        var received = Having(1_000_000);
        for (var room = 0; room < 7; room++)
            Assert.Equal(0, received.WriteAck(new byte[room], 0));
        Assert.True(received.AckOwed(0));
        Assert.Equal(7, received.WriteAck(new byte[7], 0));
        Assert.False(received.AckOwed(0));
    }

    [Fact]
    public void Before_anything_arrived_there_is_nothing_to_acknowledge()
    {
        var received = new ReceivedPackets(Patient);
        Assert.Equal(-1, received.Largest);
        Assert.Equal(0, received.WriteAck(new byte[100], 0));
        Assert.False(received.AckOwed(long.MaxValue));
        Assert.Equal(long.MaxValue, received.AckDeadline);
    }

    [Fact]
    public void A_confirmed_acknowledgement_is_pruned_but_never_what_it_did_not_say()
    {
        // Steps: a new number, a late number, an acknowledgement that is sent, one of those sent that is confirmed.
        var step = Gen.Select(Gen.Int[0, 4], Gen.Int[0, 30], Gen.Int[4, 40]);
        step.Array[1, 120].Sample(steps =>
        {
            var received = new ReceivedPackets(Patient);
            var arrived = new HashSet<long>();
            var confirmed = new HashSet<long>();
            var sent = new List<List<long>>();
            foreach (var (kind, value, room) in steps)
            {
                switch (kind)
                {
                    case 0 or 1:
                        var number = Math.Max(0, received.Largest + (kind == 0 ? 1 + (value / 10) : -value));
                        if (received.Record(number, 0, true))
                            arrived.Add(number);
                        break;
                    case 2 or 3:
                        var said = Acknowledged(received, room);
                        if (said.Count > 0)
                            sent.Add(said);
                        break;
                    default:
                        if (sent.Count == 0)
                            break;
                        var chosen = sent[value % sent.Count];
                        confirmed.UnionWith(chosen);
                        received.AcknowledgementArrived(chosen[0]);
                        break;
                }

                var still = Ranges(received);
                Assert.Subset(arrived, still);
                Assert.True(arrived.All(n => still.Contains(n) || confirmed.Contains(n)));
            }
        }, iter: 500);

        static HashSet<long> Ranges(ReceivedPackets received) => [.. Acknowledged(received)];
    }

    [Fact]
    public void Packets_in_order_are_acknowledged_in_batches_or_after_the_delay()
    {
        var received = new ReceivedPackets(Patient);
        for (var number = 0; number < 15; number++)
            received.Record(number, 1_000, true);
        Assert.False(received.AckOwed(5_999));
        Assert.Equal(6_000, received.AckDeadline);
        Assert.True(received.AckOwed(6_000));
        received.Record(15, 1_000, true);
        Assert.True(received.AckOwed(1_000));
        received.WriteAck(new byte[100], 1_000);
        Assert.False(received.AckOwed(long.MaxValue));
        Assert.False(received.AckPending);
    }

    [Fact]
    public void A_gap_and_what_fills_it_are_acknowledged_at_once()
    {
        var received = Having(0);
        received.WriteAck(new byte[100], 0);
        received.Record(2, 0, true);
        Assert.True(received.AckOwed(0));
        received.WriteAck(new byte[100], 0);
        received.Record(3, 0, true);
        Assert.False(received.AckOwed(0));
        received.Record(1, 0, true);
        Assert.True(received.AckOwed(0));
    }

    [Fact]
    public void A_young_connection_is_acknowledged_at_once()
    {
        var received = new ReceivedPackets(RecoverySettings.Default);
        received.Record(0, 0, true);
        Assert.True(received.AckOwed(0));
    }

    [Fact]
    public void Packets_that_ask_for_nothing_owe_nothing_but_are_acknowledged_along()
    {
        var received = new ReceivedPackets(Patient);
        received.Record(7, 0, false);
        Assert.False(received.AckOwed(long.MaxValue));
        received.Record(8, 0, true);
        Assert.Equal([8, 7], Acknowledged(received));
    }

    [Fact]
    public void The_delay_since_the_largest_number_is_told()
    {
        var received = Having(0);
        var bytes = new byte[100];
        var length = received.WriteAck(bytes, 1_234);
        Assert.True(AckFrame.TryRead(bytes.AsSpan(1, length - 1), out var ack, out _));
        Assert.Equal(1_234, ack.Delay);
        length = received.WriteAck(bytes, -5);
        Assert.True(AckFrame.TryRead(bytes.AsSpan(1, length - 1), out ack, out _));
        Assert.Equal(0, ack.Delay);
    }

    [Fact]
    public void A_number_is_fresh_once_and_not_below_the_window() =>
        Gen.Select(Gen.OneOf(Gen.Const(0L), Gen.Long[0, long.MaxValue - 20_000], Gen.Const(long.MaxValue - 9_999)), Gen.Long[0, 9_999].Array[1, 200])
            .Sample((origin, offsets) =>
            {
                var received = new ReceivedPackets(Patient);
                var seen = new HashSet<long>();
                foreach (var number in offsets.Select(offset => origin + offset))
                {
                    var largest = seen.Count == 0 ? -1 : seen.Max();
                    var fresh = number > largest || (largest - number < 4_096 && !seen.Contains(number));
                    Assert.Equal(fresh, received.IsFresh(number));
                    Assert.Equal(fresh, received.Record(number, 0, true));
                    Assert.False(received.IsFresh(number));
                    if (fresh)
                        seen.Add(number);
                }
            }, iter: 300);

    [Theory]
    [InlineData(0, 4_095, true)]
    [InlineData(0, 4_096, false)]
    [InlineData(0, long.MaxValue, false)]
    [InlineData(long.MaxValue - 4_095, long.MaxValue, true)]
    [InlineData(long.MaxValue - 4_096, long.MaxValue, false)]
    public void A_jump_moves_the_window(long older, long newer, bool stillFresh)
    {
        var received = Having(newer);
        Assert.False(received.IsFresh(newer));
        Assert.Equal(stillFresh, received.IsFresh(older));
        Assert.False(received.IsFresh(-1));
        Assert.False(received.IsFresh(long.MinValue));
    }

    [Fact]
    public void What_the_window_had_before_a_jump_does_not_count_after_it()
    {
        var received = new ReceivedPackets(Patient);
        for (var number = 0; number < 4_096; number++)
            received.Record(number, 0, true);
        received.Record(4_096 + 4_095, 0, true);
        for (var number = 4_096; number < 4_096 + 4_095; number++)
            Assert.True(received.IsFresh(number));
    }

    [Fact]
    public void News_of_a_loss_is_said_at_once_and_soon_again()
    {
        var received = new ReceivedPackets(new RecoverySettings { QuickAcks = 0 });
        received.Record(0, 0, true);
        received.WriteAck(new byte[100], 0);
        received.Record(2, 1_000, true);
        Assert.True(received.AckOwed(1_000));
        Assert.True(received.WriteAck(new byte[100], 1_000) > 0);

        Assert.Equal(6_000, received.AckDeadline);
        Assert.True(received.WriteAck(new byte[100], 6_000) > 0);
        Assert.Equal(long.MaxValue, received.AckDeadline);
    }

    [Theory]
    [InlineData(16_667, 40_000)]
    [InlineData(5_000, 12_500)]
    [InlineData(1_000, 5_000)]
    [InlineData(50_000, 5_000)]
    public void Acknowledgements_of_a_quick_stream_wait_for_company_those_of_a_slow_one_do_not(long interval, long patience)
    {
        var received = new ReceivedPackets(new RecoverySettings { QuickAcks = 0, MaxAckDelay = 5_000 });
        var number = 0L;
        for (; number < 200; number++)
        {
            received.Record(number, number * interval, true);
            received.WriteAck(new byte[100], number * interval);
        }

        received.Record(number, number * interval, true);
        Assert.InRange(received.AckDeadline - (number * interval), patience - 50, patience + 50);
    }
}
