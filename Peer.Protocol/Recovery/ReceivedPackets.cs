using Peer.Protocol.Wire;

namespace Peer.Protocol.Recovery;

/// <summary>What has arrived: refuses replays, and knows what to acknowledge and when.</summary>
internal sealed class ReceivedPackets(RecoverySettings settings)
{
    private const long NewsAgain = 5_000;

    // Most connections never see more at a time, and there may be many connections.
    private const int UsualRanges = 4;

    private readonly ReplayWindow _window = new();
    // Ascending, so that the usual arrival changes the last entry.
    private Entry[] _ranges = new Entry[UsualRanges];
    private int _count;
    private readonly AckPatience _patience = new(settings);
    private long _largestAt;
    private int _owed;
    private long _owedSince;
    private bool _atOnce;
    private bool _gap;

    /// <summary>The largest number recorded, or -1.</summary>
    public long Largest => _window.Largest;

    /// <summary>Ranges that the next ACK frame would carry, 0 .. 64.</summary>
    public int RangeCount => _count;

    /// <summary>Whether something that asks for an acknowledgement has arrived since the last ACK frame was written.</summary>
    public bool AckPending => _owed > 0;

    /// <summary>When an acknowledgement is owed at the latest; <see cref="long.MaxValue"/> when none is.</summary>
    public long AckDeadline => _owed == 0 ? long.MaxValue : _atOnce ? _owedSince : _owedSince + _patience.Value;

    /// <summary>Whether a number may be opened: not seen before and not below the replay window.</summary>
    public bool IsFresh(long number) => _window.IsFresh(number);

    /// <summary>Enters a packet whose tag has been verified; false, and nothing changes, when it is not fresh.</summary>
    public bool Record(long number, long now, bool ackEliciting)
    {
        var before = _window.Largest;
        if (!_window.Enter(number))
            return false;
        if (number > before)
            _largestAt = now;
        // An acknowledgement with a larger number than today's was certainly written after a late arrival.
        Insert(number, number > before ? -1 : before);
        if (!ackEliciting)
            return true;
        if (_owed++ == 0)
            _owedSince = now;
        _patience.Asked(now);
        _gap |= number - 1 > before;
        _atOnce |= number - 1 != before || _owed >= settings.AckEvery || number < settings.QuickAcks;
        return true;
    }

    /// <summary>Whether an ACK frame should leave now.</summary>
    public bool AckOwed(long now) => _owed > 0 && (_atOnce || now >= AckDeadline);

    /// <summary>Writes an ACK frame with its type byte and returns its length; 0 when there is nothing to say or no room for one range. The oldest ranges are left out when they do not fit.</summary>
    public int WriteAck(Span<byte> destination, long now)
    {
        if (_count == 0)
            return 0;
        var top = _ranges[_count - 1];
        var delay = top.Last == _window.Largest ? Math.Max(0, now - _largestAt) : 0;
        var size = 2 + Varint.Size((ulong)top.Last) + Varint.Size((ulong)delay) + Varint.Size((ulong)(top.Last - top.First));
        if (size > destination.Length)
            return 0;
        var fit = 1;
        for (; fit < _count; fit++)
        {
            size += SizeBelow(_count - 1 - fit);
            if (size > destination.Length)
                break;
        }

        destination[0] = AckFrame.Type;
        var at = 1;
        at += Varint.Write(destination[at..], (ulong)top.Last);
        at += Varint.Write(destination[at..], (ulong)delay);
        at += Varint.Write(destination[at..], (ulong)(fit - 1));
        at += Varint.Write(destination[at..], (ulong)(top.Last - top.First));
        for (var i = _count - 2; i >= _count - fit; i--)
        {
            at += Varint.Write(destination[at..], (ulong)(_ranges[i + 1].First - _ranges[i].Last - 2));
            at += Varint.Write(destination[at..], (ulong)(_ranges[i].Last - _ranges[i].First));
        }

        for (var i = 0; i < _count - fit; i++)
            _ranges[i].UnsettledUpTo = Math.Max(_ranges[i].UnsettledUpTo, top.Last);
        _atOnce = false;
        _owed = 0;
        if (_gap)
        {
            // News of a loss is said twice: if it is lost itself, the other end learns of the loss much later.
            _gap = false;
            _owed = 1;
            _owedSince = now - _patience.Value + NewsAgain;
        }

        return at;
    }

    /// <summary>The other end has confirmed an ACK frame whose largest number this was; what it must have said need not be said again.</summary>
    public void AcknowledgementArrived(long largestAckedBySentAck)
    {
        var kept = 0;
        for (var i = 0; i < _count; i++)
        {
            var entry = _ranges[i];
            if (entry.UnsettledUpTo < largestAckedBySentAck)
            {
                if (entry.Last <= largestAckedBySentAck)
                    continue;
                entry.First = Math.Max(entry.First, largestAckedBySentAck + 1);
            }

            _ranges[kept++] = entry;
        }

        _count = kept;
    }

    private int SizeBelow(int index) =>
        Varint.Size((ulong)(_ranges[index + 1].First - _ranges[index].Last - 2))
        + Varint.Size((ulong)(_ranges[index].Last - _ranges[index].First));

    private void Insert(long number, long unsettledUpTo)
    {
        // The last range whose first number is not above this one.
        var below = _count - 1;
        while (below >= 0 && _ranges[below].First > number)
            below--;
        var touchesBelow = below >= 0 && _ranges[below].Last == number - 1;
        var touchesAbove = below + 1 < _count && _ranges[below + 1].First - 1 == number;
        if (touchesBelow)
        {
            ref var entry = ref _ranges[below];
            entry.Last = number;
            entry.UnsettledUpTo = Math.Max(entry.UnsettledUpTo, unsettledUpTo);
            if (!touchesAbove)
                return;
            entry.Last = _ranges[below + 1].Last;
            entry.UnsettledUpTo = Math.Max(entry.UnsettledUpTo, _ranges[below + 1].UnsettledUpTo);
            RemoveAt(below + 1);
        }
        else if (touchesAbove)
        {
            ref var entry = ref _ranges[below + 1];
            entry.First = number;
            entry.UnsettledUpTo = Math.Max(entry.UnsettledUpTo, unsettledUpTo);
        }
        else
        {
            InsertAt(below + 1, new Entry { First = number, Last = number, UnsettledUpTo = unsettledUpTo });
        }
    }

    private void InsertAt(int index, Entry entry)
    {
        if (_count == _ranges.Length && _count < AckFrame.MaxRanges)
        {
            Array.Resize(ref _ranges, Math.Min(_count * 2, AckFrame.MaxRanges));
        }
        else if (_count == _ranges.Length)
        {
            if (index == 0)
                return;
            RemoveAt(0);
            index--;
        }

        Array.Copy(_ranges, index, _ranges, index + 1, _count - index);
        _ranges[index] = entry;
        _count++;
    }

    private void RemoveAt(int index)
    {
        _count--;
        Array.Copy(_ranges, index + 1, _ranges, index, _count - index);
    }

    private struct Entry
    {
        public long First;
        public long Last;

        // An acknowledgement whose largest number is not above this may have been written without all of this range; -1 when none.
        public long UnsettledUpTo;
    }
}
