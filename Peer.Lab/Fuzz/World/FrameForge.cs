using System.Buffers.Binary;
using Peer.Protocol;
using Peer.Protocol.Delivery;
using Peer.Protocol.Wire;
using Peer.TestKit;

namespace Peer.Lab.Fuzz.World;

/// <summary>Frames that are almost right: legal in form mostly, and on the edges of what is legal in content.</summary>
internal static class FrameForge
{
    private const int MostFrames = 4;
    private const int MostPayload = 200;

    /// <summary>Changes frames of a datagram: appends some, begins with others, or has havoc with what is there.</summary>
    public static int Mutate(Span<byte> bytes, int length, SeededSource random)
    {
        switch (random.Below(4))
        {
            case 0:
                return WriteSome(bytes, 0, random);
            case 1:
                return WriteSome(bytes, length, random);
            case 2 when length > 0:
                return Havoc.Mutate(bytes, WriteSome(bytes, 0, random), random);
            default:
                return bytes.IsEmpty ? 0 : Havoc.Mutate(bytes, length, random);
        }
    }

    private static int WriteSome(Span<byte> bytes, int at, SeededSource random)
    {
        Span<byte> frame = stackalloc byte[1_400];
        for (var count = 1 + random.Below(MostFrames); count > 0; count--)
        {
            var size = Write(frame, random);
            if (size > bytes.Length - at)
                break;
            frame[..size].CopyTo(bytes[at..]);
            at += size;
        }

        return at;
    }

    private static int Write(Span<byte> frame, SeededSource random)
    {
        switch (random.Below(10))
        {
            case 0:
                return WriteAck(frame, random);
            case 1:
                frame[0] = FrameType.Credit;
                return 1 + Varint.Write(frame[1..], (ulong)Havoc.Number(random));
            case 2:
                frame[0] = random.Below(2) == 0 ? FrameType.PathChallenge : FrameType.PathResponse;
                BinaryPrimitives.WriteUInt64LittleEndian(frame[1..], random.Next());
                return 1 + FrameType.PathTokenLength;
            case 3 when random.Below(4) == 0:
                return WriteClose(frame, random);
            case 3:
                frame[0] = random.Below(8) == 0 ? FrameType.CloseAck : FrameType.Ping;
                return 1;
            case 4:
                var zeros = 1 + random.Below(20);
                frame[..zeros].Clear();
                return zeros;
            default:
                return WriteData(frame, random);
        }
    }

    private static int WriteData(Span<byte> frame, SeededSource random)
    {
        var isControl = random.Below(12) == 0;
        var isPiece = random.Below(3) == 0;
        var pieces = isPiece ? random.Below(8) switch { 0 => DataHeader.MaxFragments, 1 => 1_000, _ => 2 + random.Below(5) } : 0;
        var piece = isPiece ? random.Below(8) == 0 ? pieces - 1 : random.Below(Math.Min(pieces, 6)) : 0;
        var ended = !isPiece && random.Below(12) == 0;
        var payload = new byte[ended ? 0 : 1 + random.Below(MostPayload)];
        if (!ended)
            FillPayload(payload, isPiece, random);
        var header = new OutboundFrame
        {
            Key = isControl ? SequenceKey.Control : new SequenceKey((byte)(random.Below(8) == 0 ? random.Below(255) : random.Below(3)), (TransferMode)random.Below(3)),
            Sequence = random.Below(6) switch { 0 => Havoc.Number(random) & uint.MaxValue, 1 => piece, _ => random.Below(8) },
            Peer = ended || random.Below(3) == 0 ? random.Below(4) == 0 ? (int)Havoc.Number(random) : random.Below(7) - 3 : null,
            FragmentIndex = piece,
            FragmentCount = pieces,
            Ended = ended,
            Payload = payload,
        };
        var size = DataHeader.Write(frame, header);
        payload.CopyTo(frame[size..]);
        return size + payload.Length;
    }

    private static void FillPayload(Span<byte> payload, bool isPiece, SeededSource random)
    {
        if (isPiece)
        {
            payload.Fill((byte)random.Next());
            return;
        }

        // Messages up to the end, the last of which may say more than there is.
        while (payload.Length > 0)
        {
            var message = Math.Min(1 + random.Below(60), Math.Max(1, payload.Length - 1));
            payload[0] = (byte)(random.Below(40) == 0 ? random.Next() : (ulong)message);
            payload = payload[Math.Min(payload.Length, 1 + message)..];
        }
    }

    private static int WriteAck(Span<byte> frame, SeededSource random)
    {
        frame[0] = FrameType.Ack;
        var at = 1;
        var largest = random.Below(4) == 0 ? Havoc.Number(random) : random.Below(6);
        at += Varint.Write(frame[at..], (ulong)largest);
        at += Varint.Write(frame[at..], (ulong)(random.Below(3) == 0 ? Havoc.Number(random) : random.Below(1_000)));
        var more = random.Below(6) == 0 ? random.Below(66) : random.Below(3);
        at += Varint.Write(frame[at..], (ulong)more);
        at += Varint.Write(frame[at..], (ulong)random.Below(4));
        for (; more > 0; more--)
        {
            at += Varint.Write(frame[at..], (ulong)random.Below(3));
            at += Varint.Write(frame[at..], (ulong)random.Below(3));
        }

        return at;
    }

    private static int WriteClose(Span<byte> frame, SeededSource random)
    {
        frame[0] = FrameType.Close;
        frame[1] = (byte)random.Next();
        var text = random.Below(4) == 0 ? random.Below(256) : random.Below(10);
        frame[2] = (byte)text;
        random.Fill(frame.Slice(3, text));
        var payload = random.Below(4) == 0 ? random.Below(1_026) : random.Below(10);
        var at = 3 + text + Varint.Write(frame[(3 + text)..], (ulong)payload);
        frame.Slice(at, payload).Fill((byte)random.Next());
        return at + payload;
    }
}
