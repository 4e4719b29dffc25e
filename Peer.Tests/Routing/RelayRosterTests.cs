using CsCheck;
using Peer.Protocol;
using Peer.Protocol.Control;
using Peer.Protocol.Delivery;
using Peer.Protocol.Routing;
using Peer.Tests.Delivery;

namespace Peer.Tests.Routing;

/// <summary>A client's view of the peers behind the relay: who is there, and whose packets count, in whatever order the news arrives.</summary>
public sealed class RelayRosterTests : IRosterListener
{
    private const long HoldBytes = 100_000;

    private static readonly SequenceKey Chat = new(4, TransferMode.Reliable);
    private static readonly SequenceKey Moves = new(5, TransferMode.Unreliable);

    private readonly List<string> _told = [];
    private readonly List<DeliveredRun> _runs = [];
    private readonly RelayRoster _roster;

    public RelayRosterTests() => _roster = new RelayRoster(this, HoldBytes);

    [Fact]
    public void Packets_that_overtake_their_senders_join_are_held_and_follow_it_in_order()
    {
        Assert.True(_roster.Arrived(7, Run(Chat, 1)));
        Assert.True(_roster.Arrived(7, Run(Moves, 2)));
        Assert.True(_roster.Arrived(8, Run(Chat, 3)));
        Assert.Empty(_told);
        Assert.False(_roster.Contains(7));

        _roster.Joined(7);
        Assert.Equal(["+7", "7:1", "7:2"], _told);
        _roster.Arrived(7, Run(Chat, 4));
        _roster.Joined(8);
        Assert.Equal(["+7", "7:1", "7:2", "7:4", "+8", "8:3"], _told);
        Assert.Equal([7, 8], _roster.Present.Order());
    }

    [Fact]
    public void A_leave_waits_for_the_marks_of_every_sequence_that_it_names()
    {
        _roster.Joined(7);
        _roster.Left(new PeerLeft(7, DisconnectReason.Kicked, "out", [4, 9]));
        _roster.Arrived(7, Run(Chat, 1));
        _roster.Arrived(7, Mark(9, 7));
        _roster.Arrived(7, Run(Chat, 2));
        Assert.True(_roster.Contains(7));
        _roster.Arrived(7, Mark(4, 7));
        Assert.Equal(["+7", "7:1", "7:2", "-7 Kicked out"], _told);
        Assert.False(_roster.Contains(7));
    }

    [Fact]
    public void A_leave_without_marks_takes_effect_at_once()
    {
        _roster.Joined(7);
        _roster.Left(new PeerLeft(7, DisconnectReason.Closed, "", []));
        Assert.Equal(["+7", "-7 Closed "], _told);
    }

    [Fact]
    public void A_mark_may_arrive_before_the_join_of_its_sender()
    {
        _roster.Arrived(7, Run(Chat, 1));
        _roster.Arrived(7, Mark(4, 7));
        _roster.Joined(7);
        _roster.Left(new PeerLeft(7, DisconnectReason.Closed, "", [4]));
        Assert.Equal(["+7", "7:1", "-7 Closed "], _told);
    }

    [Fact]
    public void Late_packets_of_the_gone_are_dropped_and_counted()
    {
        _roster.Joined(7);
        _roster.Left(new PeerLeft(7, DisconnectReason.Closed, "", []));
        for (var i = 0; i < 10_000; i++)
            Assert.True(_roster.Arrived(7, Run(Moves, 1)));
        Assert.Equal(10_000, _roster.Dropped);
        Assert.Equal(2, _told.Count);
    }

    [Fact]
    public void A_peer_may_come_back()
    {
        for (var round = 0; round < 3; round++)
        {
            _roster.Joined(7);
            _roster.Arrived(7, Run(Chat, round));
            _roster.Arrived(7, Mark(4, 7));
            _roster.Left(new PeerLeft(7, DisconnectReason.Closed, "", [4]));
        }

        Assert.Equal(["+7", "7:0", "-7 Closed ", "+7", "7:1", "-7 Closed ", "+7", "7:2", "-7 Closed "], _told);
    }

    [Fact]
    public void A_join_or_a_leave_that_is_told_twice_counts_once()
    {
        _roster.Joined(7);
        _roster.Joined(7);
        _roster.Left(new PeerLeft(7, DisconnectReason.Closed, "", []));
        _roster.Left(new PeerLeft(7, DisconnectReason.Closed, "", []));
        _roster.Left(new PeerLeft(99, DisconnectReason.Closed, "", []));
        Assert.Equal(["+7", "-7 Closed "], _told);
    }

    [Fact]
    public void When_the_server_is_gone_everybody_leaves()
    {
        _roster.Joined(7);
        _roster.Joined(8);
        _roster.Arrived(9, Run(Chat, 1));
        _roster.Clear(DisconnectInfo.Of(DisconnectReason.Timeout));
        Assert.Equal(["+7", "+8", "-7 Timeout ", "-8 Timeout "], _told.Order(StringComparer.Ordinal).ToArray());
        Assert.Empty(_roster.Present);
    }

    [Fact]
    public void What_is_held_for_strangers_is_bounded_and_reliable_overflow_is_a_violation()
    {
        var kept = 0;
        while (_roster.Arrived(7 + (kept % 50), Run(Chat, 1, 1_000)))
            kept++;
        Assert.InRange(kept, 80, 99);

        // Unreliable packets only go missing.
        Assert.True(_roster.Arrived(7, Run(Moves, 1, 1_000)));
        Assert.True(_roster.Dropped > 0);

        // Joining makes room again.
        _roster.Joined(7);
        Assert.True(_roster.Arrived(8, Run(Chat, 1, 1_000)));
    }

    [Fact]
    public void Leaves_and_joins_that_wait_for_marks_are_bounded_and_more_of_them_are_a_violation()
    {
        foreach (var peer in (int[])[7, 8])
        {
            Assert.True(_roster.Joined(peer));
            Assert.True(_roster.Left(Leave(peer)));
        }

        var first = Fill(7);
        Assert.InRange(first, 600, 780);

        // It is one bound for all peers, and for what is held of them.
        Assert.False(_roster.Joined(8));
        Assert.False(_roster.Arrived(9, Run(Chat, 1)));
        Assert.Equal(["+7", "+8"], _told);

        // What takes effect makes room again, as much as it took.
        _roster.Arrived(7, Mark(4, 7));
        Assert.Equal(["+7", "+8", "-7 Closed ", "+7"], _told);
        Assert.InRange(Fill(8), 1, 3);
        for (var leaves = 0; leaves < first / 2; leaves++)
            _roster.Arrived(7, Mark(4, 7));
        Assert.InRange(Fill(8), first - 4, first);
    }

    [Fact]
    public void What_a_leave_says_counts_while_it_waits()
    {
        _roster.Joined(7);
        _roster.Left(Leave(7));
        Assert.InRange(Fill(7, new PeerLeft(7, DisconnectReason.Kicked, new string('x', 200), [.. Enumerable.Range(0, 250).Select(i => (byte)i)])), 200, 230);
    }

    [Fact]
    public void What_waited_for_the_marks_of_a_server_that_is_gone_takes_no_room_of_the_next_ones()
    {
        _roster.Joined(7);
        _roster.Left(Leave(7));
        var first = Fill(7);
        _roster.ServerRestarted();
        _roster.Settled();
        Assert.Equal(0, _roster.Count);
        Assert.True(_roster.Joined(7));
        Assert.True(_roster.Left(Leave(7)));
        Assert.Equal(first, Fill(7));
        _roster.Clear(DisconnectInfo.Of(DisconnectReason.Closed));
        _roster.Joined(7);
        _roster.Left(Leave(7));
        Assert.Equal(first, Fill(7));
    }

    [Fact]
    public void A_hundred_thousand_leaves_that_wait_for_one_mark_take_effect_one_after_the_other()
    {
        const int Times = 100_000;
        var told = new List<string>();
        var roster = new RelayRoster(new Listener(told), 32 << 20);
        roster.Joined(7);
        roster.Left(Leave(7));
        for (var i = 0; i < Times; i++)
        {
            Assert.True(roster.Returned(7));
            Assert.True(roster.Left(new PeerLeft(7, DisconnectReason.Closed, "", [])));
        }

        roster.Arrived(7, Mark(4, 7));
        Assert.Equal(2 * (Times + 1), told.Count);
        Assert.All(told, (line, i) => Assert.Equal(i % 2 == 0 ? "+7" : "-7", line));
        Assert.Empty(roster.Present);
    }

    [Fact]
    public void Words_of_fifty_thousand_lives_that_wait_for_their_marks_are_each_heard_in_theirs()
    {
        const int Times = 50_000;
        var leave = new PeerLeft(7, DisconnectReason.Closed, "", [4, 6]);
        var told = new List<string>();
        var roster = new RelayRoster(new Listener(told), 32 << 20);
        roster.Joined(7);
        roster.Left(leave);
        for (var life = 0; life < Times; life++)
        {
            Assert.True(roster.Returned(7));
            Assert.True(roster.Arrived(7, Mark(4, 7)));
            Assert.True(roster.Arrived(7, Run(Chat, life)));
            Assert.True(roster.Left(leave));
        }

        Assert.True(roster.Arrived(7, Mark(4, 7)));
        for (var life = 0; life <= Times; life++)
            Assert.True(roster.Arrived(7, Mark(6, 7)));

        var expected = Enumerable.Range(0, Times).SelectMany(life => (string[])["-7", "+7", $"7:{life}"]).Prepend("+7").Append("-7");
        Assert.Equal(expected, told);
    }

    [Fact]
    public void What_was_held_beside_the_end_of_one_who_does_not_come_back_is_dropped_when_it_is_not_reliable()
    {
        _roster.Joined(7);
        _roster.ServerRestarted();
        Assert.True(_roster.Arrived(7, Mark(4, 7)));
        Assert.True(_roster.Arrived(7, Run(Moves, 1)));
        Assert.True(_roster.Left(Leave(7)));
        Assert.Equal(["+7"], _told);

        _roster.Settled();
        Assert.Equal(["+7", "-7 Closed "], _told);
        Assert.Equal((1, 0), (_roster.Dropped, _roster.Count));
    }

    [Fact]
    public void Strangers_whose_packets_are_not_held_leave_nothing_behind()
    {
        while (_roster.Arrived(7, Run(Chat, 1, 1_000)))
        {
        }

        var run = Run(Moves, 1, 1_000);
        for (var i = 0; i < 1_000; i++)
            _roster.Arrived(8, run);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var stranger = 1_000; stranger < 21_000; stranger++)
            Assert.True(_roster.Arrived(stranger, run));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000);
    }

    [Fact]
    public void A_held_packet_does_not_keep_the_datagrams_that_it_came_with()
    {
        var datagrams = new byte[60_000];
        var message = Messages.RunBytes(Messages.Numbered(5, 4));
        message.CopyTo(datagrams, 100);
        _roster.Arrived(7, new DeliveredRun(Chat, 7, false, datagrams.AsMemory(100, message.Length), 1, message.Length));
        Array.Clear(datagrams);
        _roster.Joined(7);
        Assert.Equal(["+7", "7:5"], _told);
    }

    [Fact]
    public void Any_order_of_news_and_packets_tells_the_same_story() =>
        Gen.Select(Gen.Int[0, 6], Gen.Int[0, 6], Gen.Int[0, 1 << 20]).Sample((chats, moves, seed) =>
        {
            var told = new List<string>();
            var roster = new RelayRoster(new Listener(told), HoldBytes);
            var random = new Random(seed);

            // Three sequences, each in its own order, merged at random: control, and two that carry packets and then their mark.
            Queue<Action>[] sequences =
            [
                new([() => roster.Joined(7), () => roster.Left(new PeerLeft(7, DisconnectReason.Closed, "", [4, 6]))]),
                new([.. Enumerable.Range(0, chats).Select(i => (Action)(() => roster.Arrived(7, Run(Chat, i)))), () => roster.Arrived(7, Mark(4, 7))]),
                new([.. Enumerable.Range(100, moves).Select(i => (Action)(() => roster.Arrived(7, Run(new SequenceKey(6, TransferMode.Reliable), i)))), () => roster.Arrived(7, Mark(6, 7))]),
            ];
            while (sequences.Any(sequence => sequence.Count > 0))
            {
                if (sequences[random.Next(3)].TryDequeue(out var next))
                    next();
            }

            Assert.Equal("+7", told[0]);
            Assert.Equal("-7", told[^1]);
            Assert.Equal(Enumerable.Range(0, chats).Select(i => $"7:{i}"), told.Where(line => line.Length == 3 && line[0] == '7'));
            Assert.Equal(Enumerable.Range(100, moves).Select(i => $"7:{i}"), told.Where(line => line.Length == 5 && line[0] == '7'));
            Assert.Equal(2 + chats + moves, told.Count);
        }, iter: 500, threads: 1);

    [Fact]
    public void Whoever_leaves_and_joins_again_and_again_does_so_once_each_with_its_words_in_between_however_late_the_marks() =>
        Gen.Select(Gen.Int[1, 4], Gen.Int[0, 3], Gen.Bool, Gen.Int[0, 1 << 20]).Sample((rounds, chats, stays, seed) =>
        {
            var told = new List<string>();
            var roster = new RelayRoster(new Listener(told), HoldBytes);
            var random = new Random(seed);
            var sequences = new Queue<Action>[] { new(), new(), new() };
            for (var round = 0; round < rounds; round++)
            {
                sequences[0].Enqueue(() => roster.Returned(7));
                for (var channel = 1; channel < 3; channel++)
                {
                    var (key, first) = (new SequenceKey((byte)channel, TransferMode.Reliable), (100 * channel) + (10 * round));
                    for (var i = 0; i < chats; i++)
                    {
                        var number = first + i;
                        sequences[channel].Enqueue(() => roster.Arrived(7, Run(key, number)));
                    }

                    if (!stays || round < rounds - 1)
                        sequences[channel].Enqueue(() => roster.Arrived(7, Mark(key.Channel, 7)));
                }

                if (!stays || round < rounds - 1)
                    sequences[0].Enqueue(() => roster.Left(new PeerLeft(7, DisconnectReason.QueueOverflow, "", [1, 2])));
            }

            while (sequences.Any(sequence => sequence.Count > 0))
            {
                if (sequences[random.Next(3)].TryDequeue(out var next))
                    next();
            }

            // Two sequences are not in order with each other.
            for (var channel = 1; channel < 3; channel++)
            {
                var expected = new List<string>();
                for (var round = 0; round < rounds; round++)
                {
                    expected.Add("+7");
                    expected.AddRange(Enumerable.Range((100 * channel) + (10 * round), chats).Select(number => $"7:{number}"));
                    if (!stays || round < rounds - 1)
                        expected.Add("-7");
                }

                Assert.Equal(expected, told.Where(line => line[0] != '7' || line[2] == '0' + channel));
            }

            Assert.Equal(stays ? [7] : [], roster.Present);
        }, iter: 2_000, threads: 1);

    void IRosterListener.Joined(int peer) => _told.Add($"+{peer}");

    void IRosterListener.Relayed(int peer, in DeliveredRun run)
    {
        _runs.Add(run);
        _told.Add($"{peer}:{Number(run)}");
    }

    void IRosterListener.Left(int peer, DisconnectInfo info) => _told.Add($"-{peer} {info.Reason} {info.Text}");

    [Fact]
    public void After_the_server_started_anew_those_who_are_back_have_never_left_and_what_they_say_waits_for_the_news()
    {
        _roster.Joined(7);
        _roster.Joined(8);
        _roster.ServerRestarted();
        _roster.Arrived(7, Run(Chat, 1));
        Assert.Equal(["+7", "+8"], _told);
        _roster.Returned(7);
        _roster.Returned(9);
        Assert.Equal(["+7", "+8", "7:1", "+9"], _told);
        _roster.Settled();
        _roster.Settled();
        Assert.Equal("-8 Timeout the server started anew, and this peer did not come back to it", _told[^1]);
        Assert.Equal([7, 9], _roster.Present.Order());
    }

    [Fact]
    public void Whoever_came_back_and_left_before_this_client_was_back_is_heard_before_it_leaves()
    {
        _roster.Joined(7);
        _roster.ServerRestarted();
        _roster.Arrived(7, Run(Chat, 1));
        _roster.Settled();
        Assert.Equal(["+7", "7:1"], _told.Take(2));
        Assert.StartsWith("-7 Timeout", _told[2], StringComparison.Ordinal);
    }

    [Fact]
    public void A_peer_that_comes_back_while_its_leave_still_waits_for_marks_leaves_first_and_its_new_words_come_after_its_join()
    {
        _roster.Joined(7);
        _roster.Arrived(7, Mark(4, 7));
        _roster.Left(new PeerLeft(7, DisconnectReason.QueueOverflow, "", [4, 9]));
        _roster.Returned(7);
        _roster.Arrived(7, Run(Chat, 1));
        Assert.Equal(["+7"], _told);
        _roster.Arrived(7, Mark(9, 7));
        Assert.Equal(["+7", "-7 QueueOverflow ", "+7", "7:1"], _told);
    }

    [Fact]
    public void What_overtakes_the_news_of_a_second_join_is_held_for_it()
    {
        _roster.Joined(7);
        _roster.Left(new PeerLeft(7, DisconnectReason.Closed, "", []));
        _roster.Arrived(7, Run(Chat, 1));
        _roster.Joined(7);
        Assert.Equal(["+7", "-7 Closed ", "+7", "7:1"], _told);
    }

    [Fact]
    public void A_leave_that_waited_for_marks_takes_effect_when_the_server_starts_anew()
    {
        _roster.Joined(7);
        _roster.Left(new PeerLeft(7, DisconnectReason.Kicked, "out", [4]));
        _roster.ServerRestarted();
        Assert.Equal(["+7", "-7 Kicked out"], _told);
    }

    [Fact]
    public void A_newcomer_under_the_ID_of_somebody_who_is_missing_is_another_one()
    {
        _roster.Joined(7);
        _roster.ServerRestarted();
        _roster.Arrived(7, Run(Chat, 1));
        _roster.Joined(7);
        Assert.StartsWith("-7 Timeout", _told[1], StringComparison.Ordinal);
        Assert.Equal(["+7", "7:1"], _told.Skip(2));
        _roster.Settled();
        Assert.Equal(4, _told.Count);
    }

    [Fact]
    public void What_is_held_for_somebody_who_never_comes_gives_its_credit_back()
    {
        _roster.Arrived(7, Run(Chat, 1));
        _roster.ServerRestarted();
        _roster.Arrived(7, Run(Chat, 2) with { CreditBytes = 5 });
        _roster.Settled();
        Assert.Equal(["credit 0", "credit 5"], _told);
        Assert.Equal(0, _roster.Count);
    }

    void IRosterListener.Dropped(int creditBytes) => _told.Add($"credit {creditBytes}");

    /// <summary>Has a peer whose leave waits for its mark join and leave again for as long as that is taken; how many joins and leaves were.</summary>
    private int Fill(int peer, PeerLeft? leave = null)
    {
        for (var taken = 0; ; taken++)
        {
            Assert.InRange(taken, 0, 10_000);
            if (taken % 2 == 0 ? !_roster.Returned(peer) : !_roster.Left(leave ?? Leave(peer)))
                return taken;
        }
    }

    /// <summary>A leave that waits for a mark.</summary>
    private static PeerLeft Leave(int peer) => new(peer, DisconnectReason.Closed, "", [4]);

    private static int Number(in DeliveredRun run) => BitConverter.ToInt32(Messages.Split(run.Bytes)[0]);

    private static DeliveredRun Run(SequenceKey key, int number, int length = 4)
    {
        var bytes = Messages.RunBytes(Messages.Numbered(number, length));
        return new DeliveredRun(key, 7, false, bytes, 1, key.Mode == TransferMode.Reliable ? bytes.Length : 0);
    }

    private static DeliveredRun Mark(byte channel, int peer) => new(new SequenceKey(channel, TransferMode.Reliable), peer, true, default, 0, 0);

    private sealed class Listener(List<string> told) : IRosterListener
    {
        public void Joined(int peer) => told.Add($"+{peer}");

        public void Relayed(int peer, in DeliveredRun run) => told.Add($"{peer}:{Number(run)}");

        public void Left(int peer, DisconnectInfo info) => told.Add($"-{peer}");
    }
}
