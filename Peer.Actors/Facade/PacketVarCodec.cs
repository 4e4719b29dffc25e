using System.Buffers;
using MessagePack;

namespace Peer.Actors.Facade;

/// <summary>MessagePack as <c>GetVar</c> and <c>PutVar</c> use it: bytes from strangers never choose a type, a depth or an allocation.</summary>
internal sealed class PacketVarCodec
{
    private static readonly MessagePackSerializerOptions Options =
        MessagePackSerializerOptions.Standard.WithSecurity(MessagePackSecurity.UntrustedData);

    private readonly CappedBuffer _buffer = new();

    /// <summary>Throws for a type that has no format, which is the caller's mistake and not the sender's.</summary>
    public static void Verify<T>() => Options.Resolver.GetFormatterWithVerify<T>();

    /// <summary>Reads one value; false when the bytes are not exactly that.</summary>
    public static bool TryDecode<T>(ReadOnlyMemory<byte> bytes, out T? value)
    {
        try
        {
            value = MessagePackSerializer.Deserialize<T>(bytes, Options, out var read);
            if (read == bytes.Length)
                return true;
        }
        catch (MessagePackSerializationException)
        {
            // Malformed input is data: the caller turns it into an error code.
        }

        value = default;
        return false;
    }

    /// <summary>Encodes a value into memory that is valid until the next call; false when it takes more than the limit.</summary>
    public bool TryEncode<T>(T value, int limit, out ReadOnlySpan<byte> encoded)
    {
        _buffer.Reset(limit);
        try
        {
            MessagePackSerializer.Serialize(_buffer, value, Options);
        }
        catch (MessagePackSerializationException) when (_buffer.Overflowed)
        {
        }
        catch (CappedBuffer.FullException)
        {
        }

        encoded = _buffer.Overflowed ? default : _buffer.Written;
        return !_buffer.Overflowed;
    }

    /// <summary>Stops an encoding as soon as it is too long, and keeps a small array for the next one.</summary>
    private sealed class CappedBuffer : IBufferWriter<byte>
    {
        private const int KeptBytes = 64 * 1024;

        private byte[] _array = new byte[256];
        private int _written;
        private int _limit;

        public bool Overflowed { get; private set; }

        public ReadOnlySpan<byte> Written => _array.AsSpan(0, _written);

        public void Reset(int limit)
        {
            if (_array.Length > KeptBytes)
                _array = new byte[256];
            _written = 0;
            _limit = limit;
            Overflowed = false;
        }

        public void Advance(int count)
        {
            _written += count;
            if (_written > _limit)
                throw Full();
        }

        public Memory<byte> GetMemory(int sizeHint = 0)
        {
            // A string asks for three bytes a character before it knows better, so a hint may be that much over what comes.
            if (sizeHint > (3L * _limit) + 64)
                throw Full();
            var needed = _written + Math.Max(sizeHint, 1);
            if (needed > _array.Length)
                Array.Resize(ref _array, (int)Math.Min(Array.MaxLength, Math.Max(needed, 2L * _array.Length)));
            return _array.AsMemory(_written);
        }

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        private FullException Full()
        {
            Overflowed = true;
            return new FullException();
        }

        internal sealed class FullException() : Exception("the encoding is over its limit");
    }
}
