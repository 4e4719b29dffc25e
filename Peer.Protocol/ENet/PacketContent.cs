using System.Buffers.Binary;
using Peer.Protocol.Delivery;

namespace Peer.Protocol.ENet;

/// <summary>The bytes of a message: a slice of a shared buffer, perhaps after eight bytes that each receiver gets for himself, so that nothing is copied to put them there.</summary>
/// <param name="Payload">The slice.</param>
/// <param name="Owner">The buffer behind it, null when it is the garbage collector's.</param>
/// <param name="HeaderLength">0 or 8.</param>
/// <param name="Header">The eight bytes, the first the lowest.</param>
internal readonly record struct PacketContent(ReadOnlyMemory<byte> Payload, RunBuffer? Owner, int HeaderLength = 0, ulong Header = 0)
{
    public int Length => HeaderLength + Payload.Length;

    /// <summary>Copies the part from the offset on that fills the destination.</summary>
    public void CopyTo(int offset, Span<byte> destination)
    {
        if (offset < HeaderLength)
        {
            Span<byte> header = stackalloc byte[sizeof(ulong)];
            BinaryPrimitives.WriteUInt64LittleEndian(header, Header);
            var part = header[offset..HeaderLength];
            if (part.Length > destination.Length)
                part = part[..destination.Length];
            part.CopyTo(destination);
            destination = destination[part.Length..];
            offset = HeaderLength;
        }

        Payload.Span.Slice(offset - HeaderLength, destination.Length).CopyTo(destination);
    }
}
