using System.Buffers.Binary;
using Peer.Protocol.ENet;
using Peer.TestKit;

namespace Peer.Lab.Fuzz.World;

/// <summary>Commands of ENet: genuine ones, almost genuine ones, and changes of some that know their fields.</summary>
internal static class ENetForge
{
    private const int PieceLength = 300;
    private const int MostCommands = 32;

    /// <summary>A command that reads as one, with small numbers, so that several of them meet.</summary>
    public static byte[] Command(SeededSource random)
    {
        var number = (ushort)(random.Below(8) == 0 ? Havoc.Number(random) : random.Below(10));
        var channel = (byte)(random.Below(6) == 0 ? 0xFF : random.Below(4));
        return random.Below(14) switch
        {
            0 => Numbers(ENetCommand.Acknowledge, 0, channel, number, number, (ushort)random.Below(65_536)),
            1 => Words(ENetCommand.Disconnect, Flag(random), 0xFF, number, (uint)random.Below(300)),
            2 => Words(ENetCommand.Ping, 0x80, 0xFF, number),
            3 or 4 or 5 => Reliable(channel, number, random.Below(random.Below(4) == 0 ? 1_200 : 40)),
            6 or 7 => Second(ENetCommand.SendUnreliable, 0, channel, number, (ushort)random.Below(6), random.Below(60)),
            8 => Second(ENetCommand.SendUnsequenced, 0x40, channel, 0, (ushort)(random.Below(4) == 0 ? Havoc.Number(random) : random.Below(40)), random.Below(60)),
            9 or 10 => Fragment(ENetCommand.SendFragment, 0x80, random, channel, number),
            11 => Fragment(ENetCommand.SendUnreliableFragment, 0, random, channel, number),
            12 => Words(ENetCommand.BandwidthLimit, 0x80, 0xFF, number, (uint)Havoc.Number(random), (uint)Havoc.Number(random)),
            _ => Words(ENetCommand.ThrottleConfigure, 0x80, 0xFF, number, (uint)Havoc.Number(random), (uint)Havoc.Number(random), (uint)Havoc.Number(random)),
        };
    }

    public static byte[] Connect(ConnectionOffer offer, uint data)
    {
        var command = Words(ENetCommand.Connect, 0x80, 0xFF, 1, [.. new uint[11]]);
        offer.Write(command.AsSpan(ENetFormat.CommandHeaderSize));
        BinaryPrimitives.WriteUInt32BigEndian(command.AsSpan(44), data);
        return command;
    }

    public static byte[] Reliable(byte channel, ushort number, int length) => [.. Numbers(ENetCommand.SendReliable, 0x80, channel, number, (ushort)length), .. Content(length)];

    public static byte[] Words(ENetCommand kind, byte flags, byte channel, ushort number, params ReadOnlySpan<uint> words)
    {
        var command = new byte[ENetFormat.CommandHeaderSize + (4 * words.Length)];
        Head(command, kind, flags, channel, number);
        for (var i = 0; i < words.Length; i++)
            BinaryPrimitives.WriteUInt32BigEndian(command.AsSpan(4 + (4 * i)), words[i]);
        return command;
    }

    public static byte[] Numbers(ENetCommand kind, byte flags, byte channel, ushort number, params ReadOnlySpan<ushort> numbers)
    {
        var command = new byte[ENetFormat.CommandHeaderSize + (2 * numbers.Length)];
        Head(command, kind, flags, channel, number);
        for (var i = 0; i < numbers.Length; i++)
            BinaryPrimitives.WriteUInt16BigEndian(command.AsSpan(4 + (2 * i)), numbers[i]);
        return command;
    }

    /// <summary>A piece of a message that is cut as a sender cuts it.</summary>
    public static byte[] Piece(ENetCommand kind, byte flags, byte channel, ushort number, ushort start, uint count, uint index, uint total)
    {
        var offset = index * PieceLength;
        var length = (int)Math.Min(PieceLength, total - offset);
        var command = new byte[ENetFormat.FragmentSize + length];
        Numbers(kind, flags, channel, number, start, (ushort)length).CopyTo(command, 0);
        ReadOnlySpan<uint> words = [count, index, total, offset];
        for (var i = 0; i < words.Length; i++)
            BinaryPrimitives.WriteUInt32BigEndian(command.AsSpan(8 + (4 * i)), words[i]);
        return command;
    }

    /// <summary>Changes commands that begin at an offset, by one field or by one command; returns the new length of it all.</summary>
    public static int Mutate(Span<byte> bytes, int length, int from, SeededSource random)
    {
        Span<int> starts = stackalloc int[MostCommands + 1];
        var count = 0;
        var end = from;
        while (count < MostCommands && end < length)
        {
            starts[count++] = end;
            end = Math.Min(length, end + LengthOf(bytes[end..length]));
        }

        if (count == 0)
            return Insert(bytes, length, Math.Min(from, length), Command(random));
        starts[count] = end;
        var picked = random.Below(count);
        var (at, next) = (starts[picked], starts[picked + 1]);
        switch (random.Below(8))
        {
            case 0:
                return Insert(bytes, length, at, Command(random));
            case 1:
                return Insert(bytes, length, length, Command(random));
            case 2 when count > 1:
                bytes[next..length].CopyTo(bytes[at..]);
                return length - (next - at);
            case 3:
                return Insert(bytes, length, length, bytes[at..next].ToArray());
            case 4:
                bytes[at] = (byte)((bytes[at] & 0xF0) | random.Below(16));
                return length;
            case 5:
                bytes[at] ^= (byte)(0x40 << random.Below(2));
                return length;
            default:
                ChangeNumber(bytes[at..next], random);
                return length;
        }
    }

    private static byte Flag(SeededSource random) => (byte)(0x40 << random.Below(2));

    private static byte[] Second(ENetCommand kind, byte flags, byte channel, ushort number, ushort second, int length) =>
        [.. Numbers(kind, flags, channel, number, second, (ushort)length), .. Content(length)];

    private static byte[] Fragment(ENetCommand kind, byte flags, SeededSource random, byte channel, ushort number)
    {
        var count = (uint)(1 + random.Below(4));
        var total = (count * PieceLength) - (uint)random.Below(PieceLength);
        var index = (uint)random.Below((int)count);
        var start = kind == ENetCommand.SendFragment ? (ushort)(number - index) : (ushort)(1 + random.Below(4));
        return Piece(kind, flags, channel, number, start, count, index, total);
    }

    private static byte[] Content(int length)
    {
        var content = new byte[length];
        for (var i = 0; i < length; i++)
            content[i] = (byte)(i % 7);
        return content;
    }

    private static void Head(Span<byte> command, ENetCommand kind, byte flags, byte channel, ushort number)
    {
        (command[0], command[1]) = ((byte)((byte)kind | flags), channel);
        BinaryPrimitives.WriteUInt16BigEndian(command[2..], number);
    }

    private static int LengthOf(ReadOnlySpan<byte> body)
    {
        var kind = (ENetCommand)(body[0] & ENetFormat.CommandMask);
        var size = ENetFormat.SizeOf(kind);
        if (size == 0 || size > body.Length)
            return body.Length;
        var data = kind switch
        {
            ENetCommand.SendReliable => BinaryPrimitives.ReadUInt16BigEndian(body[4..]),
            ENetCommand.SendUnreliable or ENetCommand.SendUnsequenced or ENetCommand.SendFragment or ENetCommand.SendUnreliableFragment => BinaryPrimitives.ReadUInt16BigEndian(body[6..]),
            _ => 0,
        };
        return size + data;
    }

    private static int Insert(Span<byte> bytes, int length, int at, ReadOnlySpan<byte> more)
    {
        if (length + more.Length > bytes.Length)
            return length;
        bytes[at..length].CopyTo(bytes[(at + more.Length)..]);
        more.CopyTo(bytes[at..]);
        return length + more.Length;
    }

    /// <summary>Fields lie at even offsets and are two or four bytes wide.</summary>
    private static void ChangeNumber(Span<byte> command, SeededSource random)
    {
        if (command.Length < 4)
            return;
        var fields = Math.Min(command.Length, 48);
        var at = random.Below(fields / 2) * 2;
        if (at + 4 <= command.Length && random.Below(2) == 0)
        {
            var before = BinaryPrimitives.ReadUInt32BigEndian(command[at..]);
            BinaryPrimitives.WriteUInt32BigEndian(command[at..], random.Below(2) == 0 ? (uint)Havoc.Number(random) : before + (uint)random.Below(9) - 4);
        }
        else
        {
            var before = BinaryPrimitives.ReadUInt16BigEndian(command[at..]);
            BinaryPrimitives.WriteUInt16BigEndian(command[at..], random.Below(2) == 0 ? (ushort)Havoc.Number(random) : (ushort)(before + random.Below(9) - 4));
        }
    }
}
