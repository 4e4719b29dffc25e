namespace Peer.Protocol.Recovery;

/// <summary>
/// What the path carries, from how far it stretches a train of packets: known after one round trip, when a rate counted over a whole
/// round trip would only show how little was sent. Only the distances between acknowledgements count, so what a round trip takes beside the
/// bottleneck's own time does not matter; where a thread slept, the parts of the train disagree.
/// </summary>
internal sealed class TrainRate
{
    private const int LongestTrain = 256;
    private const int FirstMark = 4;
    private const int PartDatagrams = 10;
    private const long PartTime = 500;
    private const long LongestPause = 2_000;

    private TrainPlace _newest;
    private long _lastSentAt = long.MinValue / 2;
    private Mark _first;
    private Mark _second;

    /// <summary>Enters a packet that leaves now.</summary>
    public TrainPlace Sent(int bytes, int datagram, long now)
    {
        var goesOn = now - _lastSentAt <= LongestPause && _newest.Bytes < (long)LongestTrain * datagram;
        _lastSentAt = now;
        return _newest = goesOn ? _newest with { Bytes = _newest.Bytes + bytes } : new TrainPlace(_newest.Train + 1, now, bytes);
    }

    /// <summary>The newest packet of an acknowledgement tells how far its train has come. True when two parts of it have been seen to arrive, one after the other.</summary>
    public bool Acknowledged(in TrainPlace place, long sentAt, int datagram, long now, out TrainSample sample)
    {
        sample = default;
        var mark = new Mark(place.Train, place.Bytes, now);
        if (_second.Train != place.Train)
        {
            if (place.Train > 0 && place.Bytes >= (long)FirstMark * datagram)
                (_first, _second) = (default, mark);
            return false;
        }

        if (mark.Bytes - _second.Bytes < (long)PartDatagrams * datagram || now - _second.At < PartTime)
            return false;
        var complete = _first.Train == place.Train;
        if (complete)
        {
            sample = new TrainSample(
                mark.RateSince(_second), _second.RateSince(_first), mark.RateSince(_first), (long)(place.Bytes * 1e6 / Math.Max(1, sentAt - place.StartedAt)), place.StartedAt);
        }

        (_first, _second) = (_second, mark);
        return complete;
    }

    private readonly record struct Mark(long Train, long Bytes, long At)
    {
        public long RateSince(in Mark earlier) => (long)((Bytes - earlier.Bytes) * 1e6 / Math.Max(1, At - earlier.At));
    }
}
