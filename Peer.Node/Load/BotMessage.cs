using System.Buffers.Binary;

namespace Peer.Node.Load;

/// <summary>What bots say to each other: who, in which life, the how-manieth of its mode, and when. The rest is padding.</summary>
/// <param name="Bot">The sender's number, which it keeps whatever its peer ID becomes.</param>
/// <param name="Life">Counts up whenever the sender has to connect anew.</param>
/// <param name="Number">From 1, for each mode of each life.</param>
/// <param name="SentAt">Ticks of this machine's monotonic clock, which all its processes share.</param>
internal readonly record struct BotMessage(int Bot, int Life, long Number, long SentAt)
{
    /// <summary>The smallest message.</summary>
    public const int Length = 28;

    private const uint Magic = 0x424F5431;

    public byte[] Encode(int size)
    {
        var bytes = new byte[Math.Max(size, Length)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), Bot);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), Life);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(12), Number);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(20), SentAt);
        return bytes;
    }

    /// <summary>Reads one; false when a bot did not write it.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, out BotMessage message)
    {
        message = default;
        if (bytes.Length < Length || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic)
            return false;
        message = new BotMessage(
            BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[12..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[20..]));
        return true;
    }
}
