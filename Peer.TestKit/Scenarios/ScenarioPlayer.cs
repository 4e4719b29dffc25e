namespace Peer.TestKit.Scenarios;

/// <summary>Plays scenarios under the eyes of an oracle.</summary>
public static class ScenarioPlayer
{
    /// <summary>Plays a scenario from beginning to end, or to the first law broken.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="keepTimeline">Whether to keep the timeline of a run that breaks no law too.</param>
    public static ScenarioResult Play(Scenario scenario, bool keepTimeline = false)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        var result = Once(scenario, keepTimeline);
        return result.Violation is null || keepTimeline ? result : Once(scenario, keepTimeline: true);
    }

    internal static ScenarioResult Once(Scenario scenario, bool keepTimeline)
    {
        using var stage = new Stage(scenario, keepTimeline);
        return stage.Play();
    }
}
