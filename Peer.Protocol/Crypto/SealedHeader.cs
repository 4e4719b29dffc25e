using System.Buffers.Binary;

namespace Peer.Protocol.Crypto;

/// <summary>The clear part of a sealed datagram: what a receiver needs before it holds a key, and what lets one receive carry several datagrams.</summary>
internal static class SealedHeader
{
    /// <summary>First byte of a sealed datagram; its low four bits are those of the key phase.</summary>
    public const byte Kind = 0x40;

    /// <summary>The bits of the first byte that tell the key phase.</summary>
    public const byte PhaseMask = 0x0F;

    /// <summary>Bytes of the header.</summary>
    public const int Length = 15;

    /// <summary>Bytes of the tag at the end of the datagram.</summary>
    public const int TagLength = 16;

    /// <summary>Largest number of sealed bytes, so that the datagram still fits 64 KiB.</summary>
    public const int MaxPayloadLength = 65_520 - TagLength;

    /// <summary>Writes the header of a datagram that will carry <paramref name="payloadLength"/> bytes and the tag.</summary>
    public static void Write(Span<byte> datagram, ulong connectionId, long packetNumber, int payloadLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(packetNumber);
        ArgumentOutOfRangeException.ThrowIfNegative(payloadLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payloadLength, MaxPayloadLength);

        BinaryPrimitives.WriteUInt16LittleEndian(datagram[13..Length], (ushort)(payloadLength + TagLength));
        BinaryPrimitives.WriteUInt32LittleEndian(datagram[9..], (uint)packetNumber);
        BinaryPrimitives.WriteUInt64LittleEndian(datagram[1..], connectionId);
        datagram[0] = Kind;
    }

    /// <summary>Puts the key phase into a header that <see cref="Write"/> has written.</summary>
    public static void WritePhase(Span<byte> datagram, long phase) => datagram[0] = (byte)(Kind | (int)(phase & PhaseMask));

    /// <summary>The low four bits of the key phase.</summary>
    public static int PhaseOf(ReadOnlySpan<byte> datagram) => datagram[0] & PhaseMask;

    /// <summary>Reads the header at the start of a receive; <paramref name="totalLength"/> is the whole datagram, header and tag included.</summary>
    /// <returns>False when these bytes are no sealed datagram of version 1 that is there in full.</returns>
    public static bool TryRead(ReadOnlySpan<byte> datagram, out ulong connectionId, out uint truncatedNumber, out int totalLength)
    {
        connectionId = 0;
        truncatedNumber = 0;
        totalLength = 0;
        if (datagram.Length < Length + TagLength || (datagram[0] & ~PhaseMask) != Kind)
            return false;

        int rest = BinaryPrimitives.ReadUInt16LittleEndian(datagram[13..]);
        if (rest is < TagLength or > MaxPayloadLength + TagLength || Length + rest > datagram.Length)
            return false;

        connectionId = BinaryPrimitives.ReadUInt64LittleEndian(datagram[1..]);
        truncatedNumber = BinaryPrimitives.ReadUInt32LittleEndian(datagram[9..]);
        totalLength = Length + rest;
        return true;
    }
}
