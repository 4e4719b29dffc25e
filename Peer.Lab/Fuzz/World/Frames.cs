using Peer.Protocol;
using Peer.Protocol.Delivery;
using Peer.Protocol.Wire;

namespace Peer.Lab.Fuzz.World;

/// <summary>Frames as bytes, genuine ones.</summary>
internal static class Frames
{
    /// <summary>A DATA frame with these messages.</summary>
    public static byte[] Data(SequenceKey key, long sequence, int? peer, params byte[][] messages)
    {
        var run = new byte[messages.Sum(message => Varint.Size((ulong)message.Length) + message.Length)];
        var at = 0;
        foreach (var message in messages)
        {
            at += Varint.Write(run.AsSpan(at), (ulong)message.Length);
            message.CopyTo(run, at);
            at += message.Length;
        }

        return Of(new OutboundFrame { Key = key, Sequence = sequence, Peer = peer, Payload = run });
    }

    /// <summary>A piece of a message.</summary>
    public static byte[] Piece(SequenceKey key, long sequence, int index, int count, byte[] bytes, int? peer = null) =>
        Of(new OutboundFrame { Key = key, Sequence = sequence, Peer = peer, FragmentIndex = index, FragmentCount = count, Payload = bytes });

    public static byte[] Of(OutboundFrame frame)
    {
        var bytes = new byte[frame.WireSize];
        var header = DataHeader.Write(bytes, frame);
        frame.Payload.Span.CopyTo(bytes.AsSpan(header));
        return bytes;
    }

    /// <summary>An acknowledgement of everything up to a number.</summary>
    public static byte[] Ack(long largest, long delay = 0)
    {
        var bytes = new byte[4 + (2 * Varint.MaxSize)];
        bytes[0] = FrameType.Ack;
        var at = 1;
        at += Varint.Write(bytes.AsSpan(at), (ulong)largest);
        at += Varint.Write(bytes.AsSpan(at), (ulong)delay);
        at += Varint.Write(bytes.AsSpan(at), 0);
        at += Varint.Write(bytes.AsSpan(at), (ulong)largest);
        return bytes[..at];
    }

    public static byte[] Credit(long bytes)
    {
        var frame = new byte[1 + Varint.MaxSize];
        frame[0] = FrameType.Credit;
        return frame[..(1 + Varint.Write(frame.AsSpan(1), (ulong)bytes))];
    }

    public static byte[] Close(string text)
    {
        var frame = new byte[CloseFrame.MaxSize];
        return frame[..CloseFrame.Write(frame, DisconnectInfo.Of(DisconnectReason.Kicked, text))];
    }
}
