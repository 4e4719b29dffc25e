namespace Peer.Protocol.Recovery;

/// <summary>
/// What the path carries, from how far it stretches a train of packets: known after one round trip, when a rate counted over a whole
/// round trip would only show how little was sent.
/// </summary>
internal sealed class TrainRate
{
    private const int LongestTrain = 256;
    private const int FirstMark = 4;
    private const long LeastTime = 1_000;
    private const long LongestPause = 2_000;

    private TrainPlace _newest;
    private long _lastSentAt = long.MinValue / 2;
    private TrainPlace _first;
    private long _firstAt;
    private long _firstArrived;
    private long _arriving;
    private long _arrived;

    /// <summary>Enters a packet that leaves now.</summary>
    public TrainPlace Sent(int bytes, int datagram, long now)
    {
        var goesOn = now - _lastSentAt <= LongestPause && _newest.Bytes < (long)LongestTrain * datagram;
        _lastSentAt = now;
        return _newest = goesOn ? _newest with { Bytes = _newest.Bytes + bytes } : new TrainPlace(_newest.Train + 1, now, bytes);
    }

    /// <summary>A packet was acknowledged: what an overflowing queue took of a train must not make it look fast.</summary>
    public void Arrived(in TrainPlace place, int bytes)
    {
        if (place.Train > _arriving)
            (_arriving, _arrived) = (place.Train, 0);
        if (place.Train == _arriving)
            _arrived += bytes;
    }

    /// <summary>The newest packet of an acknowledgement tells how far its train has come. True when enough of it has arrived to tell a rate.</summary>
    public bool Acknowledged(in TrainPlace place, long sentAt, int datagram, long minRtt, long now, out TrainSample sample)
    {
        sample = default;
        if (place.Train != _arriving)
            return false;
        if (_first.Train != place.Train)
        {
            if (place.Train > 0 && place.Bytes >= (long)FirstMark * datagram)
                (_first, _firstAt, _firstArrived) = (place, now, _arrived);
            return false;
        }

        var datagrams = (int)((_arrived - _firstArrived) / datagram);
        if (datagrams < TrainSample.Least || now - _firstAt < LeastTime)
            return false;

        // Between acknowledgements, what else the round trip takes does not matter. But a thread that slept until the first one would make
        // the others seem to come fast; then the train as a whole was slower.
        var between = Rate(_arrived - _firstArrived, now - _firstAt);
        var whole = Rate(_arrived, now - place.StartedAt - minRtt);
        sample = new TrainSample(Math.Min(between, whole), Rate(place.Bytes, sentAt - place.StartedAt), place.StartedAt, datagrams);
        return true;
    }

    private static long Rate(long bytes, long time) => (long)(bytes * 1e6 / Math.Max(1, time));
}
