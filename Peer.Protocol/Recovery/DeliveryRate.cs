namespace Peer.Protocol.Recovery;

/// <summary>Delivery-rate samples after draft-cheng-iccrg-delivery-rate-estimation: the slower of sending and acknowledging over one flight.</summary>
internal sealed class DeliveryRate
{
    private long _deliveredAt;
    private long _firstSentAt;
    private long _appLimitedUntil;
    private SendSnapshot _newest;
    private long _newestSentAt;
    private bool _sampling;

    /// <summary>Bytes delivered since the start.</summary>
    public long Delivered { get; private set; }

    /// <summary>What a packet that leaves now must remember.</summary>
    public SendSnapshot Sent(long inFlightBefore, long now)
    {
        if (inFlightBefore == 0)
        {
            _firstSentAt = now;
            _deliveredAt = now;
        }

        return new SendSnapshot(Delivered, _deliveredAt, _firstSentAt, _appLimitedUntil > 0);
    }

    /// <summary>The sender has run dry: what is in flight says little about the path.</summary>
    public void MarkAppLimited(long inFlight) => _appLimitedUntil = Math.Max(1, Delivered + inFlight);

    public void Acknowledged(in SendSnapshot snapshot, long sentAt, int bytes, long now)
    {
        Delivered += bytes;
        _deliveredAt = now;
        if (_sampling && (snapshot.Delivered < _newest.Delivered || (snapshot.Delivered == _newest.Delivered && sentAt < _newestSentAt)))
            return;
        _sampling = true;
        _newest = snapshot;
        _newestSentAt = sentAt;
    }

    /// <summary>Ends the acknowledgement and yields its sample; false when it delivered nothing. Intervals below the minimal round trip are compressed and yield no rate.</summary>
    public bool Finish(long minRtt, out RateSample sample)
    {
        sample = default;
        if (_appLimitedUntil > 0 && Delivered > _appLimitedUntil)
            _appLimitedUntil = 0;
        if (!_sampling)
            return false;
        _sampling = false;
        var interval = Math.Max(_newestSentAt - _newest.FirstSentAt, _deliveredAt - _newest.DeliveredAt);
        _firstSentAt = Math.Max(_firstSentAt, _newestSentAt);
        var rate = 0L;
        if (interval > 0 && interval >= minRtt)
            rate = (long)((Delivered - _newest.Delivered) * 1e6 / interval);
        sample = new RateSample(rate, _newest.Delivered, _newest.AppLimited);
        return true;
    }
}
