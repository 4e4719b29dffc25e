namespace Peer.Protocol.Recovery;

/// <summary>The round trip of the path without our own queue, and when it is time to look again.</summary>
internal sealed class MinRttProbe
{
    private const long ProbeEvery = 5_000_000;
    private const long Window = 10_000_000;

    private long _recent = long.MaxValue;
    private long _recentAt;
    private long _minAt;

    /// <summary>The smallest round trip of the last ten seconds or so; <see cref="long.MaxValue"/> before any.</summary>
    public long Min { get; private set; } = long.MaxValue;

    public bool HasSample => Min != long.MaxValue;

    /// <summary>Takes a sample; true when none as small has been seen for long enough that the queue should be drained to look.</summary>
    public bool Update(long rtt, bool pipeWasNearlyEmpty, long now)
    {
        var stale = HasSample && now - _recentAt > ProbeEvery;
        if (rtt <= _recent || stale)
        {
            _recent = rtt;
            _recentAt = now;
        }

        if (_recent <= Min || now - _minAt > Window)
        {
            Min = _recent;
            _minAt = _recentAt;
        }

        // An idle connection shows the bare path anyway.
        return stale && !pipeWasNearlyEmpty;
    }

    /// <summary>The look has been taken.</summary>
    public void Looked(long now) => _recentAt = now;
}
