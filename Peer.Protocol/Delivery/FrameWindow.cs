namespace Peer.Protocol.Delivery;

/// <summary>The frames of one sequence that were cut and are not done, by number; it slides over those that are.</summary>
/// <param name="first">Number of the first frame.</param>
internal sealed class FrameWindow(long first)
{
    private const int InitialSlots = 16;

    /// <summary>A quiet sequence gives a ring larger than this back.</summary>
    private const int SlotsKeptWhenEmpty = 256;

    private OutboundFrame?[] _ring = [];
    private long _oldest = first;

    /// <summary>Number of the next frame.</summary>
    public long Next { get; private set; } = first;

    /// <summary>Numbers from the oldest frame that is not done to the newest.</summary>
    public long Span => Next - _oldest;

    /// <summary>Number of the oldest frame that is not done; the next frame's when there is none.</summary>
    public long OldestNumber => _oldest;

    /// <summary>Takes the frame that has the next number.</summary>
    public void Add(OutboundFrame frame)
    {
        if (Span == _ring.Length)
            Grow();
        _ring[Next & (_ring.Length - 1)] = frame;
        Next++;
    }

    /// <summary>Takes a frame out and slides; false when it is not, or no longer, here.</summary>
    public bool Remove(OutboundFrame frame)
    {
        if (frame.Sequence < _oldest || frame.Sequence >= Next)
            return false;
        ref var slot = ref _ring[frame.Sequence & (_ring.Length - 1)];
        if (!ReferenceEquals(slot, frame))
            return false;
        slot = null;
        while (_oldest < Next && _ring[_oldest & (_ring.Length - 1)] is null)
            _oldest++;
        if (_oldest == Next && _ring.Length > SlotsKeptWhenEmpty)
            _ring = [];
        return true;
    }

    /// <summary>The frames that are not done, in order.</summary>
    public IEnumerable<OutboundFrame> Frames
    {
        get
        {
            for (var sequence = _oldest; sequence < Next; sequence++)
            {
                if (_ring[sequence & (_ring.Length - 1)] is { } frame)
                    yield return frame;
            }
        }
    }

    /// <summary>The next number is that of a frame which is done already.</summary>
    public void Skip()
    {
        var gone = new OutboundFrame { Key = SequenceKey.Control, Sequence = Next };
        Add(gone);
        Remove(gone);
    }

    /// <summary>The oldest frame that is not done, null when there is none.</summary>
    public OutboundFrame? Oldest => Span == 0 ? null : _ring[_oldest & (_ring.Length - 1)];

    private void Grow()
    {
        var larger = new OutboundFrame?[Math.Max(InitialSlots, _ring.Length * 2)];
        for (var sequence = _oldest; sequence < Next; sequence++)
            larger[sequence & (larger.Length - 1)] = _ring[sequence & (_ring.Length - 1)];
        _ring = larger;
    }
}
