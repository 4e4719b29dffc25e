namespace Peer.Protocol.Recovery;

/// <summary>
/// What the path carries, from how far it stretches a train of packets: known after one round trip, when a rate counted over a whole
/// round trip would only show how little was sent. The time that the bottleneck took for a train is what the round trip of its last packet
/// exceeds the smallest one by, counted from the departure of the first; a thread that sleeps makes that longer and the rate too small, never too large.
/// </summary>
internal sealed class TrainRate
{
    private const int LongestTrain = 64;
    private const int LeastDatagrams = 12;
    private const long LongestPause = 2_000;
    private const long LeastTime = 500;

    private TrainPlace _newest;
    private long _lastSentAt = long.MinValue / 2;
    private TrainPlace _witness;
    private long _witnessAt;

    /// <summary>Enters a packet that leaves now.</summary>
    public TrainPlace Sent(int bytes, int datagram, long now)
    {
        var goesOn = now - _lastSentAt <= LongestPause && _newest.Bytes < (long)LongestTrain * datagram;
        _lastSentAt = now;
        return _newest = goesOn ? _newest with { Bytes = _newest.Bytes + bytes } : new TrainPlace(_newest.Train + 1, now, bytes);
    }

    /// <summary>
    /// The newest packet of an acknowledgement tells how long its train was on the way. True when a longer part of the train than before has been seen to arrive.
    /// </summary>
    public bool Acknowledged(in TrainPlace place, long sentAt, int datagram, long minRtt, long now, out TrainSample sample)
    {
        sample = default;
        var time = now - place.StartedAt - minRtt;
        if (place.Bytes < (long)LeastDatagrams * datagram || time < LeastTime)
            return false;
        if (_witness.Train != place.Train)
        {
            (_witness, _witnessAt) = (place, now);
            return false;
        }

        if (place.Bytes < _witness.Bytes + (_witness.Bytes / 2))
            return false;
        sample = new TrainSample(
            Rate(place.Bytes, time), Rate(place.Bytes - _witness.Bytes, now - _witnessAt), Rate(place.Bytes, sentAt - place.StartedAt), place.StartedAt);
        (_witness, _witnessAt) = (place, now);
        return true;
    }

    private static long Rate(long bytes, long time) => (long)(bytes * 1e6 / Math.Max(1, time));
}
