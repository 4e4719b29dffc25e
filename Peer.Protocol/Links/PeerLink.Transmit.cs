using System.Buffers.Binary;
using Peer.Protocol.Crypto;
using Peer.Protocol.Delivery;
using Peer.Protocol.Recovery;
using Peer.Protocol.Wire;

namespace Peer.Protocol.Links;

/// <summary>The outbound half: fills datagrams of one size back to back, so that a batch leaves in one system call.</summary>
internal sealed partial class PeerLink
{
    /// <summary>A datagram that falls short of the batch's size by no more than this is padded, so that the batch can go on.</summary>
    private const int PaddingWorthABatch = 96;

    /// <summary>Pings are padded to this many bytes of frames, so that a path challenge is never longer than what it answers.</summary>
    private const int PingContent = 1 + FrameType.PathTokenLength;

    private const int ManyRanges = 4;

    private const int Overhead = SealedHeader.Length + SealedHeader.TagLength;

    /// <summary>
    /// Writes datagrams that are due into the buffer, all of <paramref name="segmentSize"/> bytes but the last, which may be shorter.
    /// Call again until it returns 0.
    /// </summary>
    /// <returns>Bytes written; 0 when nothing is due now.</returns>
    public int Transmit(long now, Span<byte> buffer, out int segmentSize)
    {
        segmentSize = 0;
        if (State != LinkState.Open)
            return TransmitClose(now, buffer, out segmentSize);
        if (IsConfirmed && _recovery.CanSend(_size.Current, now) && _size.ProbeDue(now, out var probeSize) && probeSize <= buffer.Length)
        {
            segmentSize = probeSize;
            _size.ProbeSent(probeSize);
            return WriteSizeProbe(buffer[..probeSize], now);
        }

        // A probe must arrive even where large datagrams have stopped arriving: what it repeats may have been lost for its size.
        var written = 0;
        var limit = _recovery.ProbesOwed > 0 ? Math.Min(_size.Current, DeliverySettings.BaseDatagram) : _size.Current;
        while (buffer.Length - written >= limit)
        {
            var length = WriteDatagram(buffer.Slice(written, limit), padTo: segmentSize, now);
            if (length == 0)
                break;
            written += length;
            if (segmentSize == 0)
                segmentSize = limit = length;
            // Frames fit a base datagram, so on a larger path a full datagram may leave up to a frame's room; only a really small one must not set the size.
            if (length < segmentSize || segmentSize * 2 <= _size.Current)
                break;
        }

        if (!HasData)
            _recovery.NothingToSend(now);
        return written;
    }

    private int WriteDatagram(Span<byte> datagram, int padTo, long now)
    {
        var maySend = _recovery.CanSend(datagram.Length, now);
        var isProbe = _recovery.ProbesOwed > 0;
        var content = BeginDatagram(datagram, datagram.Length);
        var ackIsDue = _received.AckOwed(now);
        if (!maySend && !ackIsDue)
            return 0;

        // An acknowledgement rides on whatever leaves anyway; WriteAck forgets that it was owed, so it must not be written for nothing.
        var mayCarryData = maySend && (isProbe || HasSmallFrames || HasData || NextCopy(now) <= now);
        var offset = (ackIsDue || mayCarryData) && _received.AckPending ? _received.WriteAck(content, now) : 0;
        var carriesAck = offset > 0;
        var asksForAck = false;
        var carriesCredit = false;
        var positions = -1;

        // Whoever only acknowledges would never learn which of its acknowledgements arrived, and its ranges would pile up.
        if (carriesAck && _received.RangeCount > ManyRanges && now - _lastAsked > _recovery.Rtt.Smoothed)
            _pingOwed = true;
        _framesOfDatagram.Clear();
        if (maySend)
        {
            offset += WriteSmallFrames(content[offset..], isProbe, out asksForAck, out carriesCredit);
            offset += WritePositions(content[offset..], out positions);
            asksForAck |= positions >= 0;
            var before = offset;
            if (isProbe)
                offset += RepeatOldest(content, offset);
            offset += WriteData(content, offset, now);
            offset += WriteCopies(content, offset, now);
            asksForAck |= offset > before;
        }

        if (offset == 0)
            return 0;

        // A batch needs datagrams of one size; a few bytes of padding are cheaper than another system call.
        var length = offset + Overhead;
        if (asksForAck && padTo > length && padTo - length <= PaddingWorthABatch && _lanes.HasFrames)
        {
            content[offset..(padTo - Overhead)].Clear();
            offset = padTo - Overhead;
        }

        var total = SealDatagram(datagram, offset, asksForAck, isProbe: false, now, out var packet);
        if (carriesAck)
        {
            packet.LargestAckSent = _received.Largest;
        }

        if (carriesCredit)
        {
            _creditPacket = packet.Number;
            _creditOwed = false;
        }

        if (positions >= 0)
            _positionsSent![packet.Number] = positions;
        foreach (var frame in _framesOfDatagram)
        {
            if (frame.Key.Mode == TransferMode.Reliable)
            {
                packet.Frames.Add(frame);
                frame.CopiesInFlight++;
                continue;
            }

            _listener.FrameDone(frame);
            frame.Unhold();
        }

        return total;
    }

    private readonly List<OutboundFrame> _framesOfDatagram = [];

    private int WriteSmallFrames(Span<byte> content, bool isProbe, out bool asksForAck, out bool carriesCredit)
    {
        var offset = 0;
        carriesCredit = _creditOwed;
        asksForAck = false;
        if (_creditOwed)
        {
            content[offset++] = FrameType.Credit;
            offset += Varint.Write(content[offset..], (ulong)_grantedCredit);
            asksForAck = true;
        }

        if (_pathAnswer is { } answer)
        {
            content[offset] = FrameType.PathResponse;
            BinaryPrimitives.WriteUInt64LittleEndian(content[(offset + 1)..], answer);
            offset += 1 + FrameType.PathTokenLength;
            _pathAnswer = null;
            asksForAck = true;
        }

        if (_pingOwed || isProbe)
        {
            content[offset] = FrameType.Ping;
            content.Slice(offset + 1, PingContent - 1).Clear();
            offset += PingContent;
            _pingOwed = false;
            asksForAck = true;
        }

        return offset;
    }

    private int WriteData(Span<byte> content, int offset, long now)
    {
        var start = offset;
        while (!_awaitsPositions && _lanes.Next(content.Length - offset, CreditLeft, now) is { } frame)
        {
            offset += WriteFrame(content[offset..], frame);
            if (frame.WaitsAgain)
                SentAgain(frame, now);
            frame.WaitsAgain = false;
            if (!frame.WasSent)
            {
                frame.WasSent = true;
                if (frame.Key.Mode == TransferMode.Reliable)
                    _creditUsed += frame.CreditBytes;
            }

            _framesOfDatagram.Add(frame);
        }

        return offset - start;
    }

    /// <summary>A probe repeats the oldest data in flight: where the tail of a burst was lost, that saves the round trip in which the loss would be noticed.</summary>
    private int RepeatOldest(Span<byte> content, int offset)
    {
        var start = offset;
        if (_recovery.OldestInFlight is not { } oldest)
            return 0;
        foreach (var frame in oldest.Frames)
        {
            if (frame.IsDone || frame.WaitsAgain || frame.WireSize > content.Length - offset)
                continue;
            offset += WriteFrame(content[offset..], frame);
            frame.Hold();
            _framesOfDatagram.Add(frame);
        }

        return offset - start;
    }

    private static int WriteFrame(Span<byte> content, OutboundFrame frame)
    {
        var header = DataHeader.Write(content, frame);
        frame.Payload.Span.CopyTo(content[header..]);
        return header + frame.Payload.Length;
    }

    private int WriteSizeProbe(Span<byte> datagram, long now)
    {
        var content = BeginDatagram(datagram, datagram.Length);
        content.Clear();
        content[0] = FrameType.Ping;
        return SealDatagram(datagram, content.Length, asksForAck: true, isProbe: true, now, out _);
    }

    private int TransmitClose(long now, Span<byte> buffer, out int segmentSize)
    {
        segmentSize = 0;
        var content = BeginDatagram(buffer, buffer.Length);
        int length;
        if (_closeAnswerOwed)
        {
            _closeAnswerOwed = false;
            content[0] = FrameType.CloseAck;
            length = 1;
        }
        else if (State == LinkState.Closing && now >= _closeAt)
        {
            _closeAt = now + Math.Max(MinimumCloseInterval, _recovery.Rtt.Smoothed * 2);
            length = _migration is { } migration ? MigrateFrame.Write(content, migration) : CloseFrame.Write(content[..Math.Min(content.Length, DeliverySettings.BaseDatagramContent)], End);
        }
        else
        {
            return 0;
        }

        segmentSize = SealDatagram(buffer, length, asksForAck: false, isProbe: false, now, out _);
        return segmentSize;
    }

    /// <summary>The part of a datagram of at most that size which frames may fill.</summary>
    private static Span<byte> BeginDatagram(Span<byte> datagram, int size) =>
        datagram[SealedHeader.Length..(size - SealedHeader.TagLength)];

    private int SealDatagram(Span<byte> buffer, int contentLength, bool asksForAck, bool isProbe, long now, out SentPacket<OutboundFrame> packet)
    {
        var number = _nextNumber++;
        var total = contentLength + Overhead;
        var datagram = buffer[..total];
        SealedHeader.Write(datagram, _remoteId, number, contentLength);
        _keys.Seal(datagram, SealedHeader.Length, number);
        packet = _recovery.Sent(number, total, asksForAck, isProbe, now);
        if (asksForAck)
            _lastAsked = now;
        _counters.DatagramsSent++;
        _counters.BytesSent += total;
        return total;
    }
}
