using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Peer.Protocol.Handshake;

/// <summary>Reads a stranger's fields in order; the first one that is not there fails all that follow, so a codec checks once.</summary>
internal ref struct FieldReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Whether a field was missing or illegal.</summary>
    public bool Failed { get; private set; }

    /// <summary>Whether everything was legal and nothing is left.</summary>
    public readonly bool IsComplete => !Failed && _rest.IsEmpty;

    /// <summary>What has not been read.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    public ReadOnlySpan<byte> Bytes(int length)
    {
        if (Failed || length > _rest.Length)
        {
            Failed = true;
            return default;
        }

        var field = _rest[..length];
        _rest = _rest[length..];
        return field;
    }

    public byte U8() => Bytes(1) is [var value] ? value : (byte)0;

    public ushort U16() => Bytes(2) is { Length: 2 } field ? BinaryPrimitives.ReadUInt16LittleEndian(field) : (ushort)0;

    public int I32() => Bytes(4) is { Length: 4 } field ? BinaryPrimitives.ReadInt32LittleEndian(field) : 0;

    public long I64() => Bytes(8) is { Length: 8 } field ? BinaryPrimitives.ReadInt64LittleEndian(field) : 0;

    public ulong U64() => Bytes(8) is { Length: 8 } field ? BinaryPrimitives.ReadUInt64LittleEndian(field) : 0;

    /// <summary>A field with a 16-bit length in front, illegal above <paramref name="limit"/>.</summary>
    public ReadOnlySpan<byte> Sized16(int limit)
    {
        int length = U16();
        Failed |= length > limit;
        return Bytes(length);
    }

    /// <summary>UTF-8 with an 8-bit length in front, illegal above <paramref name="limit"/> bytes or when it is not UTF-8.</summary>
    public string Text8(int limit)
    {
        int length = U8();
        Failed |= length > limit;
        var field = Bytes(length);
        Failed |= !Utf8.IsValid(field);
        return Failed ? "" : Encoding.UTF8.GetString(field);
    }

    /// <summary>A list of texts with an 8-bit count in front; an empty text is illegal.</summary>
    public string[] Texts8()
    {
        int count = U8();
        var texts = new List<string>();
        while (count-- > 0 && !Failed)
        {
            var text = Text8(byte.MaxValue);
            Failed |= text.Length == 0;
            texts.Add(text);
        }

        return Failed ? [] : [.. texts];
    }
}
