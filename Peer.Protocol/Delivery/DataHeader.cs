using System.Buffers.Binary;
using Peer.Protocol.Wire;

namespace Peer.Protocol.Delivery;

/// <summary>The DATA frame's header on the wire (docs/protocol.md, 3.1): its size, its bytes, and the checks on one that arrived.</summary>
internal static class DataHeader
{
    /// <summary>Most pieces that one message may have.</summary>
    public const int MaxFragments = 65_535;

    private const byte Data = 0x40;
    private const byte KindMask = 0xC0;
    private const byte ModeMask = 0x03;
    private const byte PeerFlag = 0x04;
    private const byte FragmentFlag = 0x08;
    private const byte EndedFlag = 0x10;
    private const byte ControlFlag = 0x20;

    /// <summary>Bytes that the header of a frame takes.</summary>
    public static int Size(OutboundFrame frame) =>
        FixedSize(frame.Key, frame.Peer.HasValue)
        + (frame.IsFragment ? Varint.Size((uint)frame.FragmentIndex) + Varint.Size((uint)frame.FragmentCount) : 0)
        + Varint.Size((uint)frame.Payload.Length);

    /// <summary>Bytes of the header that depend neither on the payload's length nor on the fragment.</summary>
    public static int FixedSize(SequenceKey key, bool hasPeer) => 1 + (key.IsControl ? 0 : 1) + sizeof(uint) + (hasPeer ? sizeof(int) : 0);

    /// <summary>The longest payload that a frame of so many bytes has room for behind a header of which that many are known.</summary>
    public static int Room(int frameBytes, int headerWithoutLength)
    {
        var room = frameBytes - headerWithoutLength - 1;
        while (room > 0 && headerWithoutLength + Varint.Size((uint)room) + room > frameBytes)
            room--;
        return room;
    }

    /// <summary>Writes the header and returns its size; the payload follows it.</summary>
    public static int Write(Span<byte> destination, OutboundFrame frame)
    {
        var type = Data | (int)frame.Key.Mode;
        var offset = 1;
        if (frame.Key.IsControl)
            type |= ControlFlag;
        else
            destination[offset++] = frame.Key.Channel;
        BinaryPrimitives.WriteUInt32LittleEndian(destination[offset..], (uint)frame.Sequence);
        offset += sizeof(uint);
        if (frame.Peer is { } peer)
        {
            type |= PeerFlag;
            BinaryPrimitives.WriteInt32LittleEndian(destination[offset..], peer);
            offset += sizeof(int);
        }

        if (frame.IsFragment)
        {
            type |= FragmentFlag;
            offset += Varint.Write(destination[offset..], (uint)frame.FragmentIndex);
            offset += Varint.Write(destination[offset..], (uint)frame.FragmentCount);
        }

        if (frame.Ended)
            type |= EndedFlag;
        destination[0] = (byte)type;
        return offset + Varint.Write(destination[offset..], (uint)frame.Payload.Length);
    }

    /// <summary>Reads the frame at the front of the bytes; false when it is cut off or breaks a rule of the standard.</summary>
    /// <remarks>The messages inside the payload are not looked at: that is the sequence's business.</remarks>
    /// <param name="frames">Frames back to back, as opened.</param>
    /// <param name="frame">The frame; its payload is a slice of <paramref name="frames"/>.</param>
    /// <param name="consumed">Bytes that it takes, payload included.</param>
    public static bool TryRead(ReadOnlyMemory<byte> frames, out InboundFrame frame, out int consumed)
    {
        frame = default;
        consumed = 0;
        var bytes = frames.Span;
        if (bytes.Length < 1)
            return false;
        var type = bytes[0];
        var mode = (TransferMode)(type & ModeMask);
        var isControl = (type & ControlFlag) != 0;
        var hasPeer = (type & PeerFlag) != 0;
        var isFragment = (type & FragmentFlag) != 0;
        var ended = (type & EndedFlag) != 0;
        if ((type & KindMask) != Data
            || mode > TransferMode.Reliable
            || (isControl && mode != TransferMode.Reliable)
            || (ended && (!hasPeer || isFragment)))
            return false;

        var key = isControl ? SequenceKey.Control : new SequenceKey(bytes.Length > 1 ? bytes[1] : default, mode);
        var offset = FixedSize(key, hasPeer);
        if (bytes.Length < offset || (!isControl && key.IsControl))
            return false;
        var sequence = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(isControl ? 1 : 2)..]);
        int? peer = hasPeer ? BinaryPrimitives.ReadInt32LittleEndian(bytes[(offset - sizeof(int))..]) : null;
        ulong index = 0, count = 0;
        if (isFragment)
        {
            if (!TryTake(bytes, ref offset, out index) || !TryTake(bytes, ref offset, out count)
                || count is < 2 or > MaxFragments || index >= count)
                return false;
        }

        if (!TryTake(bytes, ref offset, out var length)
            || length > (ulong)(bytes.Length - offset)
            || (length == 0) != ended)
            return false;
        frame = new InboundFrame(key, sequence, peer, ended, (int)index, (int)count, frames.Slice(offset, (int)length));
        consumed = offset + (int)length;
        return true;
    }

    private static bool TryTake(ReadOnlySpan<byte> bytes, ref int offset, out ulong value)
    {
        if (!Varint.TryRead(bytes[offset..], out value, out var consumed))
            return false;
        offset += consumed;
        return true;
    }
}
