using Peer.Protocol.Crypto;
using Peer.Protocol.Delivery;
using Peer.Protocol.Links;
using Peer.Protocol.Recovery;
using Peer.Protocol.Wire;

namespace Peer.Tests.Links;

/// <summary>Opens with the real keys what one end sends, and checks what must hold for each datagram.</summary>
internal sealed class LinkWatch(LinkSettings settings, SessionKeys keys, bool isServer) : IDisposable
{
    /// <summary>Hears everything that this end sends, as the other end would if nothing were lost.</summary>
    private readonly PhasedKeys _opening = new(keys, !isServer, settings.KeyUpdateAfter);
    private readonly HashSet<long> _opened = [];
    private long _last = -1;

    /// <summary>What the other end sends; set once both exist.</summary>
    public LinkWatch? Other { get; set; }

    public List<byte> FrameTypes { get; } = [];

    public List<string> Complaints { get; } = [];

    /// <summary>Most ranges that one ACK frame had.</summary>
    public int MostRanges { get; private set; }

    /// <summary>Most copies of one frame in one datagram.</summary>
    public int MostCopies { get; private set; }

    /// <summary>Payload bytes of DATA frames sent, all copies.</summary>
    public long DataBytes { get; private set; }

    /// <summary>An intact datagram of this end has reached the other.</summary>
    public void Reached(ReadOnlySpan<byte> datagram)
    {
        if (SealedHeader.TryRead(datagram, out _, out var number, out var total) && total == datagram.Length)
            _opened.Add(number);
    }

    public void Sent(ReadOnlySpan<byte> datagram)
    {
        if (!SealedHeader.TryRead(datagram, out _, out var number, out var total) || total != datagram.Length)
        {
            Complaints.Add("no sealed datagram");
            return;
        }

        if (number != _last + 1)
            Complaints.Add($"packet number {number} after {_last}");
        _last = number;
        var copy = datagram.ToArray();
        if (!_opening.Open(copy, SealedHeader.Length, number))
            Complaints.Add($"datagram {number} does not open");
        else
            Read(copy.AsMemory(SealedHeader.Length, copy.Length - SealedHeader.Length - SealedHeader.TagLength));
    }

    public void Dispose() => _opening.Dispose();

    private void Read(ReadOnlyMemory<byte> frames)
    {
        var seen = new Dictionary<(int, uint), int>();
        while (frames.Length > 0)
        {
            var type = frames.Span[0];
            var rest = frames.Span[1..];
            var used = 0;
            if (type != FrameType.Padding)
                FrameTypes.Add(type);
            switch (type)
            {
                case FrameType.Padding or FrameType.Ping or FrameType.CloseAck:
                    break;
                case FrameType.Ack when AckFrame.TryRead(rest, out var ack, out used):
                    CheckAck(ack);
                    break;
                case FrameType.Credit when Varint.TryRead(rest, out _, out used):
                    break;
                case FrameType.PathChallenge or FrameType.PathResponse:
                    used = FrameType.PathTokenLength;
                    break;
                case FrameType.Close when CloseFrame.TryRead(rest, out _, out used):
                    break;
                case >= FrameType.DataFirst and <= FrameType.DataLast when DataHeader.TryRead(frames, out var frame, out used):
                    used--;
                    DataBytes += frame.Payload.Length;
                    var copies = seen.GetValueOrDefault((frame.Key.Index, frame.WireSequence)) + 1;
                    seen[(frame.Key.Index, frame.WireSequence)] = copies;
                    MostCopies = Math.Max(MostCopies, copies);
                    if (frame.Payload.Length > settings.Delivery.FrameBytes)
                        Complaints.Add("a frame that no base datagram takes");
                    break;
                default:
                    Complaints.Add($"frame 0x{type:x2} cannot be read");
                    return;
            }

            frames = frames[(1 + used)..];
        }
    }

    private void CheckAck(AckFrame ack)
    {
        MostRanges = Math.Max(MostRanges, ack.RangeCount);
        foreach (var range in ack)
        {
            for (var number = range.First; number <= range.Last; number++)
            {
                if (!Other!._opened.Contains(number))
                    Complaints.Add($"{number} was acknowledged and never arrived");
            }
        }
    }
}
