using System.Text.Json;

namespace Peer.Lab.Fuzz;

/// <summary>The targets of a plan, one after the other. Runs where the instrumented library is loaded, which may be beside the one that the program itself uses: hence texts.</summary>
internal static class FuzzRun
{
    /// <summary>Runs a plan that is written as JSON and returns the reports as JSON.</summary>
    public static string Run(string plan, Action<string, long, double, int, int, int> progress, CancellationToken cancel)
    {
        var read = JsonSerializer.Deserialize<FuzzPlan>(plan)!;
        var reports = new List<TargetReport>();
        foreach (var name in read.Targets)
        {
            // Not disposed when it hangs: the thread that never comes back still uses it.
            var target = FuzzTargets.Create(name);
            reports.Add(new FuzzSession(target, read).Run((name, inputs, rate, corpus, edges, findings) => progress(name, inputs, rate, corpus, edges, findings), cancel));
            if (cancel.IsCancellationRequested)
                break;
        }

        return JsonSerializer.Serialize(reports);
    }
}
