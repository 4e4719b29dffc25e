using System.Buffers.Binary;

namespace Peer.Protocol.Routing;

/// <summary>Draws peer IDs: 2 .. 2 147 483 647, never one in use. 1 is the server and 0 is nobody.</summary>
internal static class PeerIds
{
    public const int Server = 1;
    public const int FirstClient = 2;

    /// <summary>Draws an ID.</summary>
    /// <param name="random">Where it comes from.</param>
    /// <param name="isTaken">Whether somebody has it.</param>
    /// <param name="slot">Its remainder by the number of slots: servers that share an ID space have one each, and cannot draw the same.</param>
    /// <param name="slots">A power of two.</param>
    public static int Generate(IRandomSource random, Func<int, bool> isTaken, int slot = 0, int slots = 1)
    {
        Span<byte> bytes = stackalloc byte[4];
        while (true)
        {
            random.Fill(bytes);
            var id = (BinaryPrimitives.ReadInt32LittleEndian(bytes) & int.MaxValue & -slots) | slot;
            if (id >= FirstClient && !isTaken(id))
                return id;
        }
    }
}
