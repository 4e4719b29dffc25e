namespace Peer.Protocol.ENet;

/// <summary>What this end says: messages, cut and numbered, and commands of the connection.</summary>
internal sealed partial class ENetPeer
{
    /// <summary>Bytes of a message that fit one datagram.</summary>
    private int PieceLength => _mtu - ENetFormat.HeaderSize - ENetFormat.FragmentSize - (_settings.Checksum ? ENetFormat.ChecksumSize : 0);

    /// <summary>Queues a message, with a reference to its buffer of its own.</summary>
    /// <returns>False when it cannot be sent: not connected, no such channel, too long.</returns>
    public bool Send(byte channel, ENetDelivery delivery, in PacketContent content)
    {
        if (State != ENetState.Connected || channel >= _channels.Length || content.Length > _settings.MaxMessageBytes)
            return false;
        var to = ChannelOf(channel);
        if (content.Length > PieceLength)
            return SendPieces(to, channel, delivery, content);
        var command = TakeCommand(to, channel, delivery);
        command.Channel = channel;
        Attach(command, content, 0, content.Length);
        Queue(command);
        return true;
    }

    /// <summary>Asks the other end to end the connection; what is queued is dropped.</summary>
    public void Disconnect(uint data)
    {
        if (State is ENetState.Disconnecting or ENetState.AcknowledgingDisconnect or ENetState.Closed)
            return;
        if (State == ENetState.Connecting)
        {
            DisconnectNow(data);
            return;
        }

        Reset();
        State = ENetState.Disconnecting;
        End = ENetEnd.Local;
        EndData = data;
        Control(ENetCommand.Disconnect, ENetFormat.AcknowledgeFlag).Word0 = data;
    }

    /// <summary>The same once everything queued has been acknowledged.</summary>
    public void DisconnectLater(uint data)
    {
        if (State is not (ENetState.Connected or ENetState.DisconnectLater) || IsIdle)
        {
            Disconnect(data);
            return;
        }

        State = ENetState.DisconnectLater;
        EndData = data;
    }

    /// <summary>Says once that it is over, and is: the next <see cref="Transmit"/> still sends that.</summary>
    public void DisconnectNow(uint data)
    {
        // Whoever has not answered yet has no slot that could be named.
        if (State is ENetState.Closed or ENetState.Disconnecting or ENetState.Connecting)
        {
            Finish(ENetEnd.Local, data);
            return;
        }

        Reset();
        State = ENetState.Closed;
        End = ENetEnd.Local;
        EndData = data;
        Control(ENetCommand.Disconnect, ENetFormat.UnsequencedFlag).Word0 = data;
    }

    /// <summary>It is over, and the other end is not told.</summary>
    public void Abandon() => Finish(ENetEnd.Local, 0);

    /// <summary>Tells the other end how much it may send, and how much this one will.</summary>
    public void TellBandwidth(uint incoming, uint outgoing)
    {
        if (State is not (ENetState.Connected or ENetState.DisconnectLater))
            return;
        var limit = Control(ENetCommand.BandwidthLimit, ENetFormat.AcknowledgeFlag);
        limit.Word0 = incoming;
        limit.Word1 = outgoing;
    }

    /// <summary>Changes how both ends react to a growing round trip.</summary>
    public void ConfigureThrottle(uint interval, uint acceleration, uint deceleration)
    {
        if (State != ENetState.Connected)
            return;
        (_throttle.Interval, _throttle.Acceleration, _throttle.Deceleration) = (interval, acceleration, deceleration);
        var configure = Control(ENetCommand.ThrottleConfigure, ENetFormat.AcknowledgeFlag);
        (configure.Word0, configure.Word1, configure.Word2) = (interval, acceleration, deceleration);
    }

    /// <summary>Asks for a sign of life now.</summary>
    public void Ping()
    {
        if (State == ENetState.Connected)
            Control(ENetCommand.Ping, ENetFormat.AcknowledgeFlag);
    }

    private OutgoingCommand TakeCommand(ENetChannel to, byte channel, ENetDelivery delivery)
    {
        var command = OutgoingCommand.Take();
        command.Channel = channel;
        switch (delivery)
        {
            case ENetDelivery.Unsequenced or ENetDelivery.UnsequencedFragments:
                command.Command = ENetCommand.SendUnsequenced;
                command.Flags = ENetFormat.UnsequencedFlag;
                command.ReliableNumber = 0;
                command.SecondNumber = ++_sentGroup;
                break;

            // Unreliable numbers do not wrap: where they end, a reliable message starts them anew.
            case ENetDelivery.Unreliable or ENetDelivery.UnreliableFragments when to.SentUnreliable < ushort.MaxValue:
                command.Command = ENetCommand.SendUnreliable;
                command.ReliableNumber = to.SentReliable;
                command.SecondNumber = ++to.SentUnreliable;
                break;

            default:
                command.Command = ENetCommand.SendReliable;
                command.Flags = ENetFormat.AcknowledgeFlag;
                command.ReliableNumber = NextReliable(to);
                break;
        }

        return command;
    }

    private bool SendPieces(ENetChannel to, byte channel, ENetDelivery delivery, in PacketContent content)
    {
        var length = PieceLength;
        var count = (content.Length + length - 1) / length;
        if (count > ENetFormat.MaxFragments)
            return false;
        var unreliable = delivery is ENetDelivery.UnreliableFragments or ENetDelivery.UnsequencedFragments && to.SentUnreliable < ushort.MaxValue;
        var start = (ushort)((unreliable ? to.SentUnreliable : to.SentReliable) + 1);
        if (unreliable)
            to.SentUnreliable++;
        for (var number = 0; number < count; number++)
        {
            var command = OutgoingCommand.Take();
            command.Channel = channel;
            command.Command = unreliable ? ENetCommand.SendUnreliableFragment : ENetCommand.SendFragment;
            command.Flags = unreliable ? (byte)0 : ENetFormat.AcknowledgeFlag;
            command.ReliableNumber = unreliable ? to.SentReliable : NextReliable(to);
            command.SecondNumber = start;
            command.FragmentCount = (uint)count;
            command.FragmentNumber = (uint)number;
            var offset = number * length;
            Attach(command, content, offset, Math.Min(length, content.Length - offset));
            Queue(command);
        }

        return true;
    }

    private static ushort NextReliable(ENetChannel to)
    {
        to.SentUnreliable = 0;
        return ++to.SentReliable;
    }

    private void Attach(OutgoingCommand command, in PacketContent content, int offset, int length)
    {
        content.Owner?.Retain();
        command.Content = content;
        command.HasContent = true;
        command.Offset = offset;
        command.Length = length;
        _queuedBytes += length;
    }

    /// <summary>A command of the connection itself, queued.</summary>
    private OutgoingCommand Control(ENetCommand kind, byte flags)
    {
        var command = OutgoingCommand.Take();
        command.Command = kind;
        command.Flags = flags;
        command.Channel = ENetFormat.ControlChannel;
        command.ReliableNumber = ++_sentControl;
        Queue(command);
        return command;
    }

    private void Queue(OutgoingCommand command)
    {
        command.Order = ++_order;
        _sentBytes += command.Size;
        (command is { IsReliable: true, HasContent: true } ? _outgoingReliable : _outgoing).Add(command);
    }
}
