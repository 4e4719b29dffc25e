namespace Peer.Protocol.ENet;

/// <summary>Round trips in milliseconds, and how large a share of the unreliable messages may leave: the less, the more the round trip has grown.</summary>
internal sealed class ENetThrottle
{
    private uint _lastRoundTrip = ENetFormat.DefaultRoundTrip;
    private uint _lowestRoundTrip = ENetFormat.DefaultRoundTrip;
    private uint _lastVariance;
    private uint _highestVariance;
    private uint _epoch;
    private bool _hasEpoch;
    private uint _counter;

    public bool HasSample { get; private set; }

    public uint RoundTrip { get; private set; } = ENetFormat.DefaultRoundTrip;

    public uint Variance { get; private set; }

    /// <summary>Of 32 unreliable messages so many leave; also scales the window of reliable ones.</summary>
    public uint Value { get; private set; } = ENetFormat.ThrottleScale;

    /// <summary>What bandwidth allows.</summary>
    public uint Limit { get; private set; } = ENetFormat.ThrottleScale;

    public uint Interval { get; set; } = ENetFormat.DefaultThrottleInterval;

    public uint Acceleration { get; set; } = ENetFormat.DefaultThrottleChange;

    public uint Deceleration { get; set; } = ENetFormat.DefaultThrottleChange;

    /// <summary>Milliseconds until an unanswered command is sent again.</summary>
    public uint Timeout => RoundTrip + (4 * Variance);

    public void LimitTo(uint limit)
    {
        Limit = Math.Clamp(limit, 1, ENetFormat.ThrottleScale);
        Value = Math.Min(Value, Limit);
    }

    /// <summary>Whether the next unreliable message may leave.</summary>
    public bool TryPass()
    {
        _counter = (_counter + ENetFormat.ThrottleStep) % ENetFormat.ThrottleScale;
        return _counter <= Value;
    }

    /// <summary>Takes a round trip, both in milliseconds.</summary>
    public void Sample(uint roundTrip, uint now)
    {
        roundTrip = Math.Max(roundTrip, 1);
        if (HasSample)
        {
            Adjust(roundTrip);
            var difference = roundTrip >= RoundTrip ? roundTrip - RoundTrip : RoundTrip - roundTrip;
            Variance = Variance - (Variance / 4) + (difference / 4);
            RoundTrip = roundTrip >= RoundTrip ? RoundTrip + (difference / 8) : RoundTrip - (difference / 8);
        }
        else
        {
            HasSample = true;
            RoundTrip = roundTrip;
            Variance = (roundTrip + 1) / 2;
        }

        _lowestRoundTrip = Math.Min(_lowestRoundTrip, RoundTrip);
        _highestVariance = Math.Max(_highestVariance, Variance);
        if (_hasEpoch && now - _epoch < Interval)
            return;
        _hasEpoch = true;
        _epoch = now;
        _lastRoundTrip = _lowestRoundTrip;
        _lastVariance = Math.Max(_highestVariance, 1);
        _lowestRoundTrip = RoundTrip;
        _highestVariance = Variance;
    }

    private void Adjust(uint roundTrip)
    {
        if (_lastRoundTrip <= _lastVariance)
            Value = Limit;
        else if (roundTrip <= _lastRoundTrip)
            Value = (uint)Math.Min((ulong)Value + Acceleration, Limit);
        else if (roundTrip > _lastRoundTrip + (2 * _lastVariance))
            Value = Value > Deceleration ? Value - Deceleration : 0;
    }
}
