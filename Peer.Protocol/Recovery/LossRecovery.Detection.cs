namespace Peer.Protocol.Recovery;

/// <summary>When a packet counts as lost, and how long one that did is remembered.</summary>
internal sealed partial class LossRecovery<TFrame>
{
    private void DetectLosses(long now, IRecoveryHandler<TFrame> handler)
    {
        _tolerance.Advance(now);
        var delay = _tolerance.TimeThreshold(Rtt);
        var lostNumber = _largestAcked - _tolerance.PacketThreshold;
        _lossTime = long.MaxValue;
        var number = _ring.Find(_openFrom, _largestAcked - 1);
        for (; number >= 0; number = _ring.Find(number + 1, _largestAcked - 1))
        {
            var packet = _ring[number];
            if (packet.IsLost)
                continue;
            if (number > lostNumber && packet.SentAt > now - delay)
            {
                // Numbers and times ascend together, so nothing behind this one is due either.
                _lossTime = packet.SentAt + delay;
                break;
            }

            if (packet.AckEliciting)
                Lose(packet, now, handler);
            else
                Forget(number);
        }

        _openFrom = number >= 0 ? number : Math.Max(_openFrom, _largestAcked);
    }

    private void GiveUpOldest(long now, IRecoveryHandler<TFrame> handler)
    {
        for (var number = _ring.Find(_openFrom, long.MaxValue); number >= 0; number = _ring.Find(number + 1, long.MaxValue))
        {
            var packet = _ring[number];
            if (packet.IsLost)
                continue;
            _openFrom = number;
            if (packet.SentAt > now - _settings.GiveUpAfter && number >= _ring.Next - _settings.MaxTracked)
                return;
            if (packet.AckEliciting)
                Lose(packet, now, handler);
            else
                Forget(number);
        }
    }

    private void ForgetOldestSilent()
    {
        for (var number = _ring.Find(_silentFrom, long.MaxValue); number >= 0; number = _ring.Find(number + 1, long.MaxValue))
        {
            if (_ring[number].AckEliciting)
                continue;
            _silentFrom = number + 1;
            Forget(number);
            return;
        }
    }

    private void Forget(long number)
    {
        var packet = _ring.Remove(number);
        Leave(packet);
        Recycle(packet);
    }

    // Lost packets stay long enough to recognise a late acknowledgement, and never more than a bounded number of them.
    private void ForgetOldLosses(long now)
    {
        var until = now - (2 * ProbePeriod);
        while (_remembered > 0)
        {
            var number = _ring.First;
            var packet = _ring[number];
            if (!packet.IsLost || (packet.LostAt > until && _remembered <= MaxRemembered))
                return;
            _ring.Remove(number);
            _remembered--;
            Recycle(packet);
        }
    }

    private static void Recycle(SentPacket<TFrame> packet)
    {
        packet.Frames.Clear();
        Spare<SentPacket<TFrame>>.Keep(packet);
    }
}
