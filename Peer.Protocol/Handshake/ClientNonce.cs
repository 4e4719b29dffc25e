using System.Buffers.Binary;

namespace Peer.Protocol.Handshake;

/// <summary>A HELLO's nonce as a key: repetitions of one HELLO have the same.</summary>
internal readonly struct ClientNonce(ReadOnlySpan<byte> bytes) : IEquatable<ClientNonce>
{
    private readonly UInt128 _low = BinaryPrimitives.ReadUInt128LittleEndian(bytes);
    private readonly UInt128 _high = BinaryPrimitives.ReadUInt128LittleEndian(bytes[16..]);

    public bool Equals(ClientNonce other) => _low == other._low && _high == other._high;

    public override bool Equals(object? obj) => obj is ClientNonce other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(_low, _high);
}
