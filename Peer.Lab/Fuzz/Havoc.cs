using System.Buffers.Binary;
using Peer.TestKit;

namespace Peer.Lab.Fuzz;

/// <summary>Changes that know nothing of the format: bits, bytes, numbers that are often wrong, blocks moved, doubled, taken from another input.</summary>
internal static class Havoc
{
    private static readonly long[] Interesting =
    [
        0, 1, -1, 2, 3, 15, 16, 31, 32, 63, 64, 127, 128, 129, 200, 201, 254, 255, 256, 257, 300, 511, 512, 768, 769, 1_000, 1_023, 1_024, 1_169, 1_199, 1_200, 1_201, 4_095, 4_096,
        32_767, 32_768, 65_534, 65_535, 65_536, int.MaxValue, int.MinValue, 1L << 32, (1L << 32) - 1, (1L << 62) - 1, 1L << 62, long.MaxValue, long.MinValue,
    ];

    /// <summary>One change; returns the new length, never more than the buffer's.</summary>
    public static int Mutate(Span<byte> buffer, int length, SeededSource random)
    {
        if (length == 0)
        {
            buffer[0] = (byte)random.Next();
            return 1;
        }

        var at = random.Below(length);
        switch (random.Below(11))
        {
            case 0:
                buffer[at] ^= (byte)(1 << random.Below(8));
                return length;
            case 1:
                buffer[at] = (byte)random.Next();
                return length;
            case 2:
                buffer[at] = (byte)(buffer[at] + random.Below(71) - 35);
                return length;
            case 3:
                WriteNumber(buffer[at..length], random);
                return length;
            case 4:
                return Varint(buffer, length, at, random);
            case 5:
                return Delete(buffer, length, at, random);
            case 6:
                return Insert(buffer, length, at, random);
            case 7:
                return Double(buffer, length, at, random);
            case 8:
                var block = Math.Min(length - at, 1 + random.Below(16));
                buffer.Slice(random.Below(length - block + 1), block).CopyTo(buffer[at..]);
                return length;
            case 9:
                buffer.Slice(at, Math.Min(length - at, 1 + random.Below(32))).Fill((byte)(random.Below(3) switch { 0 => 0UL, 1 => 255UL, _ => random.Next() }));
                return length;
            default:
                return random.Below(4) == 0 ? at : length;
        }
    }

    /// <summary>The beginning of one input and the end of another.</summary>
    public static int Splice(Span<byte> buffer, int length, ReadOnlySpan<byte> other, SeededSource random)
    {
        if (length == 0 || other.Length == 0)
            return length;
        var at = random.Below(length);
        var from = random.Below(other.Length);
        var taken = Math.Min(other.Length - from, buffer.Length - at);
        other.Slice(from, taken).CopyTo(buffer[at..]);
        return at + taken;
    }

    /// <summary>A number that is on some edge.</summary>
    public static long Number(SeededSource random) => random.Below(4) == 0 ? (long)random.Next() >> random.Below(64) : Interesting[random.Below(Interesting.Length)];

    private static void WriteNumber(Span<byte> at, SeededSource random)
    {
        var number = Number(random);
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        var width = Math.Min(at.Length, 1 << random.Below(4));
        bytes[..width].CopyTo(at);
    }

    private static int Varint(Span<byte> buffer, int length, int at, SeededSource random)
    {
        Span<byte> bytes = stackalloc byte[Protocol.Wire.Varint.MaxSize];
        var size = Protocol.Wire.Varint.Write(bytes, (ulong)Number(random));
        if (length + size > buffer.Length)
            return length;
        var replaced = Math.Min(length - at, random.Below(3));
        buffer[(at + replaced)..length].CopyTo(buffer[(at + size)..]);
        bytes[..size].CopyTo(buffer[at..]);
        return length - replaced + size;
    }

    private static int Delete(Span<byte> buffer, int length, int at, SeededSource random)
    {
        var gone = Math.Min(length - at, 1 + random.Below(random.Below(4) == 0 ? 256 : 8));
        buffer[(at + gone)..length].CopyTo(buffer[at..]);
        return length - gone;
    }

    private static int Insert(Span<byte> buffer, int length, int at, SeededSource random)
    {
        var more = Math.Min(buffer.Length - length, 1 + random.Below(8));
        buffer[at..length].CopyTo(buffer[(at + more)..]);
        random.Fill(buffer.Slice(at, more));
        return length + more;
    }

    private static int Double(Span<byte> buffer, int length, int at, SeededSource random)
    {
        var block = Math.Min(Math.Min(length - at, buffer.Length - length), 1 + random.Below(64));
        buffer[at..length].CopyTo(buffer[(at + block)..]);
        return length + block;
    }
}
