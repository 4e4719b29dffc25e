using System.Text;

namespace Peer.Protocol.Wire;

/// <summary>Codec of the CLOSE frame: why a connection ends.</summary>
internal static class CloseFrame
{
    /// <summary>Most bytes of UTF-8 text.</summary>
    public const int MaxTextBytes = 200;

    /// <summary>Most bytes of payload.</summary>
    public const int MaxPayloadBytes = 1024;

    private const int FixedBytes = 3;

    /// <summary>Bytes that <see cref="Write"/> needs at most, for any info.</summary>
    public const int MaxSize = FixedBytes + MaxTextBytes + 2 + MaxPayloadBytes;

    /// <summary>Writes the frame with its type byte and returns its length. A text that is too long, or leaves no room for the payload, is cut at a character; a payload over its limit is left out.</summary>
    public static int Write(Span<byte> destination, DisconnectInfo info)
    {
        destination[0] = FrameType.Close;
        destination[1] = (byte)info.Reason;

        // The payload is for the program, the text for people: rather half a sentence than half a record.
        var payload = info.Payload.Length <= Math.Min(MaxPayloadBytes, destination.Length - FixedBytes - 2) ? info.Payload.Span : default;
        var room = destination.Length - FixedBytes - Varint.Size((ulong)payload.Length) - payload.Length;
        var text = destination.Slice(FixedBytes, Math.Min(MaxTextBytes, room));
        Encoder encoder = Encoding.UTF8.GetEncoder();
        encoder.Convert(info.Text, text, flush: false, out _, out var written, out _);
        destination[2] = (byte)written;
        var offset = FixedBytes + written;
        offset += Varint.Write(destination[offset..], (ulong)payload.Length);
        payload.CopyTo(destination[offset..]);
        return offset + payload.Length;
    }

    /// <summary>Reads what follows the type byte; false where a length is over its limit or the bytes are cut off.</summary>
    public static bool TryRead(ReadOnlySpan<byte> afterType, out DisconnectInfo info, out int consumed)
    {
        info = DisconnectInfo.None;
        consumed = 0;
        if (afterType.Length < 2 || afterType[1] > MaxTextBytes || afterType.Length < 2 + afterType[1])
            return false;
        var offset = 2 + afterType[1];
        if (!Varint.TryRead(afterType[offset..], out var length, out var prefix) || length > MaxPayloadBytes)
            return false;
        offset += prefix;
        if (afterType.Length - offset < (int)length)
            return false;
        info = new DisconnectInfo(
            (DisconnectReason)afterType[0],
            Encoding.UTF8.GetString(afterType.Slice(2, afterType[1])),
            afterType.Slice(offset, (int)length).ToArray());
        consumed = offset + (int)length;
        return true;
    }
}
