using System.Buffers.Binary;

namespace Peer.Protocol.ENet;

/// <summary>What leaves, when, and when it leaves again.</summary>
internal sealed partial class ENetPeer
{
    /// <summary>How often unfinished messages are looked at, microseconds.</summary>
    private const long AssemblyCheck = 1_000_000;

    /// <summary>
    /// A resend waits at most so many resend times, or this many milliseconds. libenet doubles without end, and where a third is lost both ways something that was
    /// unlucky ten times waits for minutes while everything behind it waits with it.
    /// </summary>
    private const uint MostPatience = 8;
    private const uint MostPatienceAtLeast = 1_000;

    private long _assemblyCheckAt;

    /// <summary>
    /// Writes what is due, datagrams of the same size back to back, the last perhaps shorter, as one system call can send them. Call until it returns 0.
    /// </summary>
    /// <param name="now">Now.</param>
    /// <param name="buffer">Room for one datagram of 4 096 bytes at least.</param>
    /// <param name="segment">Bytes of each datagram but the last.</param>
    public int Transmit(long now, Span<byte> buffer, out int segment)
    {
        segment = 0;
        var length = 0;
        while (buffer.Length - length >= ENetFormat.MaxMtu)
        {
            var written = Build(now, buffer[length..]);
            if (written == 0)
                break;
            if (segment == 0)
                segment = written;
            length += written;

            // Only full ones are batched: after a shorter one a longer could follow, and the kernel cuts a batch into equal parts.
            if (written < _mtu)
                break;
        }

        return length;
    }

    /// <summary>When <see cref="HandleTimeout"/> and <see cref="Transmit"/> have something to do although nothing happens.</summary>
    public long NextTimeout(long now)
    {
        if (State == ENetState.Closed && _outgoing.IsEmpty)
            return long.MaxValue;
        var next = Math.Min(_ackBy, _assembling.Count > 0 ? _assemblyCheckAt : long.MaxValue);
        if (!_sent.IsEmpty)
            return Math.Min(next, At(_nextTimeout, now));
        return State == ENetState.Connected ? Math.Min(next, At(_heardAt + PingInterval, now)) : next;
    }

    /// <summary>What time alone brings about.</summary>
    public void HandleTimeout(long now)
    {
        if (_assembling.Count == 0 || now < _assemblyCheckAt)
            return;
        _assemblyCheckAt = now + AssemblyCheck;
        ExpireAssemblies(now);
    }

    private static long At(uint milliseconds, long now)
    {
        var left = (int)(milliseconds - Milliseconds(now));
        return left <= 0 ? now : ((now / 1000) + left) * 1000;
    }

    private int Build(long now, Span<byte> datagram)
    {
        var milliseconds = Milliseconds(now);
        if (!_sent.IsEmpty && IsAtOrAfter(milliseconds, _nextTimeout))
            Resend(milliseconds);
        if (State == ENetState.Closed && _outgoing.IsEmpty)
            return 0;

        // Acknowledgements wait for company unless they are due; what is sent takes them along.
        if (_outgoing.IsEmpty && _outgoingReliable.IsEmpty && now < _ackBy && !IsPingDue(milliseconds))
            return 0;
        var bodyAt = ENetFormat.HeaderSize + (_settings.Checksum ? ENetFormat.ChecksumSize : 0);
        var body = datagram[bodyAt.._mtu];
        var (length, count) = (0, 0);
        WriteAcks(body, ref length, ref count);
        var hasSentTime = false;
        var isBusy = WriteCommands(body, milliseconds, ref length, ref count, ref hasSentTime);
        if (!isBusy && IsPingDue(milliseconds) && _sent.IsEmpty)
        {
            Ping();
            WriteCommands(body, milliseconds, ref length, ref count, ref hasSentTime);
        }

        if (State == ENetState.DisconnectLater && IsIdle)
            Disconnect(EndData);
        if (count == 0)
            return 0;
        MeasureLoss(milliseconds);
        var header = new ENetHeader(_remotePeer, _remotePeer == ENetFormat.NoPeer ? (byte)0 : _outgoingSession, false, hasSentTime, (ushort)milliseconds);
        var written = _codec.Seal(datagram, header, _remotePeer == ENetFormat.NoPeer ? 0 : ConnectId, bodyAt, length);
        _transmittedDatagrams++;
        _transmittedBytes += written;
        return written;
    }

    private bool IsPingDue(uint milliseconds) =>
        State == ENetState.Connected && _sent.IsEmpty && IsAtOrAfter(milliseconds, _heardAt + PingInterval);

    private void WriteAcks(Span<byte> body, ref int length, ref int count)
    {
        const int Size = 8;
        while (count < ENetFormat.MaxCommands && body.Length - length >= Size && _acks.TryDequeue(out var ack))
        {
            var at = body.Slice(length, Size);
            at[0] = (byte)ENetCommand.Acknowledge;
            at[1] = ack.Channel;
            BinaryPrimitives.WriteUInt16BigEndian(at[2..], ack.Number);
            BinaryPrimitives.WriteUInt16BigEndian(at[4..], ack.Number);
            BinaryPrimitives.WriteUInt16BigEndian(at[6..], ack.SentTime);
            length += Size;
            count++;
            if (ack.EndsConnection)
                Finish(ENetEnd.Remote, EndData);
        }

        if (_acks.Count == 0)
            _ackBy = long.MaxValue;
    }

    /// <summary>Fills the datagram from both queues in the order in which things were queued. True when something reliable left or there was no room.</summary>
    private bool WriteCommands(Span<byte> body, uint milliseconds, ref int length, ref int count, ref bool hasSentTime)
    {
        var isBusy = false;
        var other = _outgoing.First;
        var reliable = _outgoingReliable.First;
        while (true)
        {
            OutgoingCommand command;
            if (other is not null && (reliable is null || (int)(reliable.Order - other.Order) >= 0))
            {
                command = other;
                other = other.Next;
            }
            else if (reliable is not null)
            {
                command = reliable;
                reliable = reliable.Next;
            }
            else
            {
                break;
            }

            if (command is { IsReliable: true, HasContent: true } && !MayLeave(command))
            {
                // Nothing reliable overtakes it; what is not reliable does.
                reliable = null;
                continue;
            }

            if (count == ENetFormat.MaxCommands || body.Length - length < command.Size)
                return true;
            if (command.IsReliable)
            {
                isBusy = true;
                hasSentTime = true;
                command.Write(body[length..]);
                length += command.Size;
                MarkSent(command, milliseconds);
            }
            else
            {
                if (command.HasContent && command.Offset == 0 && !_throttle.TryPass())
                {
                    other = DropMessage(command);
                    continue;
                }

                command.Write(body[length..]);
                length += command.Size;
                _outgoing.Remove(command);
                _queuedBytes -= command.Length;
                command.Finish();
            }

            count++;
            _sentCommands++;
        }

        return isBusy;
    }

    private bool MayLeave(OutgoingCommand command)
    {
        var window = Math.Max(_throttle.Value * (uint)_window / ENetFormat.ThrottleScale, (uint)_mtu);
        return _inTransit + command.Length <= window
            && (command.Attempts > 0 || !_channels[command.Channel]!.Unacknowledged.IsTooFar(command.ReliableNumber));
    }

    private void MarkSent(OutgoingCommand command, uint milliseconds)
    {
        if (command.Attempts++ == 0)
            (command.Channel == ENetFormat.ControlChannel ? _unacknowledgedControl : _channels[command.Channel]!.Unacknowledged).Add(command);
        if (command.Timeout == 0)
            command.Timeout = _throttle.Timeout;
        var deadline = milliseconds + command.Timeout;
        if (_sent.IsEmpty || !IsAtOrAfter(deadline, _nextTimeout))
            _nextTimeout = deadline;
        command.List!.Remove(command);
        _sent.Add(command);
        command.SentAt = milliseconds;
        _inTransit += command.Length;
    }

    /// <summary>The throttle takes a whole message, be it in pieces. Gives the command after it.</summary>
    private OutgoingCommand? DropMessage(OutgoingCommand command)
    {
        var (channel, reliable, second, isPieces) = (command.Channel, command.ReliableNumber, command.SecondNumber, command.Command == ENetCommand.SendUnreliableFragment);
        OutgoingCommand? next = command;
        do
        {
            var dropped = next;
            next = next.Next;
            _outgoing.Remove(dropped);
            _queuedBytes -= dropped.Length;
            dropped.Finish();
        }
        while (isPieces && next is { Command: ENetCommand.SendUnreliableFragment } && next.Channel == channel && next.ReliableNumber == reliable && next.SecondNumber == second);
        _throttled++;
        return next;
    }

    /// <summary>What was not acknowledged in time goes back to the head of its queue, each time with twice the patience; at some point nobody is there any more.</summary>
    private void Resend(uint milliseconds)
    {
        var (place, reliablePlace) = (_outgoing.First, _outgoingReliable.First);
        var command = _sent.First;
        var earliest = milliseconds + Timeouts.Max;
        while (command is not null)
        {
            var next = command.Next;
            var deadline = command.SentAt + command.Timeout;
            if (!IsAtOrAfter(milliseconds, deadline))
            {
                // libenet looks at the first one alone, which may have more patience than all others.
                if (!IsAtOrAfter(deadline, earliest))
                    earliest = deadline;
                command = next;
                continue;
            }

            if (!_hasEarliestTimeout || (int)(command.SentAt - _earliestTimeout) < 0)
                _earliestTimeout = command.SentAt;
            _hasEarliestTimeout = true;
            if (HasFallenSilent(command, milliseconds))
            {
                Finish(State == ENetState.Connecting ? ENetEnd.NoAnswer : State == ENetState.Disconnecting ? ENetEnd.Local : ENetEnd.Timeout, EndData);
                return;
            }

            _lostCommands++;
            _lost++;
            command.Timeout = Math.Min(command.Timeout * 2, Math.Max(_throttle.Timeout * MostPatience, MostPatienceAtLeast));
            _sent.Remove(command);
            if (command.HasContent)
            {
                _inTransit -= command.Length;
                _outgoingReliable.InsertBefore(reliablePlace, command);
            }
            else
            {
                _outgoing.InsertBefore(place, command);
            }

            command = next;
        }

        _nextTimeout = earliest;
    }

    private bool HasFallenSilent(OutgoingCommand command, uint milliseconds)
    {
        var silence = milliseconds - _earliestTimeout;
        return silence >= Timeouts.Max || (1L << Math.Min(command.Attempts - 1, 40) >= Timeouts.Limit && silence >= Timeouts.Min);
    }
}
