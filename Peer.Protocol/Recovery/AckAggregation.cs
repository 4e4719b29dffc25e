namespace Peer.Protocol.Recovery;

/// <summary>How many bytes acknowledgements run ahead of the bandwidth when they arrive in clumps, so that the window can cover the silence before a clump.</summary>
internal sealed class AckAggregation
{
    private const int Rounds = 10;

    private readonly SlidingMaximum _extra = new(Rounds);
    private long _since;
    private long _bytes;

    /// <summary>The largest excess of the last ten rounds.</summary>
    public long Extra => Math.Max(0, _extra.Value);

    public void Acknowledged(long round, long bytes, long bandwidth, long window, long now)
    {
        var expected = Expected(bandwidth, now);
        if (_bytes <= expected)
        {
            _bytes = 0;
            _since = now;
            expected = 0;
        }

        _bytes += bytes;
        _extra.Add(round, Math.Min(window, _bytes - expected));
    }

    private long Expected(long bandwidth, long now) => (long)(bandwidth * 1e-6 * Math.Max(0, now - _since));
}
