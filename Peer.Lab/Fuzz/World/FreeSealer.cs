using System.Buffers.Binary;
using System.Security.Cryptography;
using Peer.Protocol.Crypto;

namespace Peer.Lab.Fuzz.World;

/// <summary>Seals datagrams as somebody does who holds the keys and keeps no rule: any number, as often as he likes.</summary>
internal sealed class FreeSealer(byte[] key, byte[] iv, ulong connectionId) : IDisposable
{
    private readonly AesGcm _cipher = new(key, SealedHeader.TagLength);

    public byte[] Seal(long number, ReadOnlySpan<byte> frames)
    {
        var datagram = new byte[SealedHeader.Length + frames.Length + SealedHeader.TagLength];
        SealedHeader.Write(datagram, connectionId, number, frames.Length);
        Span<byte> nonce = stackalloc byte[PacketProtection.IvLength];
        iv.CopyTo(nonce);
        BinaryPrimitives.WriteInt64LittleEndian(nonce[4..], BinaryPrimitives.ReadInt64LittleEndian(nonce[4..]) ^ number);
        _cipher.Encrypt(nonce, frames, datagram.AsSpan(SealedHeader.Length, frames.Length), datagram.AsSpan(^SealedHeader.TagLength..), datagram.AsSpan(0, SealedHeader.Length));
        return datagram;
    }

    public void Dispose() => _cipher.Dispose();
}
