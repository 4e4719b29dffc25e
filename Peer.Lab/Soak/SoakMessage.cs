using System.Buffers.Binary;

namespace Peer.Lab.Soak;

/// <summary>A message of a soak: which stream it belongs to, its number there, and a filling that follows from both, so that whatever is altered or mixed up shows.</summary>
internal static class SoakMessage
{
    public const int HeaderBytes = 24;

    private const int UsualFilling = 200;
    private const int LargeFilling = 20_000;
    private const int LargeEvery = 50;

    public static byte[] Write(ulong stream, long number)
    {
        var bytes = new byte[Length(stream, number)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, stream);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), number);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(16), Mark(stream, number));
        bytes.AsSpan(HeaderBytes).Fill(Filling(stream, number));
        return bytes;
    }

    /// <summary>False when it is not exactly what <see cref="Write"/> wrote.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out ulong stream, out long number)
    {
        stream = 0;
        number = 0;
        if (bytes.Length < HeaderBytes)
            return false;
        stream = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        number = BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]);
        return bytes.Length == Length(stream, number)
            && BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]) == Mark(stream, number)
            && !bytes[HeaderBytes..].ContainsAnyExcept(Filling(stream, number));
    }

    private static int Length(ulong stream, long number) => HeaderBytes + (number % LargeEvery == LargeEvery - 1 ? LargeFilling : (int)(Mark(stream, number) % UsualFilling));

    private static byte Filling(ulong stream, long number) => (byte)(Mark(stream, number) >> 56);

    private static ulong Mark(ulong stream, long number)
    {
        var mark = (stream ^ ((ulong)number * 0x9E3779B97F4A7C15)) * 0xBF58476D1CE4E5B9;
        return mark ^ (mark >> 29);
    }
}
