using System.Buffers.Binary;
using Peer.Protocol;

namespace Peer.Node.Demo;

/// <summary>What a packet of the demo is.</summary>
internal enum DemoMessageKind : byte
{
    /// <summary>A numbered message of a stream.</summary>
    Traffic = 1,

    /// <summary>An echo probe, to the server.</summary>
    Probe = 2,

    /// <summary>Its answer.</summary>
    Echo = 3,

    /// <summary>How many messages the sender has put into each reliable stream: the last that it sends.</summary>
    Statement = 4,
}

/// <summary>The wire format of the demo: a header of 16 bytes, little-endian, then filler that the number determines, so that a changed byte is noticed.</summary>
internal static class DemoMessage
{
    public const int HeaderSize = 16;
    public const int MaxSize = HeaderSize + FillerSize;

    private const int FillerSize = 128 * 1024;
    private const int FillerPeriod = 251;
    private const byte Magic = 0xD3;

    private static readonly byte[] FillerBytes = MakeFiller();

    /// <summary>Writes a message of the given size, header included.</summary>
    public static ReadOnlySpan<byte> Write(Span<byte> into, int size, DemoMessageKind kind, StreamKey stream, int number)
    {
        var message = WriteHeader(into[..size], kind, stream, number);
        Filler(number, size).CopyTo(message[HeaderSize..]);
        return message;
    }

    /// <summary>Writes the header alone.</summary>
    public static Span<byte> WriteHeader(Span<byte> message, DemoMessageKind kind, StreamKey stream, int number)
    {
        message[0] = Magic;
        message[1] = (byte)kind;
        message[2] = (byte)stream.Mode;
        message[3] = (byte)stream.Channel;
        BinaryPrimitives.WriteInt32LittleEndian(message[4..], stream.Sender);
        BinaryPrimitives.WriteInt32LittleEndian(message[8..], stream.Target);
        BinaryPrimitives.WriteInt32LittleEndian(message[12..], number);
        return message;
    }

    /// <summary>Reads the header; false when these bytes are none.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out DemoMessageKind kind, out StreamKey stream, out int number)
    {
        kind = default;
        stream = default;
        number = 0;
        if (message.Length < HeaderSize || message[0] != Magic || message[1] is < (byte)DemoMessageKind.Traffic or > (byte)DemoMessageKind.Statement || message[2] > (byte)TransferMode.Reliable)
            return false;
        kind = (DemoMessageKind)message[1];
        stream = new StreamKey(
            BinaryPrimitives.ReadInt32LittleEndian(message[4..]),
            BinaryPrimitives.ReadInt32LittleEndian(message[8..]),
            message[3],
            (TransferMode)message[2]);
        number = BinaryPrimitives.ReadInt32LittleEndian(message[12..]);
        return number is >= 0 and <= Arrivals.MaxNumber;
    }

    /// <summary>Whether what follows the header is what the sender wrote.</summary>
    public static bool IsIntact(ReadOnlySpan<byte> message, int number) =>
        message.Length <= MaxSize && message[HeaderSize..].SequenceEqual(Filler(number, message.Length));

    private static ReadOnlySpan<byte> Filler(int number, int size) => FillerBytes.AsSpan(number % FillerPeriod, size - HeaderSize);

    private static byte[] MakeFiller()
    {
        var bytes = new byte[FillerSize + FillerPeriod];
        new Random(FillerPeriod).NextBytes(bytes);
        return bytes;
    }
}
