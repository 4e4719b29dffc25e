using System.Buffers;
using Akka.Actor;
using MessagePack;

namespace Peer.Actors.Spanning;

/// <summary>Messages between the managers of a spanning room.</summary>
internal sealed class SpanSerializer(ExtendedActorSystem system) : MessageSerializer(system)
{
    private const int MaxGateways = 1 << 10;
    private const int MaxPeers = 1 << 20;

    public override int Identifier => 7702;

    public override string Manifest(object o) => o switch
    {
        SpanBatch => "b",
        SpanCredit => "c",
        SpanJoin => "j",
        SpanWelcome => "w",
        SpanRefused => "r",
        SpanOpen => "o",
        SpanBroken => "x",
        SpanStray => "s",
        SpanEnd => "e",
        SpanMoves => "m",
        _ => throw new ArgumentException($"no message of a spanning room: {o.GetType()}", nameof(o)),
    };

    public override byte[] ToBinary(object obj)
    {
        var buffer = new ArrayBufferWriter<byte>(obj is SpanBatch { Bytes.Length: var length } ? length + 32 : 64);
        var writer = new MessagePackWriter(buffer);
        switch (obj)
        {
            case SpanBatch batch:
                writer.Write(batch.Link);
                writer.Write(batch.Number);
                writer.Write(batch.Last);
                writer.Write(batch.Bytes);
                break;

            case SpanCredit credit:
                writer.Write(credit.Link);
                writer.Write(credit.Total);
                break;

            case SpanJoin join:
                writer.Write(join.Room);
                break;

            case SpanWelcome welcome:
                writer.Write(welcome.Slot);
                writer.WriteArrayHeader(welcome.Gateways.Length);
                foreach (var gateway in welcome.Gateways)
                    writer.Write(gateway);
                break;

            case SpanRefused refused:
                writer.Write(refused.Cause);
                break;

            case SpanOpen open:
                writer.Write(open.Link);
                writer.Write(open.Answers);
                writer.WriteArrayHeader(open.Peers.Length);
                foreach (var peer in open.Peers)
                    writer.Write(peer);
                break;

            case SpanBroken broken:
                writer.Write(broken.Link);
                writer.Write(broken.Cause);
                break;

            case SpanStray stray:
                writer.Write(stray.Link);
                break;

            case SpanEnd end:
                writer.Write(end.Reason);
                writer.Write(end.Text);
                break;

            case SpanMoves:
                break;

            default:
                throw new ArgumentException($"no message of a spanning room: {obj.GetType()}", nameof(obj));
        }

        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    protected override object Read(byte[] bytes, string manifest)
    {
        var reader = new MessagePackReader(bytes);
        ISpanMessage message = manifest switch
        {
            "b" => new SpanBatch(reader.ReadUInt64(), reader.ReadInt64(), reader.ReadBoolean(), ReadBytes(ref reader)),
            "c" => new SpanCredit(reader.ReadUInt64(), reader.ReadInt64()),
            "j" => new SpanJoin(ReadText(ref reader)),
            "w" => new SpanWelcome(reader.ReadInt32(), ReadTexts(ref reader)),
            "r" => new SpanRefused(ReadText(ref reader)),
            "o" => new SpanOpen(reader.ReadUInt64(), reader.ReadUInt64(), ReadPeers(ref reader)),
            "x" => new SpanBroken(reader.ReadUInt64(), ReadText(ref reader)),
            "s" => new SpanStray(reader.ReadUInt64()),
            "e" => new SpanEnd(reader.ReadByte(), ReadText(ref reader)),
            "m" => SpanMoves.Instance,
            _ => throw new ArgumentException($"no message of a spanning room has the manifest '{manifest}'", nameof(manifest)),
        };
        return reader.End ? message : throw new FormatException("bytes follow the message");
    }

    private static string ReadText(ref MessagePackReader reader) => reader.ReadString() ?? throw new FormatException("a text is missing");

    private static byte[] ReadBytes(ref MessagePackReader reader) => reader.ReadBytes() is { } bytes ? bytes.ToArray() : throw new FormatException("bytes are missing");

    private static string[] ReadTexts(ref MessagePackReader reader)
    {
        var texts = new string[Checked(reader.ReadArrayHeader(), MaxGateways)];
        for (var i = 0; i < texts.Length; i++)
            texts[i] = ReadText(ref reader);
        return texts;
    }

    private static int[] ReadPeers(ref MessagePackReader reader)
    {
        var peers = new int[Checked(reader.ReadArrayHeader(), MaxPeers)];
        for (var i = 0; i < peers.Length; i++)
            peers[i] = reader.ReadInt32();
        return peers;
    }

    private static int Checked(int count, int most) => count <= most ? count : throw new FormatException($"{count} elements");
}
