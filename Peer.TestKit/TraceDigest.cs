using System.Buffers.Binary;

namespace Peer.TestKit;

/// <summary>A digest of what happened, in its order: multiply and rotate, a word at a time, the same on any machine.</summary>
internal sealed class TraceDigest
{
    public ulong Value { get; private set; } = 14695981039346656037;

    public void Mix(ulong word) => Value = ulong.RotateLeft((Value ^ word) * 0x9E3779B97F4A7C15, 29);

    public void Mix(ReadOnlySpan<byte> bytes)
    {
        Mix((ulong)bytes.Length);
        for (; bytes.Length >= 8; bytes = bytes[8..])
            Mix(BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var last in bytes)
            Mix(last);
    }

    public void Mix(string text)
    {
        foreach (var letter in text)
            Mix(letter);
    }
}
