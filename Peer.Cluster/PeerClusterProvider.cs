using Akka.Actor;

namespace Peer.Cluster;

/// <summary>Creates the <see cref="PeerCluster"/> extension.</summary>
public sealed class PeerClusterProvider : ExtensionIdProvider<PeerCluster>
{
    /// <inheritdoc />
    public override PeerCluster CreateExtension(ExtendedActorSystem system) => new(system);
}
