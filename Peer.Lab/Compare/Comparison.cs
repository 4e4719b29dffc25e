using System.Diagnostics;

namespace Peer.Lab.Compare;

/// <summary>Runs workloads on libraries in turn, round after round, so that what the machine does meanwhile meets all of them.</summary>
internal sealed class Comparison(IReadOnlyList<IWorkload> workloads, IReadOnlyList<Library> libraries, Func<IWorkload, RunPlan> plan, Func<IWorkload, int> rounds)
{
    /// <summary>Runs everything, or what there is time for until the cancellation.</summary>
    /// <param name="progress">Told before each run what it is, and of how many.</param>
    public CompareReport Run(Action<CompareStep> progress, CancellationToken cancel)
    {
        var began = Stopwatch.GetTimestamp();
        var samples = workloads.SelectMany(workload => libraries.Select(library => (workload, library))).ToDictionary(cell => cell, _ => new List<Sample>());
        var steps = Steps().ToList();
        for (var i = 0; i < steps.Count && !cancel.IsCancellationRequested; i++)
        {
            var (round, workload, library) = steps[i];
            progress(new CompareStep(i, steps.Count, round, workload.Name, library.Name, Stopwatch.GetElapsedTime(began)));
            try
            {
                samples[(workload, library)].Add(workload.Run(library, plan(workload), cancel));
            }
            catch (OperationCanceledException)
            {
                // What is half measured is not measured.
            }
        }

        return new CompareReport([.. samples.Where(cell => cell.Value.Count > 0).Select(cell => new CompareRow(cell.Key.workload, cell.Key.library, cell.Value))])
        {
            Interrupted = cancel.IsCancellationRequested,
            Wall = Stopwatch.GetElapsedTime(began),
        };
    }

    private IEnumerable<(int Round, IWorkload Workload, Library Library)> Steps() =>
        from round in Enumerable.Range(1, workloads.Max(rounds))
        from workload in workloads
        where round <= rounds(workload)
        from library in libraries
        select (round, workload, library);
}

/// <summary>A run that is about to begin.</summary>
internal sealed record CompareStep(int Done, int Total, int Round, string Workload, string Library, TimeSpan Wall)
{
    public override string ToString() => $"{Done + 1} of {Total}: round {Round}, {Workload}, {Library}";
}
