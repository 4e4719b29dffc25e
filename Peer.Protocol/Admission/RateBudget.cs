namespace Peer.Protocol.Admission;

/// <summary>So much a second, and so much at once: a token bucket.</summary>
/// <remarks>Whatever does not fit in full is let through as long as anything is left, and paid off afterwards: a single large piece must not be stuck for ever.</remarks>
internal sealed class RateBudget
{
    /// <summary>The bucket counts millionths, one for each microsecond and unit of the rate, so that nothing is lost to rounding.</summary>
    private const long Unit = 1_000_000;

    private readonly long _perSecond;
    private readonly long _full;
    private long _left;
    private long _at = long.MinValue / 2;

    /// <param name="perSecond">1 .. 10^11.</param>
    /// <param name="burst">Most at once, 1 .. 10^12.</param>
    public RateBudget(long perSecond, long burst)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(perSecond, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(perSecond, 100_000_000_000);
        ArgumentOutOfRangeException.ThrowIfLessThan(burst, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(burst, 1_000_000_000_000);
        _perSecond = perSecond;
        _full = burst * Unit;
        _left = _full;
    }

    /// <summary>Takes from the budget, if anything is left of it.</summary>
    /// <param name="amount">0 or more.</param>
    /// <param name="now">Microseconds. A clock that goes back gives nothing and takes nothing.</param>
    public bool TryTake(long amount, long now)
    {
        Refill(now);
        if (_left <= 0)
            return false;
        _left -= Math.Min(amount, 1_000_000_000_000) * Unit;
        return true;
    }

    private void Refill(long now)
    {
        if (now <= _at)
            return;
        var elapsed = now - _at;
        _at = now;
        var untilFull = ((_full - _left) / _perSecond) + 1;
        _left = elapsed >= untilFull ? _full : _left + (elapsed * _perSecond);
    }
}
