using MessagePack;
using Peer.Cluster.Messages;
using Peer.Cluster.Rooms;

namespace Peer.Cluster.Listing;

/// <summary>The bytes of questions for rooms and of their answers.</summary>
internal static class ListingCodec
{
    private const int MaxNode = 256;
    private const int MaxProperties = 256;

    public static void Write(ref MessagePackWriter writer, RoomsWanted wanted)
    {
        writer.WriteArrayHeader(3);
        writer.Write(wanted.Query.Limit);
        writer.Write((byte)wanted.Query.Order);
        writer.WriteArrayHeader(wanted.Query.Where.Count);
        foreach (var condition in wanted.Query.Where)
        {
            writer.WriteArrayHeader(3);
            writer.Write(condition.Name);
            writer.Write((byte)condition.Is);
            Write(ref writer, condition.Value);
        }
    }

    public static RoomsWanted ReadWanted(ref MessagePackReader reader)
    {
        var limit = reader.ReadInt32();
        var order = (RoomOrder)reader.ReadByte();
        var where = new RoomCondition[Count(ref reader, RoomQuery.MaxConditions)];
        for (var i = 0; i < where.Length; i++)
        {
            Expect(ref reader, 3);
            where[i] = new RoomCondition(ClusterCodec.Text(ref reader, 32), (RoomComparison)reader.ReadByte(), Value(ref reader));
        }

        if (limit is < 1 or > RoomQuery.MaxRooms || !Enum.IsDefined(order) || Array.Exists(where, condition => !Enum.IsDefined(condition.Is)))
            throw new FormatException("a question for rooms is not legal");
        return new RoomsWanted(new RoomQuery { Limit = limit, Order = order, Where = where });
    }

    public static void Write(ref MessagePackWriter writer, RoomsFound found)
    {
        writer.WriteArrayHeader(2);
        writer.Write(found.IsComplete);
        writer.WriteArrayHeader(found.Rooms.Count);
        foreach (var room in found.Rooms)
        {
            writer.WriteArrayHeader(5);
            writer.Write(room.Key);
            writer.Write(room.Node);
            writer.Write(room.Endpoint);
            writer.Write(room.Peers);
            writer.WriteMapHeader(room.Properties.Count);
            foreach (var (name, value) in room.Properties)
            {
                writer.Write(name);
                Write(ref writer, value);
            }
        }
    }

    public static RoomsFound ReadFound(ref MessagePackReader reader)
    {
        var isComplete = reader.ReadBoolean();
        var rooms = new RoomInfo[Count(ref reader, RoomQuery.MaxRooms)];
        for (var i = 0; i < rooms.Length; i++)
        {
            Expect(ref reader, 5);
            rooms[i] = new RoomInfo(
                ClusterCodec.Key(ref reader), ClusterCodec.Text(ref reader, MaxNode), ClusterCodec.Text(ref reader, ClusterCodec.MaxEndpoint), ClusterCodec.Natural(ref reader), Properties(ref reader));
        }

        return new RoomsFound(rooms, isComplete);
    }

    private static Dictionary<string, RoomValue> Properties(ref MessagePackReader reader)
    {
        var count = reader.ReadMapHeader();
        if (count > MaxProperties)
            throw new FormatException("a room has too many properties");
        var properties = new Dictionary<string, RoomValue>(StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
            properties[ClusterCodec.Text(ref reader, 32)] = Value(ref reader);
        return properties;
    }

    private static void Write(ref MessagePackWriter writer, RoomValue value)
    {
        if (value.Text is { } text)
            writer.Write(text);
        else
            writer.Write(value.Number);
    }

    private static RoomValue Value(ref MessagePackReader reader) =>
        reader.NextMessagePackType == MessagePackType.String ? RoomValue.Of(ClusterCodec.Text(ref reader, RoomValue.MaxTextBytes)) : RoomValue.Of(reader.ReadDouble());

    private static int Count(ref MessagePackReader reader, int most)
    {
        var count = reader.ReadArrayHeader();
        return count <= most ? count : throw new FormatException("a list is too long");
    }

    private static void Expect(ref MessagePackReader reader, int fields)
    {
        if (reader.ReadArrayHeader() != fields)
            throw new FormatException("a list has other fields");
    }
}
