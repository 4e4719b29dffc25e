using System.Buffers.Binary;

namespace Peer.Protocol.ENet;

/// <summary>The outside of datagrams: header, checksum, compression. Each connection has one; it keeps its buffers.</summary>
internal sealed class ENetCodec(ENetSettings settings) : IDisposable
{
    private readonly ICompressor? _compressor = settings.Compressor switch
    {
        ENetCompressor.RangeCoder => new RangeCoder(),
        ENetCompressor.Zlib => new ZlibCompressor(),
        _ => null,
    };

    private byte[] _scratch = [];

    /// <summary>The commands of a datagram, if it is whole; valid until the next call.</summary>
    public bool TryOpen(ReadOnlySpan<byte> datagram, in ENetHeader header, uint connectId, out ReadOnlySpan<byte> body)
    {
        body = default;
        var bodyAt = header.Size + (settings.Checksum ? ENetFormat.ChecksumSize : 0);
        if (datagram.Length < bodyAt || datagram.Length > ENetFormat.MaxMtu)
            return false;
        body = datagram[bodyAt..];
        if (header.IsCompressed && !TryExpand(ref body))
            return false;
        return !settings.Checksum
            || BinaryPrimitives.ReadUInt32BigEndian(datagram[header.Size..]) == ENetChecksum.Of(datagram[..header.Size], connectId, body);
    }

    /// <summary>Puts header and checksum before the commands that were written at an offset, and compresses them where that helps. The length of it all.</summary>
    public int Seal(Span<byte> datagram, ENetHeader header, uint connectId, int bodyAt, int length)
    {
        ReadOnlySpan<byte> body = datagram.Slice(bodyAt, length);
        var packed = 0;
        if (_compressor is not null)
        {
            var scratch = Scratch();
            packed = _compressor.Compress(body, scratch.AsSpan(0, Math.Min(length, scratch.Length)));
            if (packed >= length)
                packed = 0;
        }

        header = header with { IsCompressed = packed > 0 };
        Span<byte> start = stackalloc byte[ENetFormat.HeaderSize + ENetFormat.ChecksumSize];
        var written = header.Write(start);
        if (settings.Checksum)
        {
            BinaryPrimitives.WriteUInt32BigEndian(start[written..], ENetChecksum.Of(start[..written], connectId, body));
            written += ENetFormat.ChecksumSize;
        }

        if (packed > 0)
        {
            _scratch.AsSpan(0, packed).CopyTo(datagram[written..]);
            length = packed;
        }
        else if (written != bodyAt)
        {
            body.CopyTo(datagram[written..]);
        }

        start[..written].CopyTo(datagram);
        return written + length;
    }

    public void Dispose() => _compressor?.Dispose();

    private bool TryExpand(ref ReadOnlySpan<byte> body)
    {
        if (_compressor is null)
            return false;
        var length = _compressor.Expand(body, Scratch());
        body = _scratch.AsSpan(0, Math.Max(0, length));
        return length > 0;
    }

    private byte[] Scratch() => _scratch.Length > 0 ? _scratch : _scratch = new byte[ENetFormat.MaxMtu];
}

/// <summary>Compresses the commands of one datagram.</summary>
internal interface ICompressor : IDisposable
{
    /// <summary>Bytes written; 0 when the result would not fit.</summary>
    int Compress(ReadOnlySpan<byte> source, Span<byte> destination);

    /// <summary>Bytes written; 0 when the source is no such data or the result would not fit.</summary>
    int Expand(ReadOnlySpan<byte> source, Span<byte> destination);
}
