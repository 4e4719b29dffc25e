using System.Buffers.Binary;

namespace Peer.Actors.Transport;

/// <summary>The first bytes of a datagram, as far as routing needs them (wire standard, section 1).</summary>
internal static class SealedHeader
{
    public const byte Kind = 0x40;

    public const byte FirstHandshakeKind = 0x50;

    public const byte LastHandshakeKind = 0x54;

    /// <summary>A HELLO has this size, always.</summary>
    public const int HelloSize = 1200;

    public const int Size = 15;

    private const int MinLength = 16;
    private const int MaxLength = 65520;

    /// <summary>Reads the connection id and the whole size of the sealed datagram that the bytes begin with; false when there is none.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out ulong connectionId, out int size)
    {
        connectionId = 0;
        size = 0;
        if (bytes.Length < Size + MinLength || bytes[0] != Kind) return false;

        int length = BinaryPrimitives.ReadUInt16LittleEndian(bytes[13..]);
        if (length is < MinLength or > MaxLength || bytes.Length < Size + length) return false;

        connectionId = BinaryPrimitives.ReadUInt64LittleEndian(bytes[1..]);
        size = Size + length;
        return true;
    }

    public static bool IsHandshake(byte kind) => kind is >= FirstHandshakeKind and <= LastHandshakeKind;
}
