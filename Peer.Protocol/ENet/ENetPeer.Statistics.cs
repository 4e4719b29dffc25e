namespace Peer.Protocol.ENet;

/// <summary>Figures.</summary>
internal sealed partial class ENetPeer
{
    private long _transmittedBytes;
    private long _transmittedDatagrams;
    private long _receivedBytes;
    private long _receivedDatagrams;
    private long _rejected;
    private long _throttled;

    /// <summary>Bytes of commands queued since bandwidth was last shared out.</summary>
    private long _sentBytes;
    private uint _sentCommands;
    private uint _lostCommands;
    private long _lost;
    private uint _lossEpoch;
    private bool _hasLossEpoch;
    private uint _loss;

    /// <summary>Unreliable messages that the throttle took.</summary>
    public long Throttled => _throttled;

    /// <summary>Datagrams that were not this connection's, or forged.</summary>
    public long Rejected => _rejected;

    /// <summary>Of 32 unreliable messages so many leave.</summary>
    public uint Throttle => _throttle.Value;

    public uint RoundTripMs => _throttle.RoundTrip;

    public uint VarianceMs => _throttle.Variance;

    /// <summary>Largest datagram that both ends agreed on.</summary>
    public int Mtu => _mtu;

    /// <summary>Reliable bytes that both ends may have under way.</summary>
    public int Window => _window;

    /// <summary>Bytes queued since the last call.</summary>
    public long TakeSentBytes()
    {
        var bytes = _sentBytes;
        _sentBytes = 0;
        return bytes;
    }

    public PeerStatistics Statistics() => new()
    {
        RoundTripMs = _throttle.HasSample ? _throttle.RoundTrip : 0,
        JitterMs = _throttle.HasSample ? _throttle.Variance : 0,
        Loss = _loss / (double)ENetFormat.LossScale,
        BytesSent = _transmittedBytes,
        BytesReceived = _receivedBytes,
        PacketsSent = _transmittedDatagrams,
        PacketsReceived = _receivedDatagrams,
        PacketsRejected = _rejected,
        PacketsLost = _lost,
        BytesInFlight = _inTransit,
        DatagramSize = _mtu,
    };

    private void MeasureLoss(uint milliseconds)
    {
        if (!_hasLossEpoch)
        {
            _hasLossEpoch = true;
            _lossEpoch = milliseconds;
            return;
        }

        if (milliseconds - _lossEpoch < ENetFormat.LossInterval || _sentCommands == 0)
            return;
        var loss = (uint)((ulong)_lostCommands * ENetFormat.LossScale / _sentCommands);
        _loss = ((_loss * 7) + loss) / 8;
        _lossEpoch = milliseconds;
        _sentCommands = 0;
        _lostCommands = 0;
    }
}
