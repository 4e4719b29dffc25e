namespace Peer.Protocol.ENet;

/// <summary>Which commands a datagram takes along, and what becomes of those that have left.</summary>
internal sealed partial class ENetPeer
{
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
}
