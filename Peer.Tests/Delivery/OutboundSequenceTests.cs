using CsCheck;
using Peer.Protocol;
using Peer.Protocol.Delivery;

namespace Peer.Tests.Delivery;

public class OutboundSequenceTests
{
    private static readonly DeliverySettings Standard = new();

    [Fact]
    public void A_run_that_fits_becomes_one_frame_without_copying()
    {
        using var sequence = new OutboundSequence(Messages.Reliable, Standard);
        var run = Messages.RunOf(Messages.Reliable, 5, [1, 2], [3]);
        sequence.Submit(run);
        var frames = new List<OutboundFrame>();
        Assert.Equal(5, sequence.Cut(frames));
        var frame = Assert.Single(frames);
        Assert.Equal((0L, 5, 5L, 5), (frame.Sequence, frame.Peer!.Value, frame.CreditBytes, frame.Payload.Length));
        Assert.Same(run.Owner, frame.Owner);
        Assert.Equal(5, sequence.QueuedBytes);
        Assert.False(sequence.IsIdle);
        sequence.Acknowledged(frame);
        Assert.Equal(0, sequence.QueuedBytes);
        Assert.True(sequence.IsIdle);
        Assert.Empty(run.Owner!.Array);
    }

    [Fact]
    public void Frames_are_filled_with_whole_messages_and_never_too_large() =>
        Gen.Select(Gen.Int[1, 400].Array[1, 100], Gen.Int[60, 1_169], Gen.Bool).Sample((lengths, frameBytes, hasPeer) =>
        {
            var settings = Standard with { FrameBytes = frameBytes, MaxMessageBytes = 1 << 20 };
            using var sequence = new OutboundSequence(Messages.Reliable, settings);
            sequence.Submit(Messages.RunOf(Messages.Reliable, hasPeer ? 1 : null, lengths.Select((l, i) => Messages.Numbered(i, l)).ToArray()));
            var frames = Messages.Cut(sequence);
            for (var i = 0; i < frames.Count; i++)
            {
                Assert.Equal(i, frames[i].Sequence);
                var size = DataHeader.Size(frames[i]) + frames[i].Payload.Length;
                Assert.True(size <= frameBytes);
                if (frames[i].IsFragment || i + 1 == frames.Count || frames[i + 1].IsFragment)
                    continue;
                var next = Messages.Split(frames[i + 1].Payload)[0];
                Assert.True(size + next.Length + Peer.Protocol.Wire.Varint.Size((uint)next.Length) > frameBytes - 1, "the next message had room");
            }

            Assert.Equal(frames.Sum(f => f.Payload.Length), sequence.QueuedBytes);
        }, iter: 100, threads: 1);

    [Fact]
    public void A_message_that_does_not_fit_is_cut_into_equal_pieces_and_the_first_reserves_the_credit() =>
        Gen.Select(Gen.Int[100, 60_000], Gen.Int[50, 1_169]).Sample((length, frameBytes) =>
        {
            using var sequence = new OutboundSequence(Messages.Reliable, Standard with { FrameBytes = frameBytes, MaxMessageBytes = 1 << 20 });
            var message = Messages.Numbered(1, Math.Max(length, frameBytes));
            sequence.Submit(Messages.RunOf(Messages.Reliable, 2, [9], message, [8]));
            var frames = Messages.Cut(sequence);
            var pieces = frames.Where(f => f.IsFragment).ToList();
            Assert.Equal(frames.Count, pieces.Count + 2);
            Assert.True(message.AsSpan().SequenceEqual(pieces.SelectMany(p => p.Payload.ToArray()).ToArray()));
            Assert.Equal(message.Length, pieces[0].CreditBytes);
            for (var i = 0; i < pieces.Count; i++)
            {
                Assert.Equal((i, pieces.Count, 1L + i), (pieces[i].FragmentIndex, pieces[i].FragmentCount, pieces[i].Sequence));
                Assert.True(DataHeader.Size(pieces[i]) + pieces[i].Payload.Length <= frameBytes);
                if (i < pieces.Count - 1)
                    Assert.Equal(pieces[0].Payload.Length, pieces[i].Payload.Length);
                if (i > 0)
                    Assert.Equal(0, pieces[i].CreditBytes);
            }
        }, iter: 100, threads: 1);

    [Fact]
    public void The_window_closes_and_opens_again_only_over_the_oldest_frame()
    {
        using var sequence = new OutboundSequence(Messages.Reliable, Standard with { WindowFrames = 4 });
        for (var i = 0; i < 10; i++)
            sequence.Submit(Messages.RunOf(Messages.Reliable, i, [(byte)i]));
        var frames = Messages.Cut(sequence);
        Assert.Equal(4, frames.Count);
        foreach (var later in frames.Skip(1))
            sequence.Acknowledged(later);
        Assert.Empty(Messages.Cut(sequence));
        sequence.Acknowledged(frames[0]);
        Assert.Equal([4L, 5L, 6L, 7L], Messages.Cut(sequence).Select(f => f.Sequence));
        Assert.Equal(8, sequence.NextSequence);
    }

    [Fact]
    public void Cutting_stops_at_the_outstanding_limit_even_inside_a_message()
    {
        var settings = Standard with { OutstandingBytes = 10_000 };
        using var sequence = new OutboundSequence(Messages.Reliable, settings);
        sequence.Submit(Messages.RunOf(Messages.Reliable, null, Messages.Numbered(0, 50_000)));
        var all = new List<OutboundFrame>();
        for (var next = Messages.Cut(sequence); next.Count > 0; next = Messages.Cut(sequence))
        {
            Assert.InRange(sequence.OutstandingBytes, 1, 10_000);
            all.AddRange(next);
            foreach (var frame in next)
                sequence.Acknowledged(frame);
        }

        Assert.Equal(50_000, all.Sum(f => f.CreditBytes));
        Assert.True(sequence.IsIdle);
        Assert.Equal(0, sequence.QueuedBytes);
    }

    [Fact]
    public void Acknowledging_again_changes_nothing_even_when_the_link_marked_the_frame_first()
    {
        using var sequence = new OutboundSequence(Messages.Reliable, Standard);
        var run = Messages.RunOf(Messages.Reliable, null, [1], [2]);
        sequence.Submit(run);
        var frame = Assert.Single(Messages.Cut(sequence));
        frame.IsDone = true;
        sequence.Acknowledged(frame);
        Assert.Empty(run.Owner!.Array);
        sequence.Acknowledged(frame);
        Assert.Equal(0, sequence.QueuedBytes);
    }

    [Fact]
    public void A_frame_of_long_ago_does_not_take_out_the_one_in_its_place()
    {
        using var sequence = new OutboundSequence(Messages.Reliable, Standard);
        var old = new List<OutboundFrame>();
        for (var i = 0; i < 40; i++)
        {
            sequence.Submit(Messages.RunOf(Messages.Reliable, null, [1]));
            old.AddRange(Messages.Cut(sequence));
            sequence.Acknowledged(old[^1]);
        }

        sequence.Submit(Messages.RunOf(Messages.Reliable, null, [2]));
        Messages.Cut(sequence);
        foreach (var frame in old)
            sequence.Acknowledged(frame);
        Assert.Equal(2, sequence.QueuedBytes);
    }

    [Fact]
    public void A_frame_of_another_sequence_with_the_same_number_takes_nothing_out()
    {
        using var sequence = new OutboundSequence(Messages.Reliable, Standard);
        using var other = new OutboundSequence(Messages.Reliable, Standard);
        sequence.Submit(Messages.RunOf(Messages.Reliable, null, [1]));
        other.Submit(Messages.RunOf(Messages.Reliable, null, [1]));
        Messages.Cut(sequence);
        sequence.Acknowledged(Assert.Single(Messages.Cut(other)));
        Assert.Equal(2, sequence.QueuedBytes);
        Assert.Equal(2, other.QueuedBytes);
    }

    [Fact]
    public void Small_runs_that_waited_behind_a_closed_window_share_frames_but_only_with_their_own_peer()
    {
        using var sequence = new OutboundSequence(Messages.Reliable, Standard with { WindowFrames = 1 });
        var runs = new List<Run>();
        for (var i = 0; i < 100; i++)
            runs.Add(Messages.RunOf(Messages.Reliable, i < 60 ? 1 : 2, Messages.Numbered(i, 9)));
        foreach (var run in runs)
            sequence.Submit(run);
        var messages = new List<byte[]>();
        var frames = new List<OutboundFrame>();
        for (var next = Messages.Cut(sequence); next.Count > 0; next = Messages.Cut(sequence))
        {
            frames.AddRange(next);
            messages.AddRange(Messages.Split(next[0].Payload));
            sequence.Acknowledged(next[0]);
        }

        Assert.Equal([1, 2], frames.Select(f => f.Peer!.Value));
        Assert.Equal(Enumerable.Range(0, 100).Select(i => Messages.Numbered(i, 9)), messages);
        Assert.All(runs, run => Assert.Empty(run.Owner!.Array));
        Assert.All(frames, frame => Assert.Empty(frame.Owner!.Array));
        Assert.Equal(0, sequence.QueuedBytes);
    }

    [Fact]
    public void An_end_mark_is_an_empty_frame_of_its_own()
    {
        using var sequence = new OutboundSequence(Messages.Reliable, Standard);
        sequence.Submit(Messages.RunOf(Messages.Reliable, 4, [1]));
        sequence.Submit(Run.EndOf(Messages.Reliable, 4));
        sequence.Submit(Messages.RunOf(Messages.Reliable, 5, [2]));
        var frames = Messages.Cut(sequence);
        Assert.Equal([false, true, false], frames.Select(f => f.Ended));
        Assert.Equal((4, 0, 0L), (frames[1].Peer!.Value, frames[1].Payload.Length, frames[1].CreditBytes));
        Assert.True(Messages.OverTheWire(frames[1]).Ended);
    }

    [Theory]
    [InlineData(TransferMode.Unreliable)]
    [InlineData(TransferMode.UnreliableOrdered)]
    public void When_too_much_waits_the_oldest_unreliable_messages_give_way_to_the_newest(TransferMode mode)
    {
        var key = new SequenceKey(0, mode);
        using var sequence = new OutboundSequence(key, Standard with { WindowFrames = 1, UnreliableBacklogBytes = 5_000 });
        var runs = new List<Run>();
        for (var i = 0; i < 20; i++)
        {
            runs.Add(Messages.RunOf(key, i, Messages.Numbered(i, 998), [1]));
            sequence.Submit(runs[^1]);
            Assert.True(sequence.QueuedBytes <= 5_000);
        }

        Assert.Equal(2 * 16, sequence.DroppedMessages);
        Assert.Equal(16, Assert.Single(Messages.Cut(sequence)).Peer);
        sequence.Dispose();
        Assert.All(runs, run => Assert.Empty(run.Owner!.Array));
    }

    [Fact]
    public void An_unreliable_message_larger_than_the_backlog_still_leaves_and_a_begun_one_is_never_torn()
    {
        var settings = Standard with { OutstandingBytes = 4_000, UnreliableBacklogBytes = 5_000 };
        using var sequence = new OutboundSequence(Messages.Unordered, settings);
        var big = Messages.Numbered(1, 20_000);
        sequence.Submit(Messages.RunOf(Messages.Unordered, null, big));
        var frames = Messages.Cut(sequence);
        var received = new List<byte>();
        for (var i = 0; i < 30; i++)
            sequence.Submit(Messages.RunOf(Messages.Unordered, null, Messages.Numbered(i, 400)));
        for (var at = 0; at < frames.Count; at++)
        {
            if (frames[at].IsFragment)
            {
                Assert.Equal(at, frames[at].FragmentIndex);
                received.AddRange(frames[at].Payload.Span);
            }

            sequence.Finished(frames[at]);
            sequence.Cut(frames);
        }

        Assert.Equal(big, received);
        Assert.True(sequence.DroppedMessages > 0);
        Assert.True(sequence.IsIdle);
    }

    [Fact]
    public void Unreliable_frames_and_control_take_no_credit()
    {
        foreach (var key in new[] { Messages.Unordered, Messages.Ordered, SequenceKey.Control })
        {
            using var sequence = new OutboundSequence(key, Standard);
            sequence.Submit(Messages.RunOf(key, null, Messages.Numbered(0, 5_000), [1]));
            Assert.Equal(0, Messages.Cut(sequence).Sum(f => f.CreditBytes));
        }
    }

    [Fact]
    public void Disposing_gives_every_buffer_back_once_whatever_its_state()
    {
        var sequence = new OutboundSequence(Messages.Reliable, Standard with { WindowFrames = 5 });
        var runs = new List<Run>();
        for (var i = 0; i < 6; i++)
        {
            runs.Add(Messages.RunOf(Messages.Reliable, i, Messages.Numbered(i, 3_000)));
            sequence.Submit(runs[^1].Share(i));
        }

        var frames = Messages.Cut(sequence);
        sequence.Acknowledged(frames[1]);
        sequence.Dispose();
        sequence.Dispose();
        Assert.All(frames, frame => Assert.True(frame.IsDone));
        sequence.Acknowledged(frames[0]);
        Assert.Equal(0, sequence.QueuedBytes);
        foreach (var run in runs)
        {
            Assert.NotEmpty(run.Owner!.Array);
            run.Release();
            Assert.Empty(run.Owner!.Array);
        }

        Assert.Throws<ObjectDisposedException>(() => sequence.Submit(Run.EndOf(Messages.Reliable, 1)));
    }

    [Fact]
    public void Settings_that_no_group_of_pieces_can_carry_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new OutboundSequence(Messages.Reliable, Standard with { MaxMessageBytes = 128 << 20 }));
        using var sequence = new OutboundSequence(Messages.Reliable, Standard with { MaxMessageBytes = DeliverySettings.MessageBytesLimit });
        Assert.True(sequence.IsIdle);
    }

    [Fact]
    public void A_run_of_another_sequence_is_a_mistake()
    {
        using var sequence = new OutboundSequence(Messages.Reliable, Standard);
        Assert.Throws<ArgumentException>(() => sequence.Submit(Run.EndOf(Messages.Ordered, 1)));
    }
}
