using Peer.Actors.Facade;
using Peer.Protocol;

namespace Peer.Actors;

/// <summary>Something that packets can be put into and taken from, as Godot's class of that name. Not safe for several threads at once.</summary>
/// <remarks>A transport of your own derives from <see cref="MultiplayerPeer"/> rather than from here, unless it knows no peers.</remarks>
public abstract class PacketPeer
{
    private const int DefaultMaxPacketBytes = 16 * 1024 * 1024;

    private Error _error;
    private PacketVarCodec? _codec;

    /// <summary>Largest encoding that <see cref="PutVar{T}"/> sends, in bytes: 1 024 .. 268 435 456.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside that range.</exception>
    public int EncodeBufferMaxSize
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1024);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 256 * 1024 * 1024);
            field = value;
        }
    }

    = 8 * 1024 * 1024;

    /// <summary>How many packets can be taken now.</summary>
    protected abstract int QueuedPackets { get; }

    /// <summary>Largest payload that <see cref="SendPacket"/> is asked to send, in bytes; 16 MiB unless overridden.</summary>
    protected virtual int MaxPacketBytes => DefaultMaxPacketBytes;

    /// <summary>Sender of the packet taken last, 0 before the first.</summary>
    private protected int LastPeer { get; private set; }

    /// <summary>Channel of the packet taken last.</summary>
    private protected int LastChannel { get; private set; }

    /// <summary>Mode of the packet taken last.</summary>
    private protected TransferMode LastMode { get; private set; } = TransferMode.Reliable;

    /// <summary>Number of packets that <see cref="GetPacket"/> can take now.</summary>
    public int GetAvailablePacketCount()
    {
        ThrowIfUnusable();
        return QueuedPackets;
    }

    /// <summary>Takes the oldest packet, as a copy that is the caller's.</summary>
    /// <returns>The payload; an empty array, and <see cref="Error.Unavailable"/> from <see cref="GetPacketError"/>, when there is none.</returns>
    public byte[] GetPacket() => TryGetPacket(out var packet) ? packet.Payload.ToArray() : [];

    /// <summary>Takes the oldest packet without allocating.</summary>
    /// <param name="packet">The packet, valid until the next take.</param>
    /// <returns>False, and <see cref="Error.Unavailable"/> from <see cref="GetPacketError"/>, when there is none.</returns>
    public bool TryGetPacket(out ReceivedPacket packet)
    {
        ThrowIfUnusable();
        if (!TakePacket(out packet))
        {
            _error = Error.Unavailable;
            return false;
        }

        _error = Error.Ok;
        LastPeer = packet.Peer;
        LastChannel = packet.Channel;
        LastMode = packet.Mode;
        return true;
    }

    /// <summary>Outcome of the last take or put.</summary>
    public Error GetPacketError()
    {
        ThrowIfUnusable();
        return _error;
    }

    /// <inheritdoc cref="PutPacket(ReadOnlySpan{byte})" />
    /// <exception cref="ArgumentNullException">The payload is null.</exception>
    public Error PutPacket(byte[] payload)
    {
        ArgumentNullException.ThrowIfNull(payload);
        return PutPacket(payload.AsSpan());
    }

    /// <summary>Copies the payload and sends it; never blocks. An empty one is <see cref="Error.Ok"/> and sends nothing.</summary>
    /// <param name="payload">The bytes.</param>
    /// <returns>
    /// <see cref="Error.Ok"/>, or why nothing was sent: <see cref="Error.Unconfigured"/> while not connected, <see cref="Error.OutOfMemory"/> for a payload over
    /// the limit, <see cref="Error.InvalidParameter"/> for a target that nobody has, <see cref="Error.Busy"/> for a full queue. Each leaves the peer usable.
    /// </returns>
    public Error PutPacket(ReadOnlySpan<byte> payload)
    {
        ThrowIfUnusable();
        if (payload.IsEmpty)
            return _error = Error.Ok;
        var refusal = Refuse(payload.Length);
        return _error = refusal == Error.Ok ? SendPacket(payload) : refusal;
    }

    /// <summary>Takes the oldest packet and reads it as MessagePack.</summary>
    /// <typeparam name="T">What it is to be; a primitive, a collection, or a type with MessagePack attributes. Bytes never choose the type.</typeparam>
    /// <returns>
    /// The value, or the default: with <see cref="Error.Unavailable"/> from <see cref="GetPacketError"/> when there is no packet, and
    /// <see cref="Error.InvalidData"/> when its bytes are not exactly one such value.
    /// </returns>
    /// <exception cref="MessagePack.FormatterNotRegisteredException"><typeparamref name="T"/> has no MessagePack format; the packet stays where it is.</exception>
    public T? GetVar<T>()
    {
        PacketVarCodec.Verify<T>();
        if (!TryGetPacket(out var packet))
            return default;
        if (PacketVarCodec.TryDecode<T>(packet.Payload, out var value))
            return value;
        _error = Error.InvalidData;
        return default;
    }

    /// <summary>Sends a value as MessagePack.</summary>
    /// <typeparam name="T">A primitive, a collection, or a type with MessagePack attributes.</typeparam>
    /// <param name="value">The value.</param>
    /// <returns>As <see cref="PutPacket(ReadOnlySpan{byte})"/>; <see cref="Error.OutOfMemory"/> also when the encoding is larger than <see cref="EncodeBufferMaxSize"/>.</returns>
    /// <exception cref="MessagePack.FormatterNotRegisteredException"><typeparamref name="T"/> has no MessagePack format.</exception>
    /// <exception cref="MessagePack.MessagePackSerializationException">The value cannot be encoded.</exception>
    public Error PutVar<T>(T value)
    {
        ThrowIfUnusable();
        PacketVarCodec.Verify<T>();
        _codec ??= new PacketVarCodec();
        return _codec.TryEncode(value, EncodeBufferMaxSize, out var encoded)
            ? PutPacket(encoded)
            : _error = Error.OutOfMemory;
    }

    /// <summary>Takes the oldest packet; false when there is none.</summary>
    protected abstract bool TakePacket(out ReceivedPacket packet);

    /// <summary>Sends a payload of 1 .. <see cref="MaxPacketBytes"/> bytes, which is only valid during the call. Must not block.</summary>
    protected abstract Error SendPacket(ReadOnlySpan<byte> payload);

    /// <summary>Throws when the peer has been disposed of.</summary>
    private protected virtual void ThrowIfUnusable()
    {
    }

    /// <summary>Why a payload of that size may not even be tried.</summary>
    private protected virtual Error Refuse(int size) => size > MaxPacketBytes ? Error.OutOfMemory : Error.Ok;
}
