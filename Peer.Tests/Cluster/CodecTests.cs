using CsCheck;
using Peer.Cluster.Listing;
using Peer.Cluster.Messages;
using Peer.Cluster.Rooms;
using Peer.Protocol;

namespace Peer.Tests.Cluster;

/// <summary>Messages between nodes.</summary>
public sealed class CodecTests
{
    private static readonly Gen<string> Keys = Gen.String[Gen.Char["abcXYZ019._-:~"], 1, RoomKey.MaxLength];
    private static readonly Gen<string> Endpoints = Gen.String[Gen.Char["0123456789.:[]"], 0, ClusterCodec.MaxEndpoint];
    private static readonly Gen<int> Naturals = Gen.Int[0, int.MaxValue];
    private static readonly Gen<RoomValue> Values = Gen.OneOf(Gen.String[Gen.Char['!', '~'], 0, 100].Select(RoomValue.Of), Gen.Double[-1e9, 1e9].Select(RoomValue.Of));

    internal static readonly Gen<object> Messages = Gen.OneOf(
        Keys.Select(key => (object)new FindRoom(key)),
        Keys.Select(key => (object)new WakeRoom(key)),
        Gen.Select(Keys, Endpoints, Gen.String[Gen.Char['!', '~'], 0, 100], (key, endpoint, home) => (object)new RoomAt(key, endpoint, home)),
        Gen.Select(Keys, Gen.String[0, 50], (key, text) => (object)new RoomDenied(key, DisconnectReason.Full, text)),
        Gen.Select(Keys, Gen.Long, (key, claim) => (object)new StateWanted(key, claim)),
        Gen.Select(Keys, Gen.Long, (key, claim) => (object)new NoState(key, claim)),
        Gen.Select(Keys, Gen.Long, Naturals, (key, claim, length) => (object)new StateOffered(key, claim, length)),
        Gen.Select(Keys, Gen.Long, Naturals, (key, claim, offset) => (object)new ChunkWanted(key, claim, offset)),
        Gen.Select(Keys, Gen.Long, Naturals, Gen.Byte.Array[0, 300], (key, claim, offset, bytes) => (object)new StateChunk(key, claim, offset, bytes)),
        Gen.Select(Keys, Endpoints, (key, endpoint) => (object)new RoomMoved(key, endpoint)),
        Gen.Select(Endpoints, Naturals, Naturals, Gen.Bool, (door, rooms, peers, draining) => (object)new NodeReport(door, rooms, peers, 7, draining)),
        Gen.Select(Keys.Where(key => key.Length <= 32), Values, Gen.Int[1, RoomQuery.MaxRooms], (name, value, limit) =>
            (object)new RoomsWanted(new RoomQuery { Limit = limit, Order = RoomOrder.Emptiest, Where = [new RoomCondition(name, RoomComparison.AtMost, value)] })),
        Gen.Select(Keys, Endpoints, Values, Naturals, (key, endpoint, value, peers) =>
            (object)new RoomsFound([new RoomInfo(key, "node", endpoint, peers, new Dictionary<string, RoomValue> { ["mode"] = value })], true)));

    [Fact]
    public void What_is_written_is_read() => Messages.Sample(
        message =>
        {
            var bytes = ClusterCodec.Encode(message);
            var read = ClusterCodec.Decode(bytes, ClusterCodec.ManifestOf(message));
            Assert.Equal(message.GetType(), read.GetType());
            Assert.Equal(bytes, ClusterCodec.Encode(read));
        },
        iter: 2_000);

    [Fact]
    public void Less_or_more_than_a_message_is_none() => Messages.Sample(
        message =>
        {
            var (bytes, manifest) = (ClusterCodec.Encode(message), ClusterCodec.ManifestOf(message));
            for (var length = 0; length < bytes.Length; length++)
                Assert.ThrowsAny<Exception>(() => ClusterCodec.Decode(bytes.AsMemory(0, length), manifest));
            Assert.ThrowsAny<Exception>(() => ClusterCodec.Decode((byte[])[.. bytes, 0xC0], manifest));
        },
        iter: 50);

    [Fact]
    public void Damage_is_noticed_or_harmless_and_a_list_of_billions_takes_no_memory()
    {
        Gen.Select(Messages, Naturals).Sample(
            (message, at) =>
            {
                var bytes = ClusterCodec.Encode(message);
                bytes[at / 8 % bytes.Length] ^= (byte)(1 << (at % 8));
                Read(bytes, ClusterCodec.ManifestOf(message));
            },
            iter: 5_000);
        foreach (var manifest in "FWADSNOCBMRQL")
        {
            Gen.Byte.Array[0, 64].Sample(bytes => Read(bytes, $"{manifest}"), iter: 500);
            Read(Convert.FromHexString("DDFFFFFFFF"), $"{manifest}");
        }

        Read(Convert.FromHexString("92C3DD7FFFFFFF"), "L");
    }

    /// <summary>Only what the serializer turns into an exception of its own may be thrown.</summary>
    private static void Read(byte[] bytes, string manifest)
    {
        try
        {
            ClusterCodec.Decode(bytes, manifest);
        }
        catch (Exception e) when (e is MessagePack.MessagePackSerializationException or EndOfStreamException or FormatException or OverflowException or ArgumentException)
        {
        }
    }
}
