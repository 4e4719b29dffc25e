namespace Peer.Protocol.Recovery;

/// <summary>
/// The sending side of a connection: what is in flight, what has arrived, what is lost, and how much may leave. After RFC 9002, with
/// <see cref="ReorderingTolerance"/> for thresholds and <see cref="ModelCongestion"/> for rate and window. A packet that asks for an
/// acknowledgement ends exactly once, acknowledged or lost; one that does not may be forgotten without a word.
/// </summary>
internal sealed partial class LossRecovery<TFrame>
{
    private const int BaseDatagram = 1_200;
    private const int MaxRemembered = 4_096;
    private const int MaxSilent = 256;
    private const long Granularity = 1_000;
    private const double BackoffStep = 1.5;
    private const double LossWeight = 1.0 / 128;

    private readonly RecoverySettings _settings;
    private readonly SentPacketRing<TFrame> _ring = new();
    private readonly ReorderingTolerance _tolerance;
    private readonly DeliveryRate _rate = new();
    private readonly Pacer _pacer;
    private readonly TrainRate _train = new();
    private readonly AckPatience _patience;
    private ModelCongestion _congestion;

    private long _now;
    private int _datagram = BaseDatagram;
    private long _largestAcked = -1;
    // Numbers below this one travelled another path and measure nothing.
    private long _pathFrom;
    // Everything below is acknowledged, forgotten, or lost and remembered.
    private long _openFrom;
    private long _silentFrom;
    private int _silent;
    private int _eliciting;
    private int _remembered;
    private long _lossTime = long.MaxValue;
    private long _probeTimerFrom;
    private double _backoff = 1;

    public LossRecovery(RecoverySettings settings, long now)
    {
        _settings = settings;
        _now = now;
        _tolerance = new ReorderingTolerance(settings);
        _patience = new AckPatience(settings);
        _congestion = new ModelCongestion(settings, _datagram, now);
        _pacer = new Pacer(_congestion.PacingRate, _datagram, now, settings.InitialBurstDatagrams);
        Rtt = new RttEstimator(settings);
    }

    public RttEstimator Rtt { get; private set; }

    /// <summary>Probes that should leave now, past window and pacer, each asking for an acknowledgement; 0 .. 2.</summary>
    public int ProbesOwed { get; private set; }

    /// <summary>Bytes of packets that ask for an acknowledgement and have not ended.</summary>
    public long BytesInFlight { get; private set; }

    /// <summary>Bytes that may be in flight.</summary>
    public long CongestionWindow => _congestion.Window;

    /// <summary>Bytes a second.</summary>
    public long PacingRate => _pacer.Rate;

    /// <summary>Bytes a second that the path has been seen to carry, or 0.</summary>
    public long Bandwidth => _congestion.Bandwidth;

    public CongestionPhase Phase => _congestion.Phase;

    /// <summary>Packets sent.</summary>
    public long SentPackets { get; private set; }

    /// <summary>Packets reported as acknowledged.</summary>
    public long AckedPackets { get; private set; }

    /// <summary>Packets reported as lost.</summary>
    public long LostPackets { get; private set; }

    /// <summary>Packets reported as lost that were acknowledged later.</summary>
    public long SpuriousLosses { get; private set; }

    /// <summary>Recent fraction of packets lost, 0 .. 1.</summary>
    public double LossFraction { get; private set; }

    /// <summary>Packets that must have been acknowledged beyond one before it counts as lost, as adapted to the path.</summary>
    public long PacketThreshold => _tolerance.PacketThreshold;

    /// <summary>Records kept, for tests and gauges.</summary>
    public int Tracked => _ring.Count;

    /// <summary>The largest payload that datagrams have now; smallest window and burst are counted in it.</summary>
    public int DatagramSize
    {
        get => _datagram;
        set
        {
            _datagram = value;
            _congestion.Datagram = value;
            _pacer.Datagram = value;
        }
    }

    /// <summary>When <see cref="HandleTimeout"/> is due; <see cref="long.MaxValue"/> when it is not.</summary>
    public long NextTimeout => _lossTime != long.MaxValue ? _lossTime : _eliciting > 0 ? _probeTimerFrom + ProbePeriod : long.MaxValue;

    /// <summary>A packet in flight that asked for an acknowledgement; null when that number was none, or has ended.</summary>
    public SentPacket<TFrame>? InFlight(long number) =>
        _ring.Find(number, number) == number && _ring[number] is { AckEliciting: true, IsLost: false } packet ? packet : null;

    /// <summary>The oldest packet in flight: what a probe would best repeat. It stays in flight.</summary>
    public SentPacket<TFrame>? OldestInFlight
    {
        get
        {
            for (var number = _ring.Find(_openFrom, long.MaxValue); number >= 0; number = _ring.Find(number + 1, long.MaxValue))
            {
                if (_ring[number].AckEliciting)
                    return _ring[number];
            }

            return null;
        }
    }

    private long ProbePeriod => (long)Math.Min(BareProbePeriod * _backoff, BareProbePeriod + _settings.MaxProbeBackoff);

    // The other end may wait so long with its acknowledgement.
    private long BareProbePeriod => Rtt.Smoothed + Math.Max(4 * Rtt.Variance, Granularity) + _patience.Value;

    /// <summary>Enters a packet that leaves now and returns its record for the caller to fill. Numbers are contiguous.</summary>
    public SentPacket<TFrame> Sent(long number, int bytes, bool ackEliciting, bool mtuProbe, long now)
    {
        now = Advance(now);
        var packet = Spare<SentPacket<TFrame>>.Take() ?? new SentPacket<TFrame>();
        packet.Begin(number, now, bytes, ackEliciting, mtuProbe, ackEliciting ? _rate.Sent(BytesInFlight, now) : default);
        _ring.Add(packet);
        SentPackets++;
        if (ackEliciting)
        {
            _patience.Asked(now);
            packet.Place = _train.Sent(bytes, _datagram, now);
            BytesInFlight += bytes;
            _eliciting++;
            _probeTimerFrom = now;
            if (ProbesOwed > 0)
                ProbesOwed--;
            _pacer.Spend(bytes, now);
        }
        else if (++_silent > MaxSilent)
        {
            ForgetOldestSilent();
        }

        return packet;
    }

    /// <summary>Takes an ACK frame; what it acknowledges and what it shows to be lost goes to the handler.</summary>
    public AckVerdict Acknowledge(in AckFrame ack, long now, IRecoveryHandler<TFrame> handler)
    {
        if (ack.Largest >= _ring.Next || ack.Smallest < _ring.Origin)
            return AckVerdict.Violation;
        now = Advance(now);
        var priorInFlight = BytesInFlight;
        var before = _rate.Delivered;
        var packets = 0;
        var anything = false;
        var elicited = false;
        var rtt = -1L;
        var newest = default(TrainPlace);
        var newestSentAt = 0L;
        foreach (var range in ack)
        {
            for (var number = _ring.Find(range.First, range.Last); number >= 0; number = _ring.Find(number + 1, range.Last))
            {
                var packet = _ring.Remove(number);
                anything = true;
                if (number < _largestAcked)
                    _tolerance.Overtaken(_largestAcked - number, now);
                if (packet.AckEliciting)
                {
                    elicited = true;
                    if (number >= _pathFrom)
                    {
                        packets++;
                        _train.Arrived(packet.Place, packet.Bytes);
                        if (number == ack.Largest)
                        {
                            rtt = Math.Max(1, now - packet.SentAt);
                            (newest, newestSentAt) = (packet.Place, packet.SentAt);
                        }

                        _rate.Acknowledged(packet.Snapshot, packet.SentAt, packet.Bytes, now);
                    }
                }

                if (packet.IsLost)
                    TakeBackLoss(packet, now);
                else
                    Deliver(packet, handler);
                Recycle(packet);
            }
        }

        _largestAcked = Math.Max(_largestAcked, ack.Largest);
        if (rtt >= 0)
            Rtt.Update(rtt, ack.Delay, now);
        if (elicited)
        {
            _backoff = 1;
            ProbesOwed = 0;
        }

        DetectLosses(now, handler);
        if (rtt >= 0 && ack.Delay <= Granularity && _train.Acknowledged(newest, newestSentAt, _datagram, Rtt.Min, now, out var train))
            _congestion.TrainArrived(train, now);
        if (_rate.Finish(Rtt.HasSample ? Rtt.Min : 0, out var sample))
        {
            _congestion.Acknowledged(new AckSummary(
                now, _rate.Delivered - before, packets, priorInFlight, BytesInFlight, rtt, _rate.Delivered, sample));
            if (_congestion.Phase == CongestionPhase.ProbeRtt)
                _rate.MarkAppLimited(BytesInFlight);
            _pacer.SetRate(_congestion.PacingRate, now);
        }

        ForgetOldLosses(now);
        return anything ? AckVerdict.Fine : AckVerdict.NothingNew;
    }

    /// <summary>Call when <see cref="NextTimeout"/> has come: declares losses, or else asks for probes.</summary>
    public void HandleTimeout(long now, IRecoveryHandler<TFrame> handler)
    {
        now = Advance(now);
        if (_lossTime <= now)
        {
            DetectLosses(now, handler);
        }
        else if (_eliciting > 0 && _lossTime == long.MaxValue && now >= NextTimeout)
        {
            GiveUpOldest(now, handler);
            ProbesOwed = 2;
            _probeTimerFrom = now;
            if (ProbePeriod < BareProbePeriod + _settings.MaxProbeBackoff)
                _backoff *= BackoffStep;
        }

        ForgetOldLosses(now);
    }

    /// <summary>The sender has nothing more to send although it may: rates measured from here on say nothing about the path's limit.</summary>
    public void NothingToSend(long now)
    {
        Advance(now);
        if (BytesInFlight + _datagram <= CongestionWindow)
            _rate.MarkAppLimited(BytesInFlight);
    }

    /// <summary>Whether a datagram that asks for an acknowledgement may leave now.</summary>
    public bool CanSend(int bytes, long now) => NextSendTime(bytes, now) <= Math.Max(now, _now);

    /// <summary>When it may: now, later because of pacing, or <see cref="long.MaxValue"/> when only an acknowledgement or time-out can open the window.</summary>
    public long NextSendTime(int bytes, long now)
    {
        now = Advance(now);
        if (ProbesOwed > 0)
            return now;
        if (BytesInFlight > 0 && BytesInFlight + bytes > CongestionWindow)
            return long.MaxValue;
        return now + _pacer.TimeUntil(bytes, now);
    }

    /// <summary>The packets take another path now: its round trip and bandwidth are unknown.</summary>
    public void PathChanged(long now)
    {
        now = Advance(now);
        Rtt = new RttEstimator(_settings);
        _congestion = new ModelCongestion(_settings, _datagram, now);
        _pathFrom = _ring.Next;
        _pacer.SetRate(_congestion.PacingRate, now);
        _backoff = 1;
    }

    // A clock that steps back stands still until it has caught up.
    private long Advance(long now) => _now = Math.Max(_now, now);

    private void Deliver(SentPacket<TFrame> packet, IRecoveryHandler<TFrame> handler)
    {
        AckedPackets++;
        Leave(packet);
        if (packet.AckEliciting && !packet.IsMtuProbe)
            LossFraction -= LossFraction * LossWeight;
        handler.Acknowledged(packet);
    }

    private void Lose(SentPacket<TFrame> packet, long now, IRecoveryHandler<TFrame> handler)
    {
        LostPackets++;
        Leave(packet);
        packet.MarkLost(now);
        _remembered++;
        if (!packet.IsMtuProbe)
        {
            LossFraction += (1 - LossFraction) * LossWeight;
            _congestion.Lost();
        }

        handler.Lost(packet);
        packet.Frames.Clear();
    }

    private void TakeBackLoss(SentPacket<TFrame> packet, long now)
    {
        _remembered--;
        SpuriousLosses++;
        _tolerance.SpuriousLoss(now - packet.SentAt, Rtt, now);
        if (!packet.IsMtuProbe)
            _congestion.WasOnlyLate();
    }

    private void Leave(SentPacket<TFrame> packet)
    {
        if (packet.AckEliciting)
        {
            BytesInFlight -= packet.Bytes;
            _eliciting--;
        }
        else
        {
            _silent--;
        }
    }
}
