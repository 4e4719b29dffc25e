using Akka.Cluster.Sharding;
using Peer.Cluster.Messages;

namespace Peer.Cluster.Placement;

/// <summary>The lots in which rooms are dealt to nodes: a room's lot follows from its key alone, so all nodes agree on it.</summary>
internal static class RoomShards
{
    public static IMessageExtractor Extractor(int shards) =>
        HashCodeMessageExtractor.Create(shards, static message => (message as IRoomBound)?.Key, static message => message);
}
