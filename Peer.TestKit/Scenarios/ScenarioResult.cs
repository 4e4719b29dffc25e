namespace Peer.TestKit.Scenarios;

/// <summary>How a scenario went.</summary>
/// <param name="Scenario">The scenario.</param>
/// <param name="TraceHash">Digest of every datagram's time, way and fate: the same each time and on any machine.</param>
/// <param name="VirtualTime">Virtual time that it took; shorter than the scenario when a law was broken.</param>
/// <param name="Datagrams">Datagrams sent.</param>
/// <param name="Delivered">Packets delivered.</param>
/// <param name="Violation">The first law that was broken; null when none was.</param>
/// <param name="Timeline">What happened.</param>
public sealed record ScenarioResult(
    Scenario Scenario, ulong TraceHash, TimeSpan VirtualTime, long Datagrams, long Delivered, Violation? Violation, Timeline Timeline)
{
    /// <summary>How often somebody who had fallen silent came back within the grace time, as its peers saw it.</summary>
    public long Returns { get; init; }
}

/// <summary>A law that was broken.</summary>
/// <param name="Law">Its name, one of <see cref="Laws"/>.</param>
/// <param name="At">Virtual time.</param>
/// <param name="Text">Who, what and how.</param>
public sealed record Violation(string Law, TimeSpan At, string Text);
