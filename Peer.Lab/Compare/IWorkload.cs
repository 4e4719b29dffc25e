namespace Peer.Lab.Compare;

/// <summary>Something that every library is put through in turn; it becomes one row of the table and of the JSON for each.</summary>
internal interface IWorkload
{
    /// <summary>As <c>--workloads</c> and the JSON spell it: <c>oneway-reliable-32</c>.</summary>
    string Name { get; }

    /// <summary>When it runs without being named.</summary>
    WorkloadSet Set { get; }

    /// <summary>The figure that is compared, one of <see cref="Figure"/> or of the workload's own.</summary>
    Headline Headline { get; }

    /// <summary>Runs it once on one library, processes and all, and cleans up whatever happens.</summary>
    Sample Run(Library library, RunPlan plan, CancellationToken cancel);
}

/// <summary>When a workload runs without being named by <c>--workloads</c>.</summary>
internal enum WorkloadSet
{
    /// <summary>In the default run, with three rounds, and under <c>--quick</c>, with one.</summary>
    Quick,

    /// <summary>In the default run, with three rounds: the project has set itself a target for it.</summary>
    Target,

    /// <summary>In the default run, with one round, for the run has to end within eight minutes.</summary>
    Other,

    /// <summary>Under <c>--slow</c> only, with one round.</summary>
    Slow,
}

/// <summary>The figure that a workload is about.</summary>
/// <param name="Figure">Its key among the figures.</param>
/// <param name="MoreIsBetter">A rate, and not a delay or a cost.</param>
internal readonly record struct Headline(string Figure, bool MoreIsBetter)
{
    public static Headline Rate { get; } = new(Compare.Figure.MessagesPerSecond, true);
}

/// <summary>How long a run is.</summary>
/// <param name="WarmUp">Not counted; a library without a compiler at run time needs less.</param>
/// <param name="Window">Counted.</param>
internal sealed record RunPlan(TimeSpan WarmUp, TimeSpan Window)
{
    /// <summary>Native code is as fast in its first second as later; what is left to settle is the round-trip estimate.</summary>
    public TimeSpan WarmUpOf(Library library) => library.IsManaged ? WarmUp : TimeSpan.FromSeconds(Math.Min(0.4, WarmUp.TotalSeconds));
}
