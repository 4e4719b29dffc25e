using Peer.Protocol.Handover;

namespace Peer.Protocol.Delivery;

/// <summary>The receiving end of one (channel, mode): checks frames, drops what must not be delivered, puts pieces together, hands up runs.</summary>
/// <remarks>Not thread-safe: its sequencer owns it. After a violation only <see cref="Dispose"/> is of use.</remarks>
internal sealed class InboundSequence : IDisposable
{
    private readonly DeliverySettings _settings;
    private readonly ReliableOrder? _reliable;
    private readonly PartialMessages? _partials;
    private readonly SeenNumbers? _seen;
    private long _nextOrdered;
    private bool _disposed;

    /// <param name="key">The sequence.</param>
    /// <param name="settings">Limits.</param>
    /// <param name="partials">What partial unreliable messages are charged to.</param>
    /// <param name="reliable">
    /// What reliable payloads are charged to. Those handed up stay charged: the owner releases <see cref="DeliveredRun.CreditBytes"/> once they are
    /// taken. The control sequence releases on its own.
    /// </param>
    /// <param name="early">What bookkeeping for reliable frames ahead of their turn is charged to, shared by a connection's sequences; null for no cap.</param>
    /// <param name="firstSequence">Number of the first frame.</param>
    public InboundSequence(
        SequenceKey key, DeliverySettings settings, ByteBudget partials, ByteBudget reliable, ByteBudget? early = null, long firstSequence = 0)
    {
        Key = key;
        _settings = settings;
        if (key.Mode == TransferMode.Reliable)
        {
            _reliable = new ReliableOrder(key, settings, reliable, early, firstSequence);
            return;
        }

        _partials = new PartialMessages(settings, partials);
        _nextOrdered = firstSequence;
        if (key.Mode == TransferMode.Unreliable)
            _seen = new SeenNumbers(firstSequence);
    }

    public SequenceKey Key { get; }

    /// <summary>Number of the next frame in order; 0 for unreliable modes.</summary>
    public long Expected => _reliable?.Expected ?? 0;

    /// <summary>When <see cref="Expire"/> has something to do; <see cref="long.MaxValue"/> when nothing waits.</summary>
    public long NextDeadline => _partials?.NextDeadline ?? long.MaxValue;

    /// <summary>Messages handed up.</summary>
    public long DeliveredMessages { get; private set; }

    /// <summary>Frames dropped because they had been here.</summary>
    public long DuplicateFrames { get; private set; }

    /// <summary>Frames dropped because newer ones were delivered.</summary>
    public long LateFrames { get; private set; }

    /// <summary>Pieces dropped for want of room.</summary>
    public long OverBudgetFrames { get; private set; }

    /// <summary>Unreliable messages given up with pieces missing.</summary>
    public long AbandonedMessages => _partials?.Abandoned ?? 0;

    /// <summary>Takes a frame in and appends what it makes deliverable, in order. Each run appended has a reference of its own.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="now">Time.</param>
    /// <param name="delivered">Where the runs go.</param>
    /// <param name="owner">The buffer behind the frame's payload, of which the caller holds a reference; null when it is the garbage collector's.</param>
    public InboundVerdict Receive(in InboundFrame frame, long now, List<DeliveredRun> delivered, RunBuffer? owner = null)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (frame.Key != Key)
            throw new ArgumentException($"a frame of {frame.Key} in the sequence {Key}", nameof(frame));
        var from = delivered.Count;
        var verdict = Key.Mode switch
        {
            TransferMode.Reliable => ReceiveReliable(frame, owner, delivered),
            TransferMode.UnreliableOrdered => ReceiveOrdered(frame, owner, now, delivered),
            _ => ReceiveUnordered(frame, owner, now, delivered),
        };
        for (var i = from; i < delivered.Count; i++)
            DeliveredMessages += delivered[i].Messages;
        switch (verdict)
        {
            case InboundVerdict.Duplicate:
                DuplicateFrames++;
                break;
            case InboundVerdict.Late:
                LateFrames++;
                break;
            case InboundVerdict.OverBudget:
                OverBudgetFrames++;
                break;
        }

        return verdict;
    }

    /// <summary>Number of the next frame and what was received ahead of it; unreliable sequences hand over their number alone.</summary>
    public HandedInbound Export() => Key.Mode switch
    {
        TransferMode.Reliable => _reliable!.Export(),
        TransferMode.UnreliableOrdered => new HandedInbound(_nextOrdered, [], null),
        _ => new HandedInbound(_seen!.Next, [], null),
    };

    /// <summary>Takes what another process had received ahead; false when it does not fit.</summary>
    public bool TryImport(HandedInbound handed) => _reliable is null || _reliable.TryImport(handed);

    /// <summary>Gives up partial unreliable messages whose time is over.</summary>
    public void Expire(long now) => _partials?.Expire(now);

    /// <summary>Gives back everything that is reserved and was not handed up.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _reliable?.Clear();
        _partials?.Clear();
    }

    private InboundVerdict ReceiveReliable(in InboundFrame frame, RunBuffer? owner, List<DeliveredRun> delivered)
    {
        var sequence = Expand(_reliable!.Expected, frame.WireSequence);
        if (_reliable.Contains(sequence))
            return InboundVerdict.Duplicate;
        return FrameContent.TryCount(frame, _settings, out var messages) && _reliable.TryAdd(sequence, frame, messages, owner, delivered)
            ? InboundVerdict.Accepted
            : InboundVerdict.Violation;
    }

    private InboundVerdict ReceiveOrdered(in InboundFrame frame, RunBuffer? owner, long now, List<DeliveredRun> delivered)
    {
        var sequence = Expand(_nextOrdered, frame.WireSequence);
        if (!FrameContent.TryCount(frame, _settings, out var messages))
            return InboundVerdict.Violation;
        var start = sequence - frame.FragmentIndex;
        if (start < _nextOrdered)
            return start < 0 ? InboundVerdict.Violation : InboundVerdict.Late;
        var verdict = Deliver(start, frame, messages, owner, now, delivered, out var end);
        if (end > 0)
        {
            _nextOrdered = end;
            _partials!.GiveUpBefore(end);
        }

        return verdict;
    }

    private InboundVerdict ReceiveUnordered(in InboundFrame frame, RunBuffer? owner, long now, List<DeliveredRun> delivered)
    {
        var sequence = Expand(_seen!.Next, frame.WireSequence);
        if (_seen.IsTooOld(sequence))
            return InboundVerdict.Late;
        if (_seen.Contains(sequence))
            return InboundVerdict.Duplicate;
        if (!FrameContent.TryCount(frame, _settings, out var messages) || sequence < frame.FragmentIndex)
            return InboundVerdict.Violation;
        var verdict = Deliver(sequence - frame.FragmentIndex, frame, messages, owner, now, delivered, out _);
        if (verdict == InboundVerdict.Accepted)
            _seen.Mark(sequence);
        return verdict;
    }

    /// <param name="start">Number of the frame, or of the first one of its group.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="messages">Messages in it, when it is no piece.</param>
    /// <param name="owner">The buffer behind it.</param>
    /// <param name="now">Time.</param>
    /// <param name="delivered">Where the message goes.</param>
    /// <param name="end">One more than the number of the last frame of what was delivered; 0 when nothing was.</param>
    private InboundVerdict Deliver(
        long start, in InboundFrame frame, int messages, RunBuffer? owner, long now, List<DeliveredRun> delivered, out long end)
    {
        end = 0;
        if (!frame.IsFragment)
        {
            end = start + 1;
            owner?.Retain();
            delivered.Add(new DeliveredRun(Key, frame.Peer, frame.Ended, frame.Payload, messages, 0, owner));
            return InboundVerdict.Accepted;
        }

        var verdict = _partials!.Add(start, frame, now, out var complete);
        if (complete is not null)
        {
            end = complete.End;
            delivered.Add(new DeliveredRun(Key, frame.Peer, Ended: false, complete.Assembly.Finish(out var whole), 1, 0, whole));
        }

        return verdict;
    }

    /// <summary>The 64-bit number nearest to the expected one that has these low bits; numbers begin at 0.</summary>
    private static long Expand(long expected, uint wire)
    {
        var nearest = expected + (int)(wire - (uint)expected);
        return nearest < 0 ? nearest + (1L << 32) : nearest;
    }
}
