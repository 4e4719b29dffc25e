namespace Peer.TestKit.Scenarios;

/// <summary>Draws scenarios.</summary>
internal sealed class ScenarioArtist(ulong seed, TimeSpan length)
{
    public Scenario Draw() => new()
    {
        Seed = seed, Length = length, Topology = Topology.Star, Peers = [], Faults = [], FaultsEnd = length, TrafficEnd = length,
    };
}
