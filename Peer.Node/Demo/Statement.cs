using System.Buffers.Binary;
using Peer.Protocol;

namespace Peer.Node.Demo;

/// <summary>
/// The end mark of every reliable stream of a sender, in one reliable message. It tells how much to wait for, and does not rely on any order between
/// the streams, since that is for the ledger to find out.
/// </summary>
internal static class Statement
{
    private const int RowSize = 9;

    /// <summary>Encodes the reliable rows behind a header.</summary>
    public static byte[] Write(StreamKey stream, IEnumerable<SentRow> rows)
    {
        var reliable = rows.Where(row => row.Mode == TransferMode.Reliable).ToList();
        var message = new byte[DemoMessage.HeaderSize + (reliable.Count * RowSize)];
        DemoMessage.WriteHeader(message, DemoMessageKind.Statement, stream, 0);
        var rest = message.AsSpan(DemoMessage.HeaderSize);
        foreach (var row in reliable)
        {
            BinaryPrimitives.WriteInt32LittleEndian(rest, row.Target);
            rest[4] = (byte)row.Channel;
            BinaryPrimitives.WriteInt32LittleEndian(rest[5..], row.Count);
            rest = rest[RowSize..];
        }

        return message;
    }

    /// <summary>Decodes the rows; null when the length cannot be right.</summary>
    public static IReadOnlyList<SentRow>? Read(ReadOnlySpan<byte> message)
    {
        var rest = message[DemoMessage.HeaderSize..];
        if (rest.Length % RowSize != 0)
            return null;
        var rows = new List<SentRow>(rest.Length / RowSize);
        for (; rest.Length > 0; rest = rest[RowSize..])
            rows.Add(new SentRow(BinaryPrimitives.ReadInt32LittleEndian(rest), rest[4], TransferMode.Reliable, BinaryPrimitives.ReadInt32LittleEndian(rest[5..])));
        return rows;
    }
}
