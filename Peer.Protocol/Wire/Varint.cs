using System.Numerics;
using System.Runtime.CompilerServices;

namespace Peer.Protocol.Wire;

/// <summary>LEB128 integers in their shortest form, the only one that is legal on the wire.</summary>
internal static class Varint
{
    /// <summary>The longest encoding, of a 64-bit value.</summary>
    public const int MaxSize = 10;

    /// <summary>Bytes that the value takes, 1 .. 10.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Size(ulong value) => (BitOperations.Log2(value | 1) / 7) + 1;

    /// <summary>Writes the value and returns its size. The destination must have room.</summary>
    public static int Write(Span<byte> destination, ulong value)
    {
        var i = 0;
        while (value >= 0x80)
        {
            destination[i++] = (byte)(value | 0x80);
            value >>= 7;
        }

        destination[i++] = (byte)value;
        return i;
    }

    /// <summary>Reads a value; false when it is cut off, longer than 64 bits, or not in its shortest form.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryRead(ReadOnlySpan<byte> source, out ulong value, out int consumed)
    {
        if (source.Length > 0 && source[0] < 0x80)
        {
            value = source[0];
            consumed = 1;
            return true;
        }

        return TryReadLong(source, out value, out consumed);
    }

    private static bool TryReadLong(ReadOnlySpan<byte> source, out ulong value, out int consumed)
    {
        value = 0;
        consumed = 0;
        for (var i = 0; i < source.Length && i < MaxSize; i++)
        {
            var b = source[i];
            if (i == MaxSize - 1 && b > 1)
                return false;
            value |= (ulong)(b & 0x7F) << (7 * i);
            if (b < 0x80)
            {
                consumed = i + 1;
                return b != 0 || i == 0;
            }
        }

        return false;
    }
}
