using Peer.Protocol.Crypto;
using Peer.Protocol.Delivery;
using Peer.Protocol.Recovery;

namespace Peer.Protocol.Links;

/// <summary>
/// One end of an established connection, sans IO: opens and seals datagrams, acknowledges, recovers losses, packs frames by lane and
/// pacing budget, keeps alive and closes. What the frames mean is the sequences' matter.
/// </summary>
/// <remarks>Not thread-safe: one owner calls it. Times are microseconds on the owner's monotonic clock.</remarks>
internal sealed partial class PeerLink : IRecoveryHandler<OutboundFrame>, IDisposable
{
    private const int KeepAliveSteps = 16;

    private readonly LinkSettings _settings;
    private readonly ILinkListener _listener;
    private readonly PhasedKeys _keys;
    private readonly ulong _remoteId;
    private readonly long _keepAlive;
    private readonly ReceivedPackets _received;
    private readonly LossRecovery<OutboundFrame> _recovery;
    private readonly LaneScheduler _lanes;
    private readonly DatagramSizeDiscovery _size;
    private readonly LinkCarry _carry;
    private readonly bool _isServer;
    private LinkCounters _counters;
    private long _now;
    private long _nextNumber;
    private long _lastHeard;
    private long _lastAsked;
    private long _sendCredit;
    private long _creditUsed;
    private long _grantedCredit;
    private long _creditPacket = -1;
    private bool _creditOwed;
    private bool _pingOwed;

    /// <param name="settings">Settings.</param>
    /// <param name="keys">Keys of the handshake.</param>
    /// <param name="isServer">Which of the two directions is ours.</param>
    /// <param name="remoteId">The connection id that the other end picked.</param>
    /// <param name="sendCredit">Reliable bytes that the other end granted at the start.</param>
    /// <param name="listener">The owner.</param>
    /// <param name="now">Time of birth.</param>
    public PeerLink(LinkSettings settings, SessionKeys keys, bool isServer, ulong remoteId, long sendCredit, ILinkListener listener, long now)
        : this(settings, keys, isServer, remoteId, new LinkCarry(settings, listener.FrameDone) { SendCredit = sendCredit }, isResumed: false, listener, now)
    {
    }

    private PeerLink(
        LinkSettings settings, SessionKeys keys, bool isServer, ulong remoteId, LinkCarry carry, bool isResumed, ILinkListener listener, long now)
    {
        _settings = settings;
        _listener = listener;
        _keys = new PhasedKeys(keys, isServer, settings.KeyUpdateAfter);
        _remoteId = remoteId;
        _isServer = isServer;
        _carry = carry;
        _isResumed = isResumed;
        _awaitsPositions = isResumed;
        _sendCredit = carry.SendCredit;
        _creditUsed = carry.CreditUsed;
        _grantedCredit = carry.GrantedCredit;
        _counters = carry.Counters;
        _received = new ReceivedPackets(settings.Recovery);
        _recovery = new LossRecovery<OutboundFrame>(settings.Recovery, now);
        _lanes = carry.Lanes;
        _size = new DatagramSizeDiscovery(settings.Recovery);
        _lastHeard = now;
        _lastAsked = now;

        // One question answers both ends: the one that waited to be asked asks later.
        _keepAlive = isServer ? settings.KeepAlive * 3 / 2 : settings.KeepAlive;

        // WELCOME told the client its credit; the client tells its own with the datagram that confirms. A link that follows another one goes on with its count.
        _creditOwed = !isServer || isResumed;
    }

    /// <summary>Where the link is in its life.</summary>
    public LinkState State { get; private set; }

    /// <summary>Why it ended; set from the moment it leaves <see cref="LinkState.Open"/>.</summary>
    public DisconnectInfo End { get; private set; } = DisconnectInfo.None;

    /// <summary>Whether a datagram of the other end has been opened: its keys are proven.</summary>
    public bool IsConfirmed => _received.Largest >= 0;

    /// <summary>What was counted.</summary>
    public ref readonly LinkCounters Counters => ref _counters;

    private bool HasSmallFrames => _creditOwed || _pingOwed || _pathAnswer is not null || _positionsOwed is { Count: > 0 };

    private long CreditLeft => _sendCredit - _creditUsed;

    // On a grid that all connections share: a thousand idle ones wake their thread a few times a second instead of each for itself.
    private long KeepAliveDue
    {
        get
        {
            var due = Math.Max(_lastHeard, _lastAsked) + _keepAlive;
            var step = Math.Max(1, _settings.KeepAlive / KeepAliveSteps);
            return (due + step - 1) / step * step;
        }
    }

    /// <summary>Queues a frame for its lane, at the time of the last call that named one.</summary>
    public void Enqueue(OutboundFrame frame) => Enqueue(frame, _now);

    /// <summary>Queues a frame for its lane.</summary>
    public void Enqueue(OutboundFrame frame, long now)
    {
        frame.WaitsSince = now;
        _lanes.Enqueue(frame);
    }

    /// <summary>Asks the other end for a sign of life with the next datagram; also how a client confirms its keys.</summary>
    public void Ping() => _pingOwed = true;

    /// <summary>Grants more credit: the reader has taken that many reliable bytes.</summary>
    public void ReturnCredit(long bytes)
    {
        _grantedCredit += bytes;
        _creditOwed = true;
    }

    /// <summary>When <see cref="HandleTimeout"/> and <see cref="Transmit"/> want to be called next, at the latest.</summary>
    public long NextTimeout(long now)
    {
        switch (State)
        {
            case LinkState.Closed:
                return long.MaxValue;
            case LinkState.Closing:
                return Math.Min(_closeAt, _closeDeadline);
            case LinkState.Lingering:
                return _closeDeadline;
        }

        var next = Math.Min(_recovery.NextTimeout, _received.AckDeadline);
        next = Math.Min(next, _lastHeard + _settings.IdleTimeout);
        if (!_pingOwed)
            next = Math.Min(next, KeepAliveDue);
        next = Math.Min(next, NextCopy(now));
        if (HasSmallFrames || HasData)
            next = Math.Min(next, _recovery.NextSendTime(_size.Current, now));
        return next;
    }

    /// <summary>Lets time pass: declares losses, asks for a sign of life, gives up.</summary>
    public void HandleTimeout(long now)
    {
        _now = now;
        if (State is LinkState.Closing or LinkState.Lingering)
        {
            if (now >= _closeDeadline)
                State = LinkState.Closed;
            return;
        }

        if (State == LinkState.Closed)
            return;
        if (now - _lastHeard >= _settings.IdleTimeout)
        {
            State = LinkState.Closed;
            HasTimedOut = true;
            End = DisconnectInfo.Of(DisconnectReason.Timeout, "nothing was heard for the idle time-out");
            return;
        }

        if (now >= _recovery.NextTimeout)
            _recovery.HandleTimeout(now, this);
        if (now >= KeepAliveDue)
            _pingOwed = true;
    }

    /// <summary>A snapshot as of the last call that named a time.</summary>
    public PeerStatistics Statistics() => Statistics(_now);

    /// <summary>A snapshot for the owner's statistics; queued bytes are the waiting ones only.</summary>
    public PeerStatistics Statistics(long now) => new()
    {
        RoundTripMs = _recovery.Rtt.Smoothed / 1000.0,
        JitterMs = _recovery.Rtt.Variance / 1000.0,
        Loss = _recovery.LossFraction,
        BytesSent = _counters.BytesSent,
        BytesReceived = _counters.BytesOpened,
        PacketsSent = _counters.DatagramsSent,
        PacketsReceived = _counters.DatagramsOpened,
        PacketsRejected = _counters.Rejected,
        PacketsLost = _counters.DatagramsLost,
        QueuedBytes = _lanes.WaitingByChannel(),
        QueueTimesMs = _lanes.WaitsByChannel(now),
        BytesInFlight = _recovery.BytesInFlight,
        PacingRate = _recovery.PacingRate,
        DatagramSize = _size.Current,
    };

    /// <summary>How often this end has changed its key.</summary>
    public long KeyPhase => _keys.Phase;

    public void Dispose() => _keys.Dispose();

    void IRecoveryHandler<OutboundFrame>.Acknowledged(SentPacket<OutboundFrame> packet)
    {
        if (packet.LargestAckSent >= 0)
            _received.AcknowledgementArrived(packet.LargestAckSent);
        if (packet.IsMtuProbe)
            _size.ProbeAcked(packet.Bytes, _now);
        else
            _size.DatagramAcked(packet.Number, packet.Bytes);
        _recovery.DatagramSize = _size.Current;
        foreach (var frame in packet.Frames)
        {
            frame.CopiesInFlight--;
            if (!frame.IsDone)
            {
                frame.IsDone = true;
                _listener.FrameDone(frame);
            }

            frame.Unhold();
        }
    }

    void IRecoveryHandler<OutboundFrame>.Lost(SentPacket<OutboundFrame> packet)
    {
        if (packet.IsMtuProbe)
            _size.ProbeLost(packet.Bytes, _now);
        else
            DatagramLost(packet);
        if (packet.Number == _creditPacket)
            _creditOwed = true;
        PositionsLost(packet.Number);
        foreach (var frame in packet.Frames)
        {
            // While another copy is on its way, its fate decides.
            if (--frame.CopiesInFlight == 0 && !frame.IsDone && !frame.WaitsAgain)
            {
                frame.WaitsAgain = true;
                _lanes.EnqueueLost(frame);
            }

            frame.Unhold();
        }
    }

    private void DatagramLost(SentPacket<OutboundFrame> packet)
    {
        _counters.DatagramsLost++;
        if (_size.DatagramLost(packet.Number, packet.Bytes, _now))
            _recovery.DatagramSize = _size.Current;
    }
}
