using System.Buffers.Binary;

namespace Peer.Protocol.Routing;

/// <summary>Draws peer IDs: 2 .. 2 147 483 647, never one in use. 1 is the server and 0 is nobody.</summary>
internal static class PeerIds
{
    public const int Server = 1;
    public const int FirstClient = 2;

    public static int Generate(IRandomSource random, Func<int, bool> isTaken)
    {
        Span<byte> bytes = stackalloc byte[4];
        while (true)
        {
            random.Fill(bytes);
            var id = BinaryPrimitives.ReadInt32LittleEndian(bytes) & int.MaxValue;
            if (id >= FirstClient && !isTaken(id))
                return id;
        }
    }
}
