using System.Buffers.Binary;
using Peer.TestKit;

namespace Peer.Lab.Fuzz.World;

/// <summary>The places of a HELLO, for changes that hit a field.</summary>
internal static class HelloFields
{
    private const int CookieLengthAt = 118;

    private static readonly int[] Places = [0, 1, 2, 9, 10, 41, 42, 49, 50, 81, 82, 113, 114, 117, CookieLengthAt, 119, 127, 142, 143, 144, 145, 146];

    public static int Mutate(Span<byte> bytes, int length, SeededSource random)
    {
        var at = Places[random.Below(Places.Length)];
        if (at >= length - 2)
            return Havoc.Mutate(bytes, length, random);
        if (random.Below(3) == 0)
            BinaryPrimitives.WriteUInt16LittleEndian(bytes[at..], (ushort)Havoc.Number(random));
        else
            bytes[at] = (byte)(random.Below(2) == 0 ? Havoc.Number(random) : bytes[at] + random.Below(5) - 2);
        return length;
    }
}
