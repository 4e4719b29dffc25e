using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Peer.Protocol.Handshake;

/// <summary>A HELLO as a key, whatever its cookie: repetitions of one HELLO have the same, and one that was damaged on its way has another.</summary>
internal readonly struct HelloFingerprint : IEquatable<HelloFingerprint>
{
    private readonly UInt128 _low;
    private readonly UInt128 _high;

    public HelloFingerprint(Hello hello)
    {
        Span<byte> transcript = stackalloc byte[Hello.Length];
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(transcript[..hello.WriteTranscript(transcript)], digest);
        _low = BinaryPrimitives.ReadUInt128LittleEndian(digest);
        _high = BinaryPrimitives.ReadUInt128LittleEndian(digest[16..]);
    }

    public bool Equals(HelloFingerprint other) => _low == other._low && _high == other._high;

    public override bool Equals(object? obj) => obj is HelloFingerprint other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(_low, _high);
}
