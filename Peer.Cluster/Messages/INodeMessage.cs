namespace Peer.Cluster.Messages;

/// <summary>What crosses from node to node; bound to <see cref="ClusterSerializer"/>.</summary>
internal interface INodeMessage;

/// <summary>What the shard region takes to a room, wherever that is; the room opens if it is not open.</summary>
internal interface IRoomBound : INodeMessage
{
    string Key { get; }
}
