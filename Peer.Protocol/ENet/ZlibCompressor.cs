using System.IO.Compression;

namespace Peer.Protocol.ENet;

/// <summary>What Godot's "ZLib" mode sends: one zlib stream for each datagram.</summary>
internal sealed class ZlibCompressor : ICompressor
{
    private readonly MemoryStream _source = new(new byte[ENetFormat.MaxMtu], 0, ENetFormat.MaxMtu, writable: true, publiclyVisible: true);

    /// <inheritdoc />
    public int Compress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        // In the worst case zlib adds a few bytes, which is no use to anybody.
        using var packed = new MemoryStream(ENetFormat.MaxMtu + 64);
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            zlib.Write(source);
        if (packed.Length > destination.Length)
            return 0;
        packed.GetBuffer().AsSpan(0, (int)packed.Length).CopyTo(destination);
        return (int)packed.Length;
    }

    /// <inheritdoc />
    public int Expand(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        if (source.Length > ENetFormat.MaxMtu)
            return 0;
        _source.SetLength(source.Length);
        source.CopyTo(_source.GetBuffer());
        _source.Position = 0;
        try
        {
            using var zlib = new ZLibStream(_source, CompressionMode.Decompress, leaveOpen: true);
            var length = zlib.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false);
            return length < destination.Length || zlib.ReadByte() < 0 ? length : 0;
        }
        catch (Exception nonsense) when (nonsense is InvalidDataException or IOException)
        {
            // The second is what a stream throws that asks for a dictionary.
            return 0;
        }
    }

    public void Dispose() => _source.Dispose();
}
