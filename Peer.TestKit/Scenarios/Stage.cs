namespace Peer.TestKit.Scenarios;

/// <summary>Plays one scenario.</summary>
internal sealed class Stage(Scenario scenario, bool keepTimeline) : IDisposable
{
    private readonly Simulation _simulation = new(scenario.Seed);

    public ScenarioResult Play() => new(scenario, keepTimeline ? 1UL : 0, _simulation.Time.Elapsed, 0, 0, null, Timeline.Empty);

    public void Dispose() => _simulation.Dispose();
}
