using CsCheck;
using Peer.Node.Demo;
using Peer.Protocol;

namespace Peer.Tests.Node;

public sealed class LedgerComparisonTests
{
    private static readonly int[] Everybody = [1, 20, 30];

    [Theory]
    [InlineData(0, 20, "1,30")]
    [InlineData(1, 20, "1")]
    [InlineData(30, 20, "30")]
    [InlineData(-1, 20, "30")]
    [InlineData(-30, 20, "1")]
    [InlineData(-20, 20, "1,30")]
    [InlineData(0, 1, "20,30")]
    [InlineData(-20, 1, "30")]
    public void A_target_reaches_whom_the_engine_says(int target, int sender, string receivers)
    {
        var stream = new StreamKey(sender, target, 0, TransferMode.Reliable);

        Assert.Equal(receivers, string.Join(',', Everybody.Where(stream.Reaches)));
    }

    [Fact]
    public void A_perfect_network_breaks_no_promise_and_a_broadcast_counts_for_each_receiver()
    {
        var network = new FakeNetwork(Everybody);
        network.Send(20, 0, 2, TransferMode.Reliable, 5);
        network.Send(1, -20, 0, TransferMode.Unreliable, 3);
        network.DeliverAll();

        var comparison = network.Compare();

        Assert.Empty(comparison.Violations);
        Assert.Equal(new ModeTotals(10, 10, 0, 0, 0), comparison.Modes[TransferMode.Reliable]);
        Assert.Equal(new ModeTotals(3, 3, 0, 0, 0), comparison.Modes[TransferMode.Unreliable]);
        Assert.Equal(default, comparison.Modes[TransferMode.UnreliableOrdered]);
    }

    [Fact]
    public void A_lost_reliable_message_is_named_by_stream_receiver_and_number()
    {
        var network = new FakeNetwork(Everybody);
        network.Send(20, 0, 2, TransferMode.Reliable, 5);
        network.Deliver(1, new StreamKey(20, 0, 2, TransferMode.Reliable), 0, 1, 2, 3, 4);
        network.Deliver(30, new StreamKey(20, 0, 2, TransferMode.Reliable), 0, 1, 3, 4);

        var comparison = network.Compare();

        Assert.Equal(["sender 20, target 0, channel 2, reliable at 30: 1 of 5 missing, the first is number 2"], comparison.Violations);
        Assert.Equal(new ModeTotals(10, 9, 1, 0, 0), comparison.Modes[TransferMode.Reliable]);
    }

    [Fact]
    public void A_stream_of_which_nothing_came_misses_its_first_message()
    {
        var network = new FakeNetwork(Everybody);
        network.Send(20, 1, 0, TransferMode.Reliable, 2);

        Assert.Equal(["sender 20, target 1, channel 0, reliable at 1: 2 of 2 missing, the first is number 0"], network.Compare().Violations);
    }

    [Theory]
    [InlineData(TransferMode.Reliable, 2)]
    [InlineData(TransferMode.UnreliableOrdered, 1)]
    [InlineData(TransferMode.Unreliable, 0)]
    public void Each_mode_is_held_to_its_own_promises(TransferMode mode, int violations)
    {
        // Swapped at 20, lost at 30.
        var network = new FakeNetwork(Everybody);
        var stream = new StreamKey(1, 0, 0, mode);
        network.Send(1, 0, 0, mode, 2);
        network.Deliver(20, stream, 1, 0);
        network.Deliver(30, stream, 1);

        var comparison = network.Compare();

        Assert.Equal(violations, comparison.Violations.Count);
        Assert.Equal(new ModeTotals(4, 3, 1, 1, 0), comparison.Modes[mode]);
    }

    [Theory]
    [InlineData(TransferMode.Reliable)]
    [InlineData(TransferMode.UnreliableOrdered)]
    [InlineData(TransferMode.Unreliable)]
    public void No_mode_may_deliver_twice(TransferMode mode)
    {
        var network = new FakeNetwork(Everybody);
        network.Send(1, 20, 0, mode, 2);
        network.Deliver(20, new StreamKey(1, 20, 0, mode), 0, 1, 1);

        var comparison = network.Compare();

        Assert.Contains("1 duplicated", Assert.Single(comparison.Violations), StringComparison.Ordinal);
        Assert.Equal(new ModeTotals(2, 2, 0, 0, 1), comparison.Modes[mode]);
    }

    [Fact]
    public void What_nobody_sent_is_a_violation()
    {
        var network = new FakeNetwork(Everybody);
        network.Send(1, 20, 0, TransferMode.Unreliable, 1);
        network.Deliver(20, new StreamKey(1, 20, 0, TransferMode.Unreliable), 0, 7);
        network.Deliver(30, new StreamKey(1, 20, 0, TransferMode.Unreliable), 0);

        var violations = network.Compare().Violations;

        Assert.Equal(2, violations.Count);
        Assert.Contains("number 7 received, though only 1 were sent", violations[0], StringComparison.Ordinal);
        Assert.Contains("at 30: 1 received that nobody sent there", violations[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_process_that_told_nothing_is_one_violation_and_all_missing()
    {
        var network = new FakeNetwork(Everybody);
        network.Send(20, 0, 0, TransferMode.Reliable, 3);
        network.Send(20, 1, 1, TransferMode.Reliable, 2);
        network.DeliverAll();
        network.Silence(1);

        var comparison = network.Compare();

        Assert.Equal(["1 did not tell what it received of 5 messages"], comparison.Violations);
        Assert.Equal(new ModeTotals(8, 3, 5, 0, 0), comparison.Modes[TransferMode.Reliable]);
    }

    [Fact]
    public void A_receiver_is_not_blamed_for_a_sender_that_told_nothing()
    {
        var network = new FakeNetwork(Everybody);
        network.Send(20, 0, 0, TransferMode.Reliable, 3);
        network.DeliverAll();
        network.Silence(20);

        Assert.Empty(network.Compare().Violations);
    }

    [Fact]
    public void Whatever_a_network_drops_repeats_and_reorders_the_totals_are_those_of_a_naive_count() =>
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 9].Array[0, 30], Gen.Int[0, 9].Array[0, 30]).Sample((modeNumber, first, second) =>
        {
            var mode = (TransferMode)modeNumber;
            var network = new FakeNetwork(Everybody);
            var stream = new StreamKey(1, 0, 3, mode);
            network.Send(1, 0, 3, mode, 10);
            network.Deliver(20, stream, first);
            network.Deliver(30, stream, second);

            var totals = network.Compare().Modes[mode];

            var received = first.Distinct().Count() + second.Distinct().Count();
            Assert.Equal(20, totals.Sent);
            Assert.Equal(received, totals.Received);
            Assert.Equal(20 - received, totals.Missing);
            Assert.Equal(first.Length + second.Length - received, totals.Duplicated);
            Assert.Equal(Late(first) + Late(second), totals.OutOfOrder);
        });

    private static int Late(int[] numbers)
    {
        var firsts = numbers.Distinct().ToList();
        return firsts.Where((number, index) => firsts.Take(index).Any(earlier => earlier > number)).Count();
    }

    /// <summary>Ledgers of several processes without processes.</summary>
    private sealed class FakeNetwork(IReadOnlyList<int> participants)
    {
        private readonly Dictionary<int, SentLedger> _sent = participants.ToDictionary(id => id, _ => new SentLedger());
        private readonly Dictionary<int, ReceivedLedger> _received = participants.ToDictionary(id => id, _ => new ReceivedLedger());
        private readonly HashSet<int> _silent = [];

        public void Send(int sender, int target, int channel, TransferMode mode, int count)
        {
            var stream = new StreamKey(sender, target, channel, mode);
            for (var message = 0; message < count; message++)
                _sent[sender].Record(stream);
        }

        public void Deliver(int receiver, StreamKey stream, params int[] numbers)
        {
            foreach (var number in numbers)
                _received[receiver].Record(stream, number);
        }

        public void DeliverAll()
        {
            foreach (var (sender, ledger) in _sent)
            {
                foreach (var row in ledger.Rows())
                {
                    var stream = new StreamKey(sender, row.Target, row.Channel, row.Mode);
                    foreach (var receiver in participants.Where(stream.Reaches))
                        Deliver(receiver, stream, [.. Enumerable.Range(0, row.Count)]);
                }
            }
        }

        public void Silence(int id) => _silent.Add(id);

        public LedgerComparison Compare() => LedgerComparison.Compare(
            [.. participants],
            [.. participants.Where(id => !_silent.Contains(id)).Select(id => new PeerLedger(id, [.. _sent[id].Rows()], [.. _received[id].Rows()]))]);
    }
}
