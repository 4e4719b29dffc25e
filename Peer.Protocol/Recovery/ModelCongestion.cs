namespace Peer.Protocol.Recovery;

/// <summary>
/// Congestion control from a model of the path, bandwidth and bare round trip, after the BBR papers (draft-ietf-ccwg-bbr): loss as
/// such does not slow it, so a lossy link stays full. Differences: the path's usual loss is sent through (<see cref="OverflowGuard"/>), and
/// the window has an allowance for the milliseconds that threads and timers take, which on a local path exceed the round trip.
/// </summary>
internal sealed class ModelCongestion
{
    private const double StartupGain = 2.77;
    private const double WindowGain = 2;
    private const double Growth = 1.25;
    private const double Margin = 0.99;
    private const int BandwidthRounds = 10;
    private const int PlateauRounds = 3;
    private const long ShortestPhase = 1_000;
    private const long LocalRtt = 1_000;

    private readonly RecoverySettings _settings;
    private readonly SlidingMaximum _bandwidth = new(BandwidthRounds);
    private readonly AckAggregation _aggregation = new();
    private readonly OverflowGuard _overflow;
    private readonly MinRttProbe _rtt = new();

    private long _window;
    private long _round;
    private long _roundEndsAt;
    private bool _roundStarts;
    private long _bandwidthEpoch;
    private long _epochAt;
    private bool _epochStarts;
    private long _plateau;
    private int _plateauRounds;
    private bool _pipeFilled;
    private long _shownRate;
    private long _shownAt;
    private long _phaseAt;
    private long _phaseRound;
    private long _phaseBandwidth;
    private int _cruiseLength = 6;
    private long _longestDrain;
    private long _windowBeforeProbe;
    private long _probeRttUntil;

    public ModelCongestion(RecoverySettings settings, int datagram, long now)
    {
        _settings = settings;
        _overflow = new OverflowGuard(settings);
        Datagram = datagram;
        _window = InitialWindow;
        _epochAt = now;
        _phaseAt = now;
        PacingRate = RateOverRtt(settings.InitialRtt);
    }

    /// <summary>The size of a full datagram, which the smallest window is counted in.</summary>
    public int Datagram { get; set; }

    public CongestionPhase Phase { get; private set; }

    /// <summary>Bytes a second that the path has been seen to carry, or 0.</summary>
    public long Bandwidth => Math.Max(0, _bandwidth.Value);

    /// <summary>Fraction of packets that the path loses whatever is sent.</summary>
    public double UsualLoss => _overflow.UsualLoss;

    /// <summary>Bytes that may be in flight.</summary>
    public long Window
    {
        get
        {
            var window = Math.Min(_window, _overflow.Ceiling);
            if (Phase == CongestionPhase.ProbeRtt)
                window = Math.Min(window, ProbeRttWindow);
            return Math.Clamp(window, MinWindow, _settings.MaxWindow);
        }
    }

    /// <summary>Bytes a second at which to send.</summary>
    public long PacingRate { get; private set; }

    private long InitialWindow => (long)_settings.InitialWindowDatagrams * Datagram;

    private long MinWindow => (long)_settings.MinWindowDatagrams * Datagram;

    // Half of the usual loss is made up for: all of it would let several senders keep up a loss that they cause together.
    private double SendThrough => 1 / (1 - (UsualLoss / 2));

    private long ProbeRttWindow => Math.Max(MinWindow, PathContent(0.5));

    /// <summary>A packet that counts as a sign of congestion was lost.</summary>
    public void Lost() => _overflow.Lost();

    /// <summary>A packet that had counted as lost was only late.</summary>
    public void WasOnlyLate() => _overflow.WasOnlyLate();

    /// <summary>
    /// Where the path has stretched a train, that is what it carries, or less where a thread slept: start-up goes there at once, and a quarter beyond. When
    /// a long train that leaves so much faster is stretched to no more than that, there is no more to be found; when it is not stretched at all,
    /// the first one said too little, and start-up goes on from here.
    /// </summary>
    public void TrainArrived(in TrainSample train, long now)
    {
        if (_pipeFilled || !_rtt.HasSample || _rtt.Min < LocalRtt)
            return;
        if (_shownRate > 0 && train.LeftAt > _shownAt && train.IsLong)
        {
            if (!train.WasStretched && train.Left > _shownRate * 1.1)
                Shown(train.Rate, now);
            else if (train.WasStretched && train.Rate < _shownRate * Growth)
                _pipeFilled = true;
        }
        else if (train.WasStretched && train.Rate > Bandwidth)
        {
            Shown(train.Rate, _shownRate == 0 ? now : _shownAt);
        }
    }

    private void Shown(long rate, long at)
    {
        _shownRate = rate;
        _shownAt = at;
        _bandwidth.Add(_bandwidthEpoch, rate);
    }

    /// <summary>Learns from one ACK frame and moves rate, window and phase.</summary>
    public void Acknowledged(in AckSummary ack)
    {
        StartRound(ack);
        UpdateBandwidth(ack);
        _aggregation.Acknowledged(_round, ack.Bytes, Bandwidth, Window, ack.Now);
        _overflow.Delivered(ack.Packets, ack.PriorInFlight);
        if (_roundStarts && _rtt.HasSample)
            _overflow.EndRound(PathContent(1), Datagram);
        LookForPlateau(ack);
        MovePhase(ack);
        UpdateRtt(ack);
        SetRate();
        SetWindow(ack);
    }

    private void StartRound(in AckSummary ack)
    {
        _roundStarts = ack.Rate.PriorDelivered >= _roundEndsAt;
        if (!_roundStarts)
            return;
        _round++;
        _roundEndsAt = ack.Delivered;
    }

    private void UpdateBandwidth(in AckSummary ack)
    {
        _epochStarts = false;
        if (ack.Rate.AppLimited && ack.Rate.BytesPerSecond <= Bandwidth)
            return;
        // Rounds of a local path are shorter than the scheduler's noise: an epoch lasts at least a millisecond.
        if (_roundStarts && !ack.Rate.AppLimited && ack.Now - _epochAt >= ShortestPhase)
        {
            _epochStarts = true;
            _epochAt = ack.Now;
            _bandwidthEpoch++;
        }

        if (ack.Rate.BytesPerSecond > 0)
            _bandwidth.Add(_bandwidthEpoch, ack.Rate.BytesPerSecond);
    }

    private void LookForPlateau(in AckSummary ack)
    {
        if (_pipeFilled || !_epochStarts || ack.Rate.AppLimited)
            return;
        if (Bandwidth >= _plateau * Growth)
        {
            _plateau = Bandwidth;
            _plateauRounds = 0;
            return;
        }

        _plateauRounds++;
        _pipeFilled = _plateauRounds >= PlateauRounds || _overflow.Overflows > 1;
    }

    private void MovePhase(in AckSummary ack)
    {
        var elapsed = ack.Now - _phaseAt;
        var length = Math.Max(ShortestPhase, _rtt.HasSample ? _rtt.Min : _settings.InitialRtt);
        switch (Phase)
        {
            case CongestionPhase.Startup when _pipeFilled:
                // Half the bandwidth empties the queue in twice the time that all in flight would take.
                _longestDrain = (long)(ack.InFlight * 2e6 / Math.Max(1, Bandwidth));
                Enter(CongestionPhase.Drain, ack.Now);
                break;
            case CongestionPhase.Drain when ack.InFlight <= PathContent(1) || elapsed > Math.Max(4 * length, _longestDrain):
                Enter(CongestionPhase.Cruise, ack.Now);
                break;
            case CongestionPhase.Cruise when elapsed >= _cruiseLength * length:
                Enter(CongestionPhase.ProbeUp, ack.Now);
                break;
            case CongestionPhase.ProbeUp when elapsed >= length && ProbeHasAnswer(ack):
                Enter(CongestionPhase.ProbeDown, ack.Now);
                break;
            case CongestionPhase.ProbeDown when ack.InFlight <= PathContent(1) || elapsed >= 2 * length:
                // Flows that share a queue should not probe in step; the clock's low bits are chance enough.
                _cruiseLength = 4 + (int)(ack.Now & 3);
                Enter(CongestionPhase.Cruise, ack.Now);
                break;
            case CongestionPhase.ProbeRtt:
                EndProbeRtt(ack);
                break;
        }
    }

    private bool ProbeHasAnswer(in AckSummary ack)
    {
        if (_overflow.Overflows > 0 || ack.InFlight >= PathContent(Growth))
            return true;
        if (_round < _phaseRound + 2)
            return false;
        // While the bandwidth follows the probe, go on: the path has become wider.
        var grew = Bandwidth > _phaseBandwidth + (_phaseBandwidth / 16);
        _phaseRound = _round;
        _phaseBandwidth = Bandwidth;
        return !grew;
    }

    private void Enter(CongestionPhase phase, long now)
    {
        Phase = phase;
        _phaseAt = now;
        _phaseRound = _round;
        _phaseBandwidth = Bandwidth;
    }

    private void UpdateRtt(in AckSummary ack)
    {
        if (ack.Rtt < 0)
            return;
        var look = _rtt.Update(ack.Rtt, ack.PriorInFlight <= ProbeRttWindow, ack.Now);
        if (!look || !_pipeFilled || Phase == CongestionPhase.ProbeRtt)
            return;
        _windowBeforeProbe = _window;
        _probeRttUntil = long.MaxValue;
        Enter(CongestionPhase.ProbeRtt, ack.Now);
    }

    private void EndProbeRtt(in AckSummary ack)
    {
        if (_probeRttUntil == long.MaxValue)
        {
            if (ack.InFlight > ProbeRttWindow)
                return;
            _probeRttUntil = ack.Now + Math.Max(_rtt.Min, ShortestPhase);
            _phaseRound = _round;
        }

        if (ack.Now < _probeRttUntil || _round <= _phaseRound)
            return;
        _rtt.Looked(ack.Now);
        _window = Math.Max(_window, _windowBeforeProbe);
        Enter(CongestionPhase.Cruise, ack.Now);
    }

    private void SetRate()
    {
        var gain = Phase switch
        {
            CongestionPhase.Startup => _shownRate > 0 && Bandwidth <= _shownRate * Growth ? Growth : StartupGain,
            CongestionPhase.Drain => 0.5,
            CongestionPhase.ProbeUp => Growth,
            CongestionPhase.ProbeDown => 0.75,
            _ => 1,
        };
        var rate = (long)(gain * Margin * Bandwidth * SendThrough);
        // A trickle of small packets says little; until the path has been filled or has shown itself, the initial window may always be spread over a round trip.
        if (!_pipeFilled && _shownRate == 0)
            rate = Math.Max(rate, RateOverRtt(_rtt.HasSample ? _rtt.Min : _settings.InitialRtt));
        PacingRate = Math.Max(rate, _settings.MinRate);
    }

    private long RateOverRtt(long rtt) => (long)(InitialWindow * 1e6 / Math.Max(rtt, ShortestPhase));

    private void SetWindow(in AckSummary ack)
    {
        if (!_rtt.HasSample)
            return;
        var target = Math.Max(
            PathContent(WindowGain) + _aggregation.Extra,
            PathContent(1) + (long)(Bandwidth * 1e-6 * _settings.WakeAllowance));
        if (_pipeFilled)
            _window = Math.Min(_window + ack.Bytes, target);
        else if (_shownRate > 0)
            _window = Math.Max(_window, PathContent(Growth));
        else if (_window < target)
            _window += ack.Bytes;
        var floor = _pipeFilled ? MinWindow : InitialWindow;
        if (_rtt.Min < LocalRtt)
            floor = Math.Max(floor, _settings.LocalWindow);
        _window = Math.Clamp(_window, floor, _settings.MaxWindow);
    }

    private long PathContent(double gain)
    {
        if (!_rtt.HasSample || Bandwidth == 0)
            return (long)(gain * InitialWindow);
        return (long)(gain * Bandwidth * 1e-6 * _rtt.Min * SendThrough);
    }
}
