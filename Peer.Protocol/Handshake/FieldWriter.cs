using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Peer.Protocol.Handshake;

/// <summary>Writes our own fields in order; the counterpart of <see cref="FieldReader"/>. A span too short is a programming mistake and throws.</summary>
internal ref struct FieldWriter(Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    public void Bytes(scoped ReadOnlySpan<byte> value) => value.CopyTo(Take(value.Length));

    public void U8(byte value) => Take(1)[0] = value;

    public void U16(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Take(2), value);

    public void I32(int value) => BinaryPrimitives.WriteInt32LittleEndian(Take(4), value);

    public void I64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Take(8), value);

    public void U64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Take(8), value);

    /// <summary>A field with its length in 8 bits in front.</summary>
    public void Sized8(scoped ReadOnlySpan<byte> value)
    {
        U8(checked((byte)value.Length));
        Bytes(value);
    }

    /// <summary>A field with its length in 16 bits in front.</summary>
    public void Sized16(scoped ReadOnlySpan<byte> value)
    {
        U16(checked((ushort)value.Length));
        Bytes(value);
    }

    /// <summary>Text in UTF-8 with its length in 8 bits in front, cut at a character's end when it is longer than <paramref name="limit"/> bytes.</summary>
    public void Text8(string value, int limit)
    {
        var length = Take(1);
        Utf8.FromUtf16(value, _buffer.Slice(Length, Math.Min(limit, _buffer.Length - Length)), out _, out var written);
        length[0] = checked((byte)written);
        Length += written;
    }

    /// <summary>A list of texts with its count in 8 bits in front.</summary>
    public void Texts8(IReadOnlyList<string> values)
    {
        U8(checked((byte)values.Count));
        foreach (var value in values)
            Sized8(Encoding.UTF8.GetBytes(value));
    }

    private Span<byte> Take(int length)
    {
        var field = _buffer.Slice(Length, length);
        Length += length;
        return field;
    }
}
