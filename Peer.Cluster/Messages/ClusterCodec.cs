using System.Buffers;
using MessagePack;
using Peer.Cluster.Listing;
using Peer.Cluster.Rooms;
using Peer.Protocol;

namespace Peer.Cluster.Messages;

/// <summary>The bytes of messages between nodes. Every count is checked against what is there.</summary>
internal static class ClusterCodec
{
    public const int MaxEndpoint = 64;
    public const int MaxText = 512;
    public const int MaxPath = 1024;

    public static string ManifestOf(object message) => message switch
    {
        FindRoom => "F",
        WakeRoom => "W",
        RoomAt => "A",
        RoomDenied => "D",
        StateWanted => "S",
        NoState => "N",
        StateOffered => "O",
        ChunkWanted => "C",
        StateChunk => "B",
        RoomMoved => "M",
        NodeReport => "R",
        RoomsWanted => "Q",
        RoomsFound => "L",
        _ => throw new ArgumentException($"no message between nodes: {message.GetType()}", nameof(message)),
    };

    public static byte[] Encode(object message)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(buffer);
        switch (message)
        {
            case FindRoom find:
                writer.WriteArrayHeader(1);
                writer.Write(find.Key);
                break;

            case WakeRoom wake:
                writer.WriteArrayHeader(1);
                writer.Write(wake.Key);
                break;

            case RoomAt at:
                writer.WriteArrayHeader(3);
                writer.Write(at.Key);
                writer.Write(at.Endpoint);
                writer.Write(at.Home);
                break;

            case RoomDenied denied:
                writer.WriteArrayHeader(3);
                writer.Write(denied.Key);
                writer.Write((byte)denied.Reason);
                writer.Write(Cut(denied.Text));
                break;

            case StateWanted wanted:
                Write(ref writer, wanted.Key, wanted.Claim, 2);
                break;

            case NoState none:
                Write(ref writer, none.Key, none.Claim, 2);
                break;

            case StateOffered offered:
                Write(ref writer, offered.Key, offered.Claim, 3);
                writer.Write(offered.Length);
                break;

            case ChunkWanted wanted:
                Write(ref writer, wanted.Key, wanted.Claim, 3);
                writer.Write(wanted.Offset);
                break;

            case StateChunk chunk:
                Write(ref writer, chunk.Key, chunk.Claim, 4);
                writer.Write(chunk.Offset);
                writer.Write(chunk.Bytes.Span);
                break;

            case RoomMoved moved:
                writer.WriteArrayHeader(2);
                writer.Write(moved.Key);
                writer.Write(moved.Endpoint);
                break;

            case NodeReport report:
                writer.WriteArrayHeader(5);
                writer.Write(report.Door);
                writer.Write(report.Rooms);
                writer.Write(report.Peers);
                writer.Write(report.MaxRooms);
                writer.Write(report.IsDraining);
                break;

            case RoomsWanted wanted:
                ListingCodec.Write(ref writer, wanted);
                break;

            case RoomsFound found:
                ListingCodec.Write(ref writer, found);
                break;

            default:
                throw new ArgumentException($"no message between nodes: {message.GetType()}", nameof(message));
        }

        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    public static INodeMessage Decode(ReadOnlyMemory<byte> bytes, string manifest)
    {
        var reader = new MessagePackReader(bytes);
        var fields = reader.ReadArrayHeader();
        INodeMessage message = (manifest, fields) switch
        {
            ("F", 1) => new FindRoom(Key(ref reader)),
            ("W", 1) => new WakeRoom(Key(ref reader)),
            ("A", 3) => new RoomAt(Key(ref reader), Text(ref reader, MaxEndpoint), Text(ref reader, MaxPath)),
            ("D", 3) => new RoomDenied(Key(ref reader), (DisconnectReason)reader.ReadByte(), Text(ref reader, MaxText)),
            ("S", 2) => new StateWanted(Key(ref reader), reader.ReadInt64()),
            ("N", 2) => new NoState(Key(ref reader), reader.ReadInt64()),
            ("O", 3) => new StateOffered(Key(ref reader), reader.ReadInt64(), Natural(ref reader)),
            ("C", 3) => new ChunkWanted(Key(ref reader), reader.ReadInt64(), Natural(ref reader)),
            ("B", 4) => new StateChunk(Key(ref reader), reader.ReadInt64(), Natural(ref reader), Bytes(ref reader, StateChunk.MaxBytes)),
            ("M", 2) => new RoomMoved(Key(ref reader), Text(ref reader, MaxEndpoint)),
            ("R", 5) => new NodeReport(Text(ref reader, MaxEndpoint), Natural(ref reader), Natural(ref reader), Natural(ref reader), reader.ReadBoolean()),
            ("Q", 3) => ListingCodec.ReadWanted(ref reader),
            ("L", 2) => ListingCodec.ReadFound(ref reader),
            _ => throw new FormatException($"no message '{manifest}' has {fields} fields"),
        };
        return reader.End ? message : throw new FormatException("bytes follow the message");
    }

    /// <summary>Texts for people are cut where they are written, so that they can be read.</summary>
    private static string Cut(string text) => text.Length <= MaxText ? text : text[..MaxText];

    private static void Write(ref MessagePackWriter writer, string key, long claim, int fields)
    {
        writer.WriteArrayHeader(fields);
        writer.Write(key);
        writer.Write(claim);
    }

    public static string Key(ref MessagePackReader reader)
    {
        var key = Text(ref reader, RoomKey.MaxLength);
        return RoomKey.IsValid(key) ? key : throw new FormatException("a room's key is not legal");
    }

    public static string Text(ref MessagePackReader reader, int most)
    {
        var text = reader.ReadString();
        return text is not null && text.Length <= most ? text : throw new FormatException("a text is missing or too long");
    }

    public static int Natural(ref MessagePackReader reader)
    {
        var number = reader.ReadInt32();
        return number >= 0 ? number : throw new FormatException("a number is negative");
    }

    private static byte[] Bytes(ref MessagePackReader reader, int most)
    {
        var bytes = reader.ReadBytes();
        return bytes is { } read && read.Length <= most ? read.ToArray() : throw new FormatException("bytes are missing or too many");
    }
}
