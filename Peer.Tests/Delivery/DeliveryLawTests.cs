using CsCheck;
using Peer.Protocol;
using Peer.Protocol.Delivery;

namespace Peer.Tests.Delivery;

/// <summary>What each mode promises, whatever the network does.</summary>
public class DeliveryLawTests
{
    /// <summary>The beginning, and a little before the sign and the width of the wire's 32 bits change.</summary>
    private static readonly long[] FirstNumbers = [0, (1L << 31) - 12, (1L << 32) - 12, (5L << 32) - 12];

    private static readonly Gen<int> Length = Gen.Frequency((6, Gen.Int[1, 60]), (3, Gen.Int[61, 1_300]), (1, Gen.Int[1_301, 20_000]));

    private static readonly Gen<Story> Stories =
        from seed in Gen.Int
        from loss in Gen.Int[0, 60]
        from runs in Gen.Select(Gen.Int[-2, 3], Length.Array[1, 8], Gen.Int[0, 19]).Array[1, 25]
        from start in Gen.Int[0, 3]
        from small in Gen.Bool
        select new Story(seed, loss / 100.0, runs, FirstNumbers[start], small ? Narrow : new DeliverySettings());

    private static DeliverySettings Narrow => new() { WindowFrames = 8, OutstandingBytes = 6_000 };

    private sealed record Story(int Seed, double Loss, (int Peer, int[] Lengths, int Pause)[] Runs, long First, DeliverySettings Settings);

    [Fact]
    public void Reliable_messages_arrive_exactly_once_in_order_and_unchanged() =>
        Stories.Sample(story =>
        {
            var (pipe, sent) = Play(Messages.Reliable, story);
            Assert.Equal(sent, pipe.Arrived.Select(a => (a.Peer, Convert.ToHexString(a.Message))));
            Assert.Equal(sent.Count, pipe.Inbound.DeliveredMessages);
            Assert.Equal(0, pipe.Reliable.Used);
            pipe.AssertClean();
        }, iter: 40, threads: 1);

    [Fact]
    public void Ordered_messages_never_go_back_and_never_repeat() =>
        Stories.Sample(story =>
        {
            var (pipe, sent) = Play(Messages.Ordered, story);
            var place = -1;
            foreach (var (peer, _, message) in pipe.Arrived)
            {
                var found = sent.IndexOf((peer, Convert.ToHexString(message)), place + 1);
                Assert.True(found > place, "older than the one before, or never sent");
                place = found;
            }

            pipe.AssertClean();
        }, iter: 40, threads: 1);

    [Fact]
    public void Unreliable_messages_arrive_at_most_once_and_whole() =>
        Stories.Sample(story =>
        {
            var (pipe, sent) = Play(Messages.Unordered, story);
            var left = new HashSet<(int?, string)>(sent);
            foreach (var (peer, _, message) in pipe.Arrived)
                Assert.True(left.Remove((peer, Convert.ToHexString(message))), "twice, or never sent");
            pipe.AssertClean();
        }, iter: 40, threads: 1);

    [Theory]
    [InlineData(TransferMode.Unreliable)]
    [InlineData(TransferMode.UnreliableOrdered)]
    public void Over_a_pipe_that_loses_nothing_unreliable_messages_all_arrive_in_order(TransferMode mode)
    {
        using var pipe = new LossyPipe(new SequenceKey(0, mode), seed: 5, loss: 0) { Reorders = false };
        var expected = new List<byte[]>();
        for (var i = 0; i < 200; i++)
        {
            var message = Messages.Numbered(i, 4 + ((i * 901) % 3_333));
            expected.Add(message);
            pipe.Send(null, message);
            pipe.Round();
        }

        pipe.Settle();
        Assert.Equal(expected.Select(Convert.ToHexString), pipe.Arrived.Select(a => Convert.ToHexString(a.Message)));
        pipe.AssertClean();
    }

    [Theory]
    [InlineData(TransferMode.Unreliable)]
    [InlineData(TransferMode.UnreliableOrdered)]
    [InlineData(TransferMode.Reliable)]
    public void A_story_broken_off_in_the_middle_leaves_nothing_behind(TransferMode mode) =>
        Gen.Select(Stories, Gen.Int[1, 12]).Sample((story, rounds) =>
        {
            var pipe = new LossyPipe(new SequenceKey(1, mode), story.Seed, story.Loss, story.Settings, story.First);
            foreach (var (peer, lengths, _) in story.Runs)
                pipe.Send(peer, lengths.Select((length, i) => Messages.Numbered(i, length)).ToArray());
            for (var i = 0; i < rounds; i++)
                pipe.Round();
            pipe.AssertClean();
        }, iter: 40, threads: 1);

    [Fact]
    public void An_end_mark_arrives_after_every_message_of_its_sender_and_once()
    {
        using var pipe = new LossyPipe(Messages.Reliable, seed: 11, loss: 0.5, Narrow);
        for (var i = 0; i < 50; i++)
            pipe.Send(i % 2 == 0 ? 7 : 8, Messages.Numbered(i, 700));
        pipe.Send(Run.EndOf(Messages.Reliable, 7));
        for (var i = 0; i < 10; i++)
            pipe.Send(8, Messages.Numbered(i, 100));
        pipe.Settle();
        Assert.Equal(61, pipe.Arrived.Count);
        Assert.Equal(50, pipe.Arrived.FindIndex(a => a.Ended));
        Assert.Equal(7, Assert.Single(pipe.Arrived, a => a.Ended).Peer);
        pipe.AssertClean();
    }

    [Fact]
    public void Big_messages_and_small_ones_mixed_survive_ninety_percent_loss()
    {
        using var pipe = new LossyPipe(Messages.Reliable, seed: 3, loss: 0.9);
        var sent = new List<byte[]>();
        for (var i = 0; i < 32; i++)
        {
            sent.Add(Messages.Numbered(i, 4 + ((i * 901) % 3_333)));
            pipe.Send(null, sent[^1]);
        }

        pipe.Settle(10_000);
        Assert.Equal(sent.Select(Convert.ToHexString), pipe.Arrived.Select(a => Convert.ToHexString(a.Message)));
        pipe.AssertClean();
    }

    private static (LossyPipe Pipe, List<(int? Peer, string Message)> Sent) Play(SequenceKey key, Story story)
    {
        var pipe = new LossyPipe(key, story.Seed, story.Loss, story.Settings, story.First);
        var sent = new List<(int?, string)>();
        foreach (var (peer, lengths, pause) in story.Runs)
        {
            var from = peer == 0 ? (int?)null : peer;
            var messages = new List<byte[]>();
            foreach (var length in lengths)
            {
                messages.Add(Messages.Numbered(sent.Count, Math.Max(4, length)));
                sent.Add((from, Convert.ToHexString(messages[^1])));
            }

            pipe.Send(from, messages.ToArray());
            for (var i = 0; i < pause % 3; i++)
                pipe.Round();
        }

        pipe.Settle();
        return (pipe, sent);
    }
}
