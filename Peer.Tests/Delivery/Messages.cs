using Peer.Protocol;
using Peer.Protocol.Delivery;

namespace Peer.Tests.Delivery;

/// <summary>Short words for what the delivery tests say all the time.</summary>
internal static class Messages
{
    public static readonly SequenceKey Reliable = new(3, TransferMode.Reliable);
    public static readonly SequenceKey Ordered = new(3, TransferMode.UnreliableOrdered);
    public static readonly SequenceKey Unordered = new(3, TransferMode.Unreliable);

    /// <summary>Bytes that tell the message's number and are different at every place.</summary>
    public static byte[] Numbered(int number, int length)
    {
        var message = new byte[length];
        for (var i = 0; i < length; i++)
            message[i] = (byte)(i < 4 ? number >> (8 * i) : ((number * 31) + i + (i >> 8)));
        return message;
    }

    public static Run RunOf(SequenceKey key, int? peer, params byte[][] messages)
    {
        var writer = new RunWriter(key, peer);
        foreach (var message in messages)
            writer.Append(message);
        return writer.Take();
    }

    public static byte[] RunBytes(params byte[][] messages)
    {
        var run = RunOf(Reliable, null, messages);
        var bytes = run.Bytes.ToArray();
        run.Release();
        return bytes;
    }

    public static InboundFrame Frame(SequenceKey key, long sequence, params byte[][] messages) =>
        new(key, (uint)sequence, null, Ended: false, 0, 0, RunBytes(messages));

    public static InboundFrame Piece(SequenceKey key, long start, int index, int count, ReadOnlyMemory<byte> payload, int? peer = null) =>
        new(key, (uint)(start + index), peer, Ended: false, index, count, payload);

    public static List<byte[]> Split(ReadOnlyMemory<byte> run)
    {
        var messages = new List<byte[]>();
        var offset = 0;
        while (RunReader.TryNext(run, ref offset, out var message))
            messages.Add(message.ToArray());
        Assert.Equal(run.Length, offset);
        return messages;
    }

    /// <summary>The frame as the other end reads it.</summary>
    public static InboundFrame OverTheWire(OutboundFrame frame)
    {
        var bytes = Encode(frame);
        Assert.True(DataHeader.TryRead(bytes, out var read, out var consumed));
        Assert.Equal(bytes.Length, consumed);
        return read;
    }

    public static byte[] Encode(OutboundFrame frame)
    {
        var bytes = new byte[DataHeader.Size(frame) + frame.Payload.Length];
        var header = DataHeader.Write(bytes, frame);
        Assert.Equal(bytes.Length - frame.Payload.Length, header);
        frame.Payload.CopyTo(bytes.AsMemory(header));
        return bytes;
    }

    public static List<OutboundFrame> Cut(OutboundSequence sequence)
    {
        var frames = new List<OutboundFrame>();
        sequence.Cut(frames);
        return frames;
    }
}
