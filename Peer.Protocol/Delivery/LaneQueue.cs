namespace Peer.Protocol.Delivery;

/// <summary>The frames of one (channel, mode) that wait to be sent: lost ones first, in sequence order, then new ones as they came.</summary>
internal sealed class LaneQueue
{
    private const int CapacityKeptWhenEmpty = 64;

    private readonly Queue<OutboundFrame> _new = new();

    /// <summary>A heap, because losses may be reported in any order and by the thousand.</summary>
    private PriorityQueue<OutboundFrame, long>? _lost;

    private OutboundFrame? _head;

    /// <summary>Bytes that the waiting frames will take in datagrams.</summary>
    public long Bytes { get; private set; }

    public int Count => _new.Count + (_lost?.Count ?? 0);

    public void Add(OutboundFrame frame)
    {
        frame.Hold();
        Bytes += frame.WireSize;
        _new.Enqueue(frame);
    }

    public void AddLost(OutboundFrame frame)
    {
        frame.Hold();
        Bytes += frame.WireSize;
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
        var frame = _lost is { Count: > 0 } ? _lost.Dequeue() : _new.Dequeue();
        Bytes -= frame.WireSize;
        if (Count == 0)
        {
            _lost = null;
            if (_new.Capacity > CapacityKeptWhenEmpty)
                _new.TrimExcess();
        }

        return frame;
    }

    private bool TryFront([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out OutboundFrame? frame) =>
        _lost is { Count: > 0 } ? _lost.TryPeek(out frame, out _) : _new.TryPeek(out frame);
}
