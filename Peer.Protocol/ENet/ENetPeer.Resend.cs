namespace Peer.Protocol.ENet;

/// <summary>What leaves again, and when nobody is believed to be there any more.</summary>
internal sealed partial class ENetPeer
{
    /// <summary>
    /// A resend waits at most so many resend times, or this many milliseconds. libenet doubles without end, and where a third is lost both ways something that was
    /// unlucky ten times waits for minutes while everything behind it waits with it.
    /// </summary>
    private const uint MostPatience = 8;
    private const uint MostPatienceAtLeast = 1_000;

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
