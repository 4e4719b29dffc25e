using System.Collections.Immutable;
using Akka.Actor;
using Peer.Cluster.Messages;

namespace Peer.Cluster.Hosts;

/// <summary>What a node's host last heard of the nodes, for whoever runs on another thread: the door, and whoever places rooms.</summary>
internal sealed class ClusterView
{
    private volatile ImmutableDictionary<Address, NodeReport> _nodes = ImmutableDictionary<Address, NodeReport>.Empty;

    /// <summary>By the node's address; this node's own among them.</summary>
    public ImmutableDictionary<Address, NodeReport> Nodes
    {
        get => _nodes;
        set => _nodes = value;
    }
}
