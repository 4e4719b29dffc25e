using System.Buffers.Binary;

namespace Peer.Protocol.ENet;

/// <summary>What the other end says.</summary>
internal sealed partial class ENetPeer
{
    /// <summary>Takes a datagram for this slot that came from the right address. False, and counted, when it is not one of this connection's.</summary>
    public bool Receive(ReadOnlySpan<byte> datagram, long now)
    {
        if (State == ENetState.Closed
            || !ENetHeader.TryRead(datagram, out var header)
            || (_remotePeer != ENetFormat.NoPeer && header.Session != _incomingSession)
            || !_codec.TryOpen(datagram, header, ConnectId, out var body))
        {
            _rejected++;
            return false;
        }

        _receivedDatagrams++;
        _receivedBytes += datagram.Length;
        while (body.Length >= ENetFormat.CommandHeaderSize && State != ENetState.Closed)
        {
            var taken = Take(body, header, now);
            if (taken == 0)
                break;
            body = body[taken..];
        }

        return true;
    }

    /// <summary>Takes one command; 0 when it, and with it the rest of the datagram, is of no use.</summary>
    private int Take(ReadOnlySpan<byte> body, in ENetHeader header, long now)
    {
        var kind = (ENetCommand)(body[0] & ENetFormat.CommandMask);
        var size = ENetFormat.SizeOf(kind);
        if (size == 0 || size > body.Length)
            return 0;
        var channel = body[1];
        var number = BinaryPrimitives.ReadUInt16BigEndian(body[2..]);
        var wantsAck = (body[0] & ENetFormat.AcknowledgeFlag) != 0;
        if (wantsAck && !header.HasSentTime)
            return 0;
        var fields = body[ENetFormat.CommandHeaderSize..];
        bool isFine;
        switch (kind)
        {
            case ENetCommand.Acknowledge:
                isFine = TakeAck(channel, BinaryPrimitives.ReadUInt16BigEndian(fields), BinaryPrimitives.ReadUInt16BigEndian(fields[2..]), now);
                break;

            case ENetCommand.SendReliable or ENetCommand.SendUnreliable or ENetCommand.SendUnsequenced
                or ENetCommand.SendFragment or ENetCommand.SendUnreliableFragment:
                // The length is the last of the two numbers before the data, but for fragments.
                var length = BinaryPrimitives.ReadUInt16BigEndian(kind == ENetCommand.SendReliable ? fields : fields[2..]);
                if (length > body.Length - size || !IsOpen || channel >= _channels.Length)
                    return 0;
                isFine = State == ENetState.DisconnectLater || TakeMessage(kind, channel, number, fields, body.Slice(size, length), now);
                size += length;
                break;

            case ENetCommand.VerifyConnect:
                isFine = TakeVerification(ConnectionOffer.Read(fields), number, now);
                break;

            case ENetCommand.Disconnect:
                isFine = TakeDisconnect(BinaryPrimitives.ReadUInt32BigEndian(fields), number, wantsAck);
                break;

            case ENetCommand.Ping:
                isFine = IsOpen;
                break;

            case ENetCommand.BandwidthLimit when IsOpen:
                RemoteIncomingBandwidth = BinaryPrimitives.ReadUInt32BigEndian(fields);
                RemoteOutgoingBandwidth = BinaryPrimitives.ReadUInt32BigEndian(fields[4..]);
                _window = ENetFormat.WindowFor(_settings.OutgoingBandwidth, RemoteIncomingBandwidth);
                isFine = true;
                break;

            case ENetCommand.ThrottleConfigure when IsOpen:
                _throttle.Interval = BinaryPrimitives.ReadUInt32BigEndian(fields);
                _throttle.Acceleration = BinaryPrimitives.ReadUInt32BigEndian(fields[4..]);
                _throttle.Deceleration = BinaryPrimitives.ReadUInt32BigEndian(fields[8..]);
                isFine = true;
                break;

            default:
                isFine = false;
                break;
        }

        if (!isFine)
            return 0;
        if (channel == ENetFormat.ControlChannel && kind != ENetCommand.Acknowledge)
            SeeControl(number);
        if (wantsAck)
            Acknowledge(kind, channel, number, header.SentTime, now);
        return size;
    }

    private bool IsOpen => State is ENetState.Connected or ENetState.DisconnectLater;

    private void Acknowledge(ENetCommand kind, byte channel, ushort number, ushort sentTime, long now)
    {
        if (State is ENetState.Disconnecting or ENetState.Closed or ENetState.Connecting
            || (State == ENetState.AcknowledgingDisconnect && kind != ENetCommand.Disconnect)
            || (channel < _channels.Length && ChannelOf(channel).IsBeyond(number)))
            return;
        _acks.Enqueue(new PendingAck(channel, number, sentTime, kind == ENetCommand.Disconnect));
        _sentBytes += ENetFormat.SizeOf(ENetCommand.Acknowledge);

        // Half a datagram of them is worth one, and who says farewell or hello waits for nothing else.
        if (channel == ENetFormat.ControlChannel && kind != ENetCommand.Ping || _acks.Count >= ENetFormat.MaxCommands / 2)
            _ackBy = now;
        else
            _ackBy = Math.Min(_ackBy, now + _settings.AckDelay);
    }

    private bool TakeAck(byte channel, ushort number, ushort sentTime, long now)
    {
        var list = channel == ENetFormat.ControlChannel ? _unacknowledgedControl
            : channel < _channels.Length ? _channels[channel]?.Unacknowledged : null;

        // What was acknowledged before is nothing new, neither about the round trip nor about the other end being alive.
        if (list?.Take(number) is not { } command)
            return true;
        var milliseconds = Milliseconds(now);
        var sentAt = (milliseconds & 0xFFFF_0000) | sentTime;
        if ((sentTime & 0x8000) > (milliseconds & 0x8000))
            sentAt -= 0x1_0000;
        if (IsAtOrAfter(milliseconds, sentAt))
            _throttle.Sample(milliseconds - sentAt, milliseconds);
        _heardAt = milliseconds;
        _hasEarliestTimeout = false;
        if (command.List == _sent)
            _inTransit -= command.Length;
        command.List!.Remove(command);
        _queuedBytes -= command.Length;
        var kind = command.Command;
        command.Finish();
        switch (State)
        {
            case ENetState.Disconnecting when kind == ENetCommand.Disconnect:
                Finish(ENetEnd.Local, EndData);
                break;

            case ENetState.DisconnectLater when IsIdle:
                Disconnect(EndData);
                break;
        }

        return true;
    }
}
