using System.Buffers.Binary;

namespace Peer.TestKit.Scenarios;

/// <summary>What packets of a scenario hold: their number, and bytes that follow from it and can be compared at the speed of memory.</summary>
internal static class Payload
{
    public const int Smallest = 8;
    public const int Largest = 1 << 20;

    private const uint Mask = 0xA5C3_5A3C;
    private const int Phases = 251;

    private static readonly byte[] Pattern = MakePattern();

    public static void Write(Span<byte> payload, uint number)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(payload, number);
        BinaryPrimitives.WriteUInt32LittleEndian(payload[4..], number ^ Mask);
        Body(number, payload.Length).CopyTo(payload[8..]);
    }

    /// <summary>Reads a packet's number; false when the first bytes are not as they were written.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, out uint number)
    {
        number = 0;
        if (payload.Length < Smallest)
            return false;
        number = BinaryPrimitives.ReadUInt32LittleEndian(payload);
        return BinaryPrimitives.ReadUInt32LittleEndian(payload[4..]) == (number ^ Mask);
    }

    public static bool IsIntact(ReadOnlySpan<byte> payload, uint number, int length) =>
        payload.Length == length && payload[8..].SequenceEqual(Body(number, length));

    private static ReadOnlySpan<byte> Body(uint number, int length) => Pattern.AsSpan((int)(number % Phases), length - 8);

    private static byte[] MakePattern()
    {
        var pattern = new byte[Largest + Phases];
        new SeededSource(0x7061747465726e).Fill(pattern);
        return pattern;
    }
}
