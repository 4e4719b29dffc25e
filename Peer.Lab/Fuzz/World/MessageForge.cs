using Peer.TestKit;

namespace Peer.Lab.Fuzz.World;

/// <summary>MessagePack that is almost a control message: right shapes, wrong counts, types and numbers.</summary>
internal static class MessageForge
{
    public static int Mutate(Span<byte> bytes, int length, SeededSource random)
    {
        if (bytes.IsEmpty)
            return 0;
        if (length > 0 && random.Below(2) == 0)
            return Havoc.Mutate(bytes, length, random);
        Span<byte> message = stackalloc byte[96];
        var at = 0;
        var joined = random.Below(2) == 0;
        message[at++] = (byte)(0x90 + (random.Below(10) == 0 ? random.Below(16) : joined ? 2 : 5));
        message[at++] = (byte)(random.Below(10) == 0 ? random.Next() : joined ? 1UL : 2UL);
        if (joined)
        {
            var count = random.Below(8);
            message[at++] = (byte)(0x90 + (random.Below(10) == 0 ? random.Below(16) : count));
            for (; count > 0; count--)
                at += Number(message[at..], random);
        }
        else
        {
            at += Number(message[at..], random);
            message[at++] = (byte)random.Below(24);
            var text = random.Below(20);
            message[at++] = (byte)(0xA0 + (random.Below(10) == 0 ? random.Below(32) : text));
            random.Fill(message.Slice(at, text));
            at += text;
            var marks = random.Below(5);
            message[at++] = 0xC4;
            message[at++] = (byte)(random.Below(10) == 0 ? random.Next() : (ulong)marks);
            for (; marks > 0; marks--)
                message[at++] = (byte)random.Below(4);
        }

        at = Math.Min(at, bytes.Length);
        message[..at].CopyTo(bytes);
        return at;
    }

    private static int Number(Span<byte> at, SeededSource random)
    {
        switch (random.Below(6))
        {
            case 0:
                at[0] = 0xD2;
                System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(at[1..], (int)Havoc.Number(random));
                return 5;
            case 1:
                at[0] = (byte)random.Next();
                return 1;
            default:
                at[0] = (byte)random.Below(9);
                return 1;
        }
    }
}
