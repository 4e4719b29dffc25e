using System.Diagnostics.CodeAnalysis;

namespace Peer.Protocol.Delivery;

/// <summary>The frames of one (channel, mode) that wait to be sent: lost ones first, in sequence order, then new ones as they came.</summary>
internal sealed class LaneQueue
{
    /// <summary>A heap, because losses may be reported in any order and by the thousand.</summary>
    private PriorityQueue<OutboundFrame, long>? _lost;

    // New frames are chained, each waits once only: a burst costs no memory, and none is kept after it.
    private OutboundFrame? _first;
    private OutboundFrame? _last;
    private OutboundFrame? _head;

    /// <summary>Bytes that the waiting frames will take in datagrams.</summary>
    public long Bytes { get; private set; }

    public int Count { get; private set; }

    /// <summary>The longest waiting frame that was never sent; null without one.</summary>
    public OutboundFrame? Newcomer => _first;

    public void Add(OutboundFrame frame)
    {
        Enter(frame);
        if (_last is null)
            _first = frame;
        else
            _last.Next = frame;
        _last = frame;
    }

    public void AddLost(OutboundFrame frame)
    {
        Enter(frame);
        (_lost ??= new PriorityQueue<OutboundFrame, long>()).Enqueue(frame, frame.Sequence);
        _head = null;
    }

    /// <summary>The next frame, null when none waits. Frames that are done meanwhile are forgotten, and no longer held, on the way.</summary>
    public OutboundFrame? Peek()
    {
        if (_head is { IsDone: false })
            return _head;
        while (TryFront(out var frame))
        {
            if (!frame.IsDone)
                return _head = frame;
            Dequeue().Unhold();
        }

        return null;
    }

    /// <summary>Takes out whatever is in front; the queue's hold on it is the caller's now.</summary>
    public OutboundFrame Dequeue()
    {
        _head = null;
        OutboundFrame frame;
        if (_lost is { Count: > 0 })
        {
            frame = _lost.Dequeue();
        }
        else
        {
            frame = _first!;
            _first = frame.Next;
            if (_first is null)
                _last = null;
            frame.Next = null;
        }

        if (--Count == 0)
            _lost = null;
        Bytes -= frame.WireSize;
        return frame;
    }

    /// <summary>Waiting frames with smaller numbers are done; they are forgotten on the way, as others that are.</summary>
    public void DoneBefore(long sequence, Action<OutboundFrame> done)
    {
        _head = null;
        foreach (var (frame, _) in _lost?.UnorderedItems ?? Enumerable.Empty<(OutboundFrame, long)>())
            End(frame);
        for (var frame = _first; frame is not null; frame = frame.Next)
            End(frame);

        void End(OutboundFrame frame)
        {
            if (frame.IsDone || frame.Sequence >= sequence)
                return;
            frame.IsDone = true;
            done(frame);
        }
    }

    private void Enter(OutboundFrame frame)
    {
        frame.Hold();
        Count++;
        Bytes += frame.WireSize;
    }

    private bool TryFront([NotNullWhen(true)] out OutboundFrame? frame)
    {
        frame = _lost is { Count: > 0 } ? _lost.Peek() : _first;
        return frame is not null;
    }
}
