using Peer.TestKit.Scenarios;

namespace Peer.Lab.Simulate;

/// <summary>Where scenarios are played; a test puts a broken player here to see what the program says then.</summary>
internal sealed class Laboratory(Func<Scenario, bool, ScenarioResult> play)
{
    private const int LastLines = 25;

    public ScenarioResult Play(Scenario scenario, bool keepTimeline) => play(scenario, keepTimeline);

    /// <summary>Plays one seed for a sweep.</summary>
    public SeedOutcome Play(ulong seed, TimeSpan length) => Outcome(seed, Play(Scenario.Draw(seed, length), keepTimeline: false));

    public static SeedOutcome Outcome(ulong seed, ScenarioResult result) =>
        new(seed, result.TraceHash, result.VirtualTime, result.Datagrams, result.Delivered, result.Violation is { } broken ? Failure(broken, result.Timeline) : null);

    private static SeedFailure Failure(Violation broken, Timeline timeline) =>
        new(broken.Law, broken.At, FirstLine(broken.Text), timeline.Last(LastLines).Split('\n', StringSplitOptions.RemoveEmptyEntries));

    // The rest of it is the scenario and the timeline, which are printed in their own places.
    private static string FirstLine(string text) => text.Split('\n', 2)[0];
}
