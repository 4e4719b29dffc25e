namespace Peer.TestKit.Scenarios;

/// <summary>Makes a failing scenario smaller while it keeps breaking the same law.</summary>
public static class Shrinker
{
    /// <summary>Drops faults, then peers, then parts of the workload that are not needed, by playing what is left again.</summary>
    /// <param name="failing">A scenario that breaks a law.</param>
    /// <param name="budget">Most runs to spend.</param>
    /// <returns>The smallest scenario found that breaks the same law; the given one when it breaks none.</returns>
    public static Scenario Shrink(Scenario failing, int budget) => Shrink(failing, budget, scenario => ScenarioPlayer.Once(scenario, keepTimeline: false).Violation);

    internal static Scenario Shrink(Scenario failing, int budget, Func<Scenario, Violation?> play)
    {
        ArgumentNullException.ThrowIfNull(failing);
        if (budget < 1 || play(failing) is not { } first)
            return failing;
        var trial = new Trial(first.Law, budget - 1, play);
        var smallest = Cut(failing, first);
        smallest = trial.StillFails(smallest) ? smallest : failing;
        bool smaller;
        do
        {
            var before = smallest;
            smallest = Thin(smallest, s => s.Faults, (s, faults) => s with { Faults = faults }, trial);
            smallest = Thin<PeerPlan>(smallest, s => [.. s.Peers.Skip(1)], WithPeers, trial);
            for (var i = 0; i < smallest.Peers.Count; i++)
            {
                var at = i;
                smallest = Thin(smallest, s => s.Peers[at].Flows, (s, flows) => WithFlows(s, at, flows), trial);
            }

            smaller = before != smallest;
        }
        while (smaller && trial.Left > 0);
        return smallest;
    }

    /// <summary>What would have happened after the violation cannot have caused it.</summary>
    private static Scenario Cut(Scenario scenario, Violation violation) =>
        scenario with { Faults = [.. scenario.Faults.Where(fault => fault.At <= violation.At)] };

    /// <summary>Leaves out halves, then quarters, down to single items, as long as the law stays broken.</summary>
    private static Scenario Thin<T>(Scenario scenario, Func<Scenario, IReadOnlyList<T>> items, Func<Scenario, IReadOnlyList<T>, Scenario> with, Trial trial)
    {
        for (var size = items(scenario).Count; size > 0; size /= 2)
        {
            for (var start = 0; start < items(scenario).Count && trial.Left > 0;)
            {
                var all = items(scenario);
                var rest = with(scenario, [.. all.Take(start), .. all.Skip(start + size)]);
                if (trial.StillFails(rest))
                    scenario = rest;
                else
                    start += size;
            }
        }

        return scenario;
    }

    private static Scenario WithPeers(Scenario scenario, IReadOnlyList<PeerPlan> others)
    {
        var names = others.Select(peer => peer.Name).Append(scenario.Peers[0].Name).ToHashSet();
        return scenario with
        {
            Peers = [scenario.Peers[0], .. others],
            Faults = [.. scenario.Faults.Where(fault => names.Contains(fault.Host) && (fault.Other is null || names.Contains(fault.Other)))],
        };
    }

    private static Scenario WithFlows(Scenario scenario, int at, IReadOnlyList<Flow> flows) =>
        scenario with { Peers = [.. scenario.Peers.Select((peer, i) => i == at ? peer with { Flows = flows } : peer)] };

    private sealed class Trial(string law, int budget, Func<Scenario, Violation?> play)
    {
        public int Left { get; private set; } = budget;

        public bool StillFails(Scenario scenario)
        {
            if (Left <= 0)
                return false;
            Left--;
            return play(scenario)?.Law == law;
        }
    }
}
