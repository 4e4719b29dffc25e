namespace Peer.Protocol.Delivery;

/// <summary>The lanes of one priority that have frames, served in proportion to their weights.</summary>
/// <remarks>
/// Start-time fair queueing (Goyal, Vin, Cheng, 1996): the lane that has had least for its weight is next. Unlike deficit round robin it gives a lane
/// that becomes busy the very next frame instead of a turn behind everybody's quantum, and a lane that was passed over because its head
/// did not fit keeps its place without a second rule.
/// </remarks>
internal sealed class LaneLevel(long rank)
{
    /// <summary>Virtual bytes per byte at weight 1, so that large weights still count.</summary>
    private const int Scale = 1024;

    /// <summary>How far a lane may lag behind, in bytes at its weight: a blocked one must not come back as a burst.</summary>
    private const int MaxLag = 2 * DeliverySettings.BaseDatagram;

    private readonly List<Lane> _lanes = [];
    private long _now;

    /// <summary>Higher ones are served first.</summary>
    public long Rank { get; } = rank;

    public bool HasFrames => _lanes.Count > 0;

    /// <summary>Lists a lane that has frames.</summary>
    public void Activate(Lane lane)
    {
        if (lane.IsListed)
            return;
        lane.IsListed = true;
        lane.Virtual = Math.Max(lane.Virtual, _now);
        _lanes.Add(lane);
    }

    /// <summary>Takes the next frame that fits and is paid for; null when there is none now.</summary>
    public OutboundFrame? Next(int room, long credit, long now, ref bool blockedByCredit)
    {
        Lane? best = null;
        LaneQueue? queue = null;
        for (var i = _lanes.Count - 1; i >= 0; i--)
        {
            var lane = _lanes[i];
            if (best is not null && lane.Virtual > best.Virtual)
                continue;
            var candidate = lane.Select(room, credit, ref blockedByCredit);
            if (candidate is not null)
                (best, queue) = (lane, candidate);
            else if (lane.IsEmpty)
                Delist(i);
        }

        if (best is null)
            return null;
        var frame = queue!.Dequeue();
        var size = frame.WireSize;
        var start = Math.Max(best.Virtual, _now - ((long)MaxLag * Scale / best.Weight));
        _now = Math.Max(_now, start);
        best.Virtual = start + Math.Max(1, (long)size * Scale / best.Weight);
        best.Served(frame, now);
        if (best.IsEmpty)
            Delist(_lanes.IndexOf(best));
        return frame;
    }

    /// <summary>Whether some lane has a frame that is paid for.</summary>
    public bool HasSendable(long credit)
    {
        var blocked = false;
        foreach (var lane in _lanes)
        {
            if (lane.Select(int.MaxValue, credit, ref blocked) is not null)
                return true;
        }

        return false;
    }

    private void Delist(int at)
    {
        _lanes[at].IsListed = false;
        _lanes.RemoveAt(at);
    }
}
