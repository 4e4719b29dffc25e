using System.Buffers.Binary;
using Peer.Protocol.Crypto;
using Peer.Protocol.Delivery;
using Peer.Protocol.Recovery;
using Peer.Protocol.Wire;

namespace Peer.Protocol.Links;

/// <summary>The inbound half: check, open, record, then act on each frame.</summary>
internal sealed partial class PeerLink
{
    /// <summary>Opens sealed datagrams, back to back in one memory, in place. What cannot be opened is dropped and counted.</summary>
    /// <returns>True when the newest datagram so far was among them: only then may the sender's address count as a new path.</returns>
    public bool Receive(Memory<byte> datagrams, long now)
    {
        _now = now;
        var advanced = false;
        while (datagrams.Length > 0)
        {
            if (!SealedHeader.TryRead(datagrams.Span, out _, out var truncated, out var total) || total > datagrams.Length)
            {
                _counters.Malformed++;
                break;
            }

            advanced |= Open(datagrams[..total], truncated, now);
            datagrams = datagrams[total..];
        }

        return advanced;
    }

    private bool Open(Memory<byte> datagram, uint truncated, long now)
    {
        if (State == LinkState.Closed && !Listens)
            return false;
        var largest = _received.Largest;
        var number = SequenceNumbers.Expand(truncated, 32, largest + 1);
        if (!_received.IsFresh(number))
        {
            _counters.Replayed++;
            return false;
        }

        if (!_keys.Open(datagram.Span, SealedHeader.Length, number))
        {
            _counters.Unopened++;
            return false;
        }

        _counters.DatagramsOpened++;
        _counters.BytesOpened += datagram.Length;
        _lastHeard = now;
        if (Listens)
            Revive();
        var frames = datagram[SealedHeader.Length..^SealedHeader.TagLength];
        var asksForAck = ReadFrames(frames, now);
        _received.Record(number, now, asksForAck);
        return number > largest;
    }

    private bool ReadFrames(ReadOnlyMemory<byte> frames, long now)
    {
        var asksForAck = false;
        while (frames.Length > 0)
        {
            var type = frames.Span[0];
            if (type == FrameType.Padding)
            {
                var rest = frames.Span.IndexOfAnyExcept(FrameType.Padding);
                frames = rest < 0 ? default : frames[rest..];
                continue;
            }

            var consumed = type is >= FrameType.DataFirst and <= FrameType.DataLast ? ReadData(frames) : ReadSmall(type, frames.Span[1..], now);
            if (consumed < 0)
            {
                Violate($"frame type 0x{type:x2} could not be read");
                return asksForAck;
            }

            asksForAck |= type is not (FrameType.Ack or FrameType.Close or FrameType.CloseAck or FrameType.Migrate);
            frames = frames[consumed..];
        }

        return asksForAck;
    }

    private int ReadData(ReadOnlyMemory<byte> frames)
    {
        if (!DataHeader.TryRead(frames, out var frame, out var consumed))
            return -1;
        if (State == LinkState.Open)
            _listener.FrameArrived(frame);
        return consumed;
    }

    /// <returns>Bytes consumed with the type byte, -1 when the frame is not legal.</returns>
    private int ReadSmall(byte type, ReadOnlySpan<byte> content, long now)
    {
        switch (type)
        {
            case FrameType.Ping:
                return 1;

            case FrameType.Ack:
                if (!AckFrame.TryRead(content, out var ack, out var ackLength)
                    || _recovery.Acknowledge(ack, now, this) == AckVerdict.Violation)
                    return -1;
                return 1 + ackLength;

            case FrameType.Credit:
                if (!Varint.TryRead(content, out var credit, out var creditLength) || credit > long.MaxValue)
                    return -1;
                _sendCredit = Math.Max(_sendCredit, (long)credit);
                return 1 + creditLength;

            case FrameType.PathChallenge when content.Length >= FrameType.PathTokenLength:
                _pathAnswer = BinaryPrimitives.ReadUInt64LittleEndian(content);
                return 1 + FrameType.PathTokenLength;

            case FrameType.PathResponse when content.Length >= FrameType.PathTokenLength:
                if (_pathChallenge is { } expected && expected == BinaryPrimitives.ReadUInt64LittleEndian(content))
                {
                    _pathChallenge = null;
                    _listener.PathValidated();
                }

                return 1 + FrameType.PathTokenLength;

            case FrameType.Positions:
                return ReadPositions(content) is var positions and >= 0 ? 1 + positions : -1;

            case FrameType.Migrate when !_isServer:
                if (!MigrateFrame.TryRead(content, out var migration, out var migrateLength))
                    return -1;
                RemoteMoved(migration, now);
                return 1 + migrateLength;

            case FrameType.Close:
                if (!CloseFrame.TryRead(content, out var info, out var closeLength))
                    return -1;
                RemoteClosed(info, now);
                return 1 + closeLength;

            case FrameType.CloseAck:
                if (State == LinkState.Closing)
                {
                    State = LinkState.Closed;
                    WasAnswered = true;
                }

                return 1;

            default:
                return -1;
        }
    }
}
