using System.Buffers.Binary;

namespace Peer.Protocol.ENet;

/// <summary>What a fragment command says of its piece.</summary>
/// <param name="Start">The message's first sequence number.</param>
/// <param name="Length">Bytes of this piece.</param>
/// <param name="Count">Pieces of the message.</param>
/// <param name="Number">Which of them, from 0.</param>
/// <param name="Total">Bytes of the message.</param>
/// <param name="Offset">Where this piece lies in it.</param>
internal readonly record struct Fragment(ushort Start, uint Length, uint Count, uint Number, uint Total, uint Offset)
{
    /// <summary>Reads what follows the command's header.</summary>
    public static Fragment Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt16BigEndian(bytes),
        BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
        BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]),
        BinaryPrimitives.ReadUInt32BigEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]),
        BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]));
}
