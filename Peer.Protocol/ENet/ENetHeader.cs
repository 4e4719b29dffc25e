using System.Buffers.Binary;

namespace Peer.Protocol.ENet;

/// <summary>What every datagram begins with: whose slot it is for, which of the slot's last four connections it belongs to, and when it was sent.</summary>
internal readonly record struct ENetHeader(ushort PeerId, byte Session, bool IsCompressed, bool HasSentTime, ushort SentTime)
{
    private const int CompressedFlag = 1 << 14;
    private const int SentTimeFlag = 1 << 15;
    private const int SessionShift = 12;

    /// <summary>Bytes on the wire, without a checksum.</summary>
    public int Size => HasSentTime ? ENetFormat.HeaderSize : ENetFormat.ShortHeaderSize;

    /// <summary>Reads the slot alone: what a router needs to know.</summary>
    public static bool TryReadPeer(ReadOnlySpan<byte> datagram, out ushort peer)
    {
        peer = ENetFormat.NoPeer;
        if (datagram.Length < ENetFormat.ShortHeaderSize)
            return false;
        peer = (ushort)(BinaryPrimitives.ReadUInt16BigEndian(datagram) & ENetFormat.NoPeer);
        return true;
    }

    public static bool TryRead(ReadOnlySpan<byte> datagram, out ENetHeader header)
    {
        header = default;
        if (datagram.Length < ENetFormat.ShortHeaderSize)
            return false;
        var word = BinaryPrimitives.ReadUInt16BigEndian(datagram);
        var hasSentTime = (word & SentTimeFlag) != 0;
        if (hasSentTime && datagram.Length < ENetFormat.HeaderSize)
            return false;
        header = new ENetHeader(
            (ushort)(word & ENetFormat.NoPeer),
            (byte)((word >> SessionShift) & 3),
            (word & CompressedFlag) != 0,
            hasSentTime,
            hasSentTime ? BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]) : (ushort)0);
        return true;
    }

    /// <summary>Writes it and tells how many bytes it took.</summary>
    public int Write(Span<byte> destination)
    {
        var word = PeerId | (Session << SessionShift) | (IsCompressed ? CompressedFlag : 0) | (HasSentTime ? SentTimeFlag : 0);
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)word);
        if (HasSentTime)
            BinaryPrimitives.WriteUInt16BigEndian(destination[2..], SentTime);
        return Size;
    }
}
