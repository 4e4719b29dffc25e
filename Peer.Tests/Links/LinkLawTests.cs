using CsCheck;
using Peer.Protocol;
using Peer.Protocol.Links;
using Peer.Tests.Delivery;

namespace Peer.Tests.Links;

/// <summary>What a connection promises, whatever the path does.</summary>
public sealed class LinkLawTests
{
    private const long Long = 600_000_000;

    /// <summary>No path here is quiet for long, only unlucky.</summary>
    private static readonly LinkSettings Patient = new() { IdleTimeout = Long };

    private static readonly Gen<int> Length = Gen.Frequency((5, Gen.Int[1, 100]), (3, Gen.Int[101, 5_000]), (1, Gen.Int[5_001, 60_000]), (1, Gen.Const(200_000)));

    private static readonly Gen<Weather> Weathers =
        from loss in Gen.Int[0, 60]
        from repeat in Gen.Int[0, 30]
        from corrupt in Gen.Int[0, 10]
        from delay in Gen.Long[0, 120_000]
        from jitter in Gen.Long[0, 60_000]
        select new Weather { Loss = loss / 100.0, Repeat = repeat / 100.0, Corrupt = corrupt / 100.0, Delay = delay, Jitter = jitter };

    private static readonly Gen<Story> Stories =
        from seed in Gen.Int[0, 1 << 20]
        from up in Weathers
        from down in Weathers
        from talk in Gen.Select(Gen.Bool, Gen.Byte[0, 3], Length, Gen.Long[0, 50_000]).Array[1, 25]
        select new Story(seed, up, down, talk);

    private sealed record Story(int Seed, Weather Up, Weather Down, (bool FromClient, byte Channel, int Length, long Pause)[] Talk)
    {
        public override string ToString() => $"seed {Seed}, up {Up}, down {Down}, {string.Join("; ", Talk)}";
    }

    [Fact]
    public void Reliable_messages_arrive_exactly_once_and_in_order_in_both_directions() =>
        Stories.Sample(story =>
        {
            using var pair = Play(story, TransferMode.Reliable, out var sent);
            pair.Settle(Long);
            foreach (var fromClient in new[] { true, false })
            {
                var arrived = (fromClient ? pair.Server : pair.Client).Taken;
                for (byte channel = 0; channel <= 3; channel++)
                    Assert.Equal(Sent(sent, fromClient, channel), Arrived(arrived, channel));
            }

            Finish(pair);
        }, iter: 40, threads: 1);

    [Fact]
    public void Keys_change_on_the_way_and_nothing_is_lost_whatever_the_path_does() =>
        Stories.Sample(story =>
        {
            using var pair = Play(story, TransferMode.Reliable, out var sent, Patient with { KeyUpdateAfter = 16 });
            pair.Settle(Long);
            foreach (var fromClient in new[] { true, false })
            {
                var arrived = (fromClient ? pair.Server : pair.Client).Taken;
                for (byte channel = 0; channel <= 3; channel++)
                    Assert.Equal(Sent(sent, fromClient, channel), Arrived(arrived, channel));
            }

            Assert.InRange(Math.Abs(pair.Client.Link.KeyPhase - pair.Server.Link.KeyPhase), 0, 1);
            Finish(pair);
        }, iter: 25, threads: 1);

    [Fact]
    public void Ordered_messages_never_go_back() =>
        Stories.Sample(story =>
        {
            using var pair = Play(story, TransferMode.UnreliableOrdered, out var sent);
            pair.RunFor(10_000_000);
            foreach (var fromClient in new[] { true, false })
            {
                for (byte channel = 0; channel <= 3; channel++)
                {
                    var all = Sent(sent, fromClient, channel);
                    var place = -1;
                    foreach (var message in Arrived((fromClient ? pair.Server : pair.Client).Taken, channel))
                    {
                        var found = all.IndexOf(message, place + 1);
                        Assert.True(found > place, "older than the one before, repeated, or never sent");
                        place = found;
                    }
                }
            }

            Finish(pair);
        }, iter: 30, threads: 1);

    [Fact]
    public void Unreliable_messages_arrive_at_most_once() =>
        Stories.Sample(story =>
        {
            using var pair = Play(story, TransferMode.Unreliable, out var sent);
            pair.RunFor(10_000_000);
            foreach (var fromClient in new[] { true, false })
            {
                for (byte channel = 0; channel <= 3; channel++)
                {
                    var left = Sent(sent, fromClient, channel);
                    Assert.All(Arrived((fromClient ? pair.Server : pair.Client).Taken, channel), message => Assert.True(left.Remove(message), "repeated, or never sent"));
                }
            }

            Finish(pair);
        }, iter: 30, threads: 1);

    [Fact]
    public void On_a_path_that_loses_nothing_every_mode_delivers_everything()
    {
        foreach (var mode in Enum.GetValues<TransferMode>())
        {
            using var pair = new LinkPair();
            var key = new SequenceKey(7, mode);
            for (var i = 0; i < 300; i++)
                pair.Client.Submit(key, Messages.Numbered(i, 1 + (i * 13)));
            pair.Work();
            pair.Settle();
            Assert.Equal(300, pair.Server.Taken.Count);
            Assert.All(pair.Server.Taken, (taken, i) => Assert.Equal(Messages.Numbered(i, 1 + (i * 13)), taken.Bytes));
            Finish(pair);
        }
    }

    [Fact]
    public void Damaged_datagrams_are_dropped_and_counted_and_close_nothing()
    {
        using var pair = new LinkPair(settings: Patient) { Weather = new Weather { Corrupt = 0.3 } };
        for (var i = 0; i < 400; i++)
            pair.Client.Submit(Messages.Reliable, Messages.Numbered(i, 700));
        pair.Work();
        pair.Settle(Long);

        Assert.Equal(400, pair.Server.Taken.Count);
        Assert.Equal(LinkState.Open, pair.Server.Link.State);
        Assert.Equal(0, pair.Server.Link.Counters.Replayed);
        // A bit flipped in a length moves the borders of the datagrams that were received together with it: some are counted twice, some not at all.
        Assert.InRange(pair.Server.Link.Counters.Rejected, pair.ToServer.Corrupted / 2, 2 * pair.ToServer.Corrupted);
        Assert.True(pair.Server.Link.Counters.Unopened > 20);
        Finish(pair);
    }

    [Fact]
    public void Replayed_datagrams_change_nothing()
    {
        using var pair = new LinkPair();
        foreach (var mode in Enum.GetValues<TransferMode>())
        {
            for (var i = 0; i < 60; i++)
                pair.Client.Submit(new SequenceKey(1, mode), Messages.Numbered(i, 400));
        }

        pair.Work();
        pair.Settle();
        pair.RunFor(100_000);
        var taken = pair.Server.Taken.Count;
        var opened = pair.Server.Link.Counters.DatagramsOpened;
        var recorded = pair.ToServer.Recorded.ToArray();
        foreach (var datagram in recorded)
            pair.ToServer.Inject([.. datagram], pair.Now + 1_000);
        var answered = pair.ToClient.Recorded.Count;
        pair.RunFor(50_000);

        Assert.Equal(180, taken);
        Assert.Equal(taken, pair.Server.Taken.Count);
        Assert.Equal(recorded.Length, pair.Server.Link.Counters.Replayed);
        Assert.Equal(opened, pair.Server.Link.Counters.DatagramsOpened);
        Assert.Equal(answered, pair.ToClient.Recorded.Count);
        Assert.Equal(LinkState.Open, pair.Server.Link.State);
        Finish(pair);
    }

    [Fact]
    public void After_seconds_of_total_loss_reliable_messages_go_on()
    {
        using var pair = new LinkPair();
        for (var i = 0; i < 200; i++)
            pair.Client.Submit(Messages.Reliable, Messages.Numbered(i, 1_000));
        pair.Weather = new Weather { Loss = 1 };
        pair.Work();
        pair.RunFor(6_000_000);
        Assert.Empty(pair.Server.Taken);

        pair.Weather = Weather.Fine;
        var healed = pair.Now;
        pair.Settle();
        Assert.Equal(200, pair.Server.Taken.Count);
        Assert.InRange(pair.Now - healed, 0, 3_000_000);
        Finish(pair);
    }

    [Fact]
    public void However_often_a_frame_is_lost_a_datagram_carries_it_once()
    {
        using var pair = new LinkPair(settings: Patient) { Weather = new Weather { Loss = 0.9 } };
        for (var i = 0; i < 5; i++)
            pair.Client.Submit(Messages.Reliable, Messages.Numbered(i, 20));
        pair.Work();
        pair.Settle(Long);

        Assert.Equal(5, pair.Server.Taken.Count);
        Assert.Equal(1, pair.Client.Watch.MostCopies);
        Finish(pair);
    }

    [Fact]
    public void A_path_that_stops_carrying_large_datagrams_carries_on_with_small_ones()
    {
        using var pair = new LinkPair();
        pair.RunUntil(() =>
        {
            SubmitPairs(pair, 20);
            pair.RunFor(10_000);
            return pair.Client.Link.Statistics().DatagramSize == 1_472;
        });
        pair.Settle();
        var before = pair.Server.Taken.Count;

        pair.Weather = new Weather { Mtu = 1_300 };
        SubmitPairs(pair, 400);
        var began = pair.Now;
        pair.Settle();
        Assert.Equal(before + 400, pair.Server.Taken.Count);
        Assert.Equal(1_200, pair.Client.Link.Statistics().DatagramSize);
        Assert.InRange(pair.Now - began, 0, 5_000_000);
        Finish(pair);
    }

    /// <summary>Two frames fill the largest datagram, and none of them takes a second message.</summary>
    private static void SubmitPairs(LinkPair pair, int count)
    {
        for (var i = 0; i < count; i++)
            pair.Client.Submit(Messages.Reliable, Messages.Numbered(i, 700));
        pair.Work();
    }

    private static void Finish(LinkPair pair)
    {
        Assert.Equal((LinkState.Open, LinkState.Open), (pair.Client.Link.State, pair.Server.Link.State));
        pair.AssertHonest();
        pair.Client.AssertReleased();
        pair.Server.AssertReleased();
    }

    private static LinkPair Play(Story story, TransferMode mode, out List<(bool FromClient, byte Channel, byte[] Bytes)> sent, LinkSettings? settings = null)
    {
        var pair = new LinkPair(story.Seed, settings ?? Patient);
        pair.ToServer.Weather = story.Up;
        pair.ToClient.Weather = story.Down;
        sent = [];
        foreach (var (fromClient, channel, length, pause) in story.Talk)
        {
            var message = Messages.Numbered(sent.Count, Math.Max(4, length));
            sent.Add((fromClient, channel, message));
            (fromClient ? pair.Client : pair.Server).Submit(new SequenceKey(channel, mode), message);
            pair.Work();
            if (pause > 10_000)
                pair.RunFor(pause);
        }

        return pair;
    }

    private static List<string> Sent(List<(bool FromClient, byte Channel, byte[] Bytes)> sent, bool fromClient, byte channel) =>
        [.. sent.Where(one => one.FromClient == fromClient && one.Channel == channel).Select(one => Convert.ToHexString(one.Bytes))];

    private static List<string> Arrived(List<(SequenceKey Key, byte[] Bytes)> taken, byte channel) =>
        [.. taken.Where(one => one.Key.Channel == channel).Select(one => Convert.ToHexString(one.Bytes))];
}
