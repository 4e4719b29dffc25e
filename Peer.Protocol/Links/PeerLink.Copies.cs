using Peer.Protocol.Delivery;

namespace Peer.Protocol.Links;

/// <summary>
/// Copies ahead of need. What was lost once is sent twice the second time, because another round trip is what players notice; and what a bulk transfer
/// on a lossy path sent last is sent again while there is nothing else to send, newest first, because the news of its loss is farthest away.
/// </summary>
internal sealed partial class PeerLink
{
    /// <summary>Retransmissions remembered at most.</summary>
    private const int MostSecondCopies = 256;

    /// <summary>A frame of up to so many bytes does not wait with its second copy until nothing else has to be sent.</summary>
    private const int SmallFrame = 300;

    private const long ShortestSpacing = 2_000;
    private const long LongestSpacing = 20_000;

    /// <summary>Below this loss, a tail is left to chance.</summary>
    private const double LossyPath = 0.001;

    private const int BulkDatagrams = 16;

    private readonly Queue<(OutboundFrame Frame, long SentAt)> _secondCopies = new();

    /// <summary>The next number to look at for the tail, going down; -1 when there is nothing to do.</summary>
    private long _tail = -1;

    // A loss often takes the neighbours too, so the copies keep apart; a stream's next datagram may take the copy along.
    private long Spacing => Math.Clamp(_recovery.Rtt.Smoothed / 8, ShortestSpacing, LongestSpacing);

    private void SentAgain(OutboundFrame frame, long now)
    {
        if (_secondCopies.Count == MostSecondCopies)
            _secondCopies.Dequeue().Frame.Unhold();
        frame.Hold();
        _secondCopies.Enqueue((frame, now));
    }

    /// <summary>When a copy wants a datagram of its own; <see cref="long.MaxValue"/> when none does.</summary>
    private long NextCopy(long now)
    {
        var next = long.MaxValue;
        if (FirstSecondCopy(now) is { } copy && MayHaveDatagram(copy.Frame))
            next = copy.SentAt + Spacing;
        if (HasTail(now))
            next = now;
        return next == long.MaxValue ? next : Math.Max(next, _recovery.NextSendTime(_size.Current, now));
    }

    private bool MayHaveDatagram(OutboundFrame frame) => frame.Payload.Length <= SmallFrame || !_lanes.HasFrames;

    private int WriteCopies(Span<byte> content, int offset, long now)
    {
        var start = offset;
        while (FirstSecondCopy(now) is { } copy && copy.SentAt < now && copy.Frame.WireSize <= content.Length - offset)
        {
            // With company it may leave at once, on its own it waits its time.
            if (offset == 0 && copy.SentAt + Spacing > now)
                break;
            _secondCopies.Dequeue();
            offset += WriteFrame(content[offset..], copy.Frame);
            _framesOfDatagram.Add(copy.Frame);
        }

        if (offset == 0 && HasTail(now))
            offset += WriteTail(content, now);
        return offset - start;
    }

    /// <summary>The oldest retransmission that has had no second copy and whose end is not known yet.</summary>
    private (OutboundFrame Frame, long SentAt)? FirstSecondCopy(long now)
    {
        while (_secondCopies.TryPeek(out var copy))
        {
            if (!copy.Frame.IsDone && !copy.Frame.WaitsAgain && now - copy.SentAt < _recovery.Rtt.Smoothed)
                return copy;
            _secondCopies.Dequeue();
            copy.Frame.Unhold();
        }

        return null;
    }

    private bool HasTail(long now)
    {
        if (_lanes.HasFrames)
        {
            // Whatever is sent last will have the highest number.
            _tail = long.MaxValue;
            return false;
        }

        if (_tail == long.MaxValue)
        {
            var isBulk = _recovery.BytesInFlight >= Math.Max(_recovery.CongestionWindow / 4, (long)BulkDatagrams * _size.Current);
            _tail = isBulk && _recovery.LossFraction > LossyPath ? _nextNumber - 1 : -1;
        }

        for (; _tail >= 0; _tail--)
        {
            if (_recovery.InFlight(_tail) is not { } packet)
                continue;
            // News of older ones will be here before a copy could be there.
            if (now - packet.SentAt > _recovery.Rtt.Smoothed / 2)
                _tail = 0;
            else if (Copyable(packet))
                return true;
        }

        return false;
    }

    private static bool Copyable(Recovery.SentPacket<OutboundFrame> packet)
    {
        foreach (var frame in packet.Frames)
        {
            if (!frame.IsDone && !frame.WaitsAgain && frame.CopiesInFlight == 1)
                return true;
        }

        return false;
    }

    private int WriteTail(Span<byte> content, long now)
    {
        var offset = 0;
        while (HasTail(now) && _recovery.InFlight(_tail) is { } packet)
        {
            var before = offset;
            foreach (var frame in packet.Frames)
            {
                if (frame.IsDone || frame.WaitsAgain || frame.CopiesInFlight != 1 || frame.WireSize > content.Length - offset)
                    continue;
                offset += WriteFrame(content[offset..], frame);
                frame.Hold();
                _framesOfDatagram.Add(frame);
            }

            if (offset == before)
                break;
            _tail--;
        }

        return offset;
    }
}
