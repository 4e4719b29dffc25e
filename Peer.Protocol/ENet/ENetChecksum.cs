using System.Buffers.Binary;

namespace Peer.Protocol.ENet;

/// <summary>ENet's optional checksum: CRC-32 (IEEE 802.3) over the datagram before compression, with the connection's id in the checksum's place.</summary>
internal static class ENetChecksum
{
    private const uint Polynomial = 0xEDB88320;
    private const int Slices = 4;

    private static readonly uint[] Table = MakeTable();

    /// <summary>The checksum of a datagram.</summary>
    /// <param name="header">What comes before the checksum.</param>
    /// <param name="connectId">The connection's id; 0 towards an end that has no slot for us yet.</param>
    /// <param name="body">What comes after it, not compressed.</param>
    public static uint Of(ReadOnlySpan<byte> header, uint connectId, ReadOnlySpan<byte> body)
    {
        Span<byte> id = stackalloc byte[ENetFormat.ChecksumSize];
        BinaryPrimitives.WriteUInt32BigEndian(id, connectId);
        return ~Update(Update(Update(uint.MaxValue, header), id), body);
    }

    private static uint Update(uint crc, ReadOnlySpan<byte> bytes)
    {
        var table = Table;
        while (bytes.Length >= Slices)
        {
            crc ^= BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            crc = table[768 + (crc & 0xFF)] ^ table[512 + ((crc >> 8) & 0xFF)] ^ table[256 + ((crc >> 16) & 0xFF)] ^ table[crc >> 24];
            bytes = bytes[Slices..];
        }

        foreach (var value in bytes)
            crc = table[(byte)(crc ^ value)] ^ (crc >> 8);
        return crc;
    }

    /// <summary>Four tables, so that four bytes cost one step.</summary>
    private static uint[] MakeTable()
    {
        var table = new uint[256 * Slices];
        for (uint value = 0; value < 256; value++)
        {
            var crc = value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ Polynomial : crc >> 1;
            table[value] = crc;
        }

        for (var i = 256; i < table.Length; i++)
            table[i] = table[(byte)table[i - 256]] ^ (table[i - 256] >> 8);
        return table;
    }
}
