namespace Peer.Tests.Cluster;

/// <summary>Stories with several nodes in one process take their turns: they keep time by real heartbeats.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ClusterTests
{
    public const string Name = "Cluster";
}
