namespace Peer.Tests;

/// <summary>Tests that look whether a port is free, or take one that was free a moment ago, run alone: another test's socket could have got it meanwhile.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class PortTests
{
    public const string Name = "ports";
}
