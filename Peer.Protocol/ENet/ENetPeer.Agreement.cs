namespace Peer.Protocol.ENet;

/// <summary>How a connection comes about and how the other end ends it.</summary>
internal sealed partial class ENetPeer
{
    /// <summary>
    /// DISCONNECT must carry a number shortly after the last command of the connection that was seen: an end counts them all, and whoever forges one has to
    /// guess it. Few can be under way at a time.
    /// </summary>
    private const int ControlAhead = 256;

    private bool TakeVerification(in ConnectionOffer offer, ushort number, long now)
    {
        // It is sent until it is acknowledged.
        if (State != ENetState.Connecting)
            return true;
        if (offer.Channels is < 1 or > ENetFormat.MaxChannels
            || offer.ConnectId != ConnectId
            || offer.PeerId >= ENetFormat.NoPeer
            || offer.ThrottleInterval != _throttle.Interval
            || offer.ThrottleAcceleration != _throttle.Acceleration
            || offer.ThrottleDeceleration != _throttle.Deceleration)
        {
            // libenet gives up here. But whoever answers with another connection's id is not the one who was asked.
            return false;
        }

        if (_unacknowledgedControl.Take(1) is { } connect)
        {
            if (connect.Attempts == 1)
                _throttle.Sample(Milliseconds(now) - connect.SentAt, Milliseconds(now));
            connect.List!.Remove(connect);
            connect.Finish();
        }

        if (offer.Channels < (uint)_channels.Length)
            Array.Resize(ref _channels, (int)offer.Channels);
        Channels = _channels.Length;
        _remotePeer = offer.PeerId;
        _incomingSession = offer.IncomingSession;
        _outgoingSession = (byte)(offer.OutgoingSession & 3);
        _mtu = (int)Math.Clamp(offer.Mtu, ENetFormat.MinMtu, (uint)_mtu);
        _window = (int)Math.Clamp(offer.Window, ENetFormat.MinWindow, (uint)_window);
        RemoteIncomingBandwidth = offer.IncomingBandwidth;
        RemoteOutgoingBandwidth = offer.OutgoingBandwidth;
        _heardAt = Milliseconds(now);
        _hasEarliestTimeout = false;
        SeeControl(number);
        State = ENetState.Connected;
        return true;
    }

    private bool TakeDisconnect(uint data, ushort number, bool wantsAck)
    {
        if (State == ENetState.AcknowledgingDisconnect)
            return true;
        if (_hasSeenControl && (ushort)(number - _seenControl - 1) >= ControlAhead)
        {
            _rejected++;
            return false;
        }

        switch (State)
        {
            case ENetState.Connected or ENetState.DisconnectLater when wantsAck:
                Reset();
                State = ENetState.AcknowledgingDisconnect;
                End = ENetEnd.Remote;
                EndData = data;
                break;

            case ENetState.Disconnecting:
                Finish(ENetEnd.Local, EndData);
                break;

            case ENetState.Connecting:
                Finish(ENetEnd.Remote, data);
                break;

            default:
                Finish(ENetEnd.Remote, data);
                break;
        }

        return true;
    }

    private void SeeControl(ushort number)
    {
        if (!_hasSeenControl || (ushort)(number - _seenControl) < 0x8000)
            _seenControl = number;
        _hasSeenControl = true;
    }
}
