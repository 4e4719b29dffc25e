namespace Peer.Lab.Compare;

/// <summary>A workload of one server and one client process, whose works have its name's first word.</summary>
/// <param name="name">The whole name.</param>
/// <param name="work">The work that the ends know.</param>
/// <param name="settings">What both ends are told.</param>
internal sealed class PairWorkload(string name, string work, params string[] settings) : IWorkload
{
    public string Name => name;

    public WorkloadSet Set { get; init; } = WorkloadSet.Other;

    public Headline Headline { get; init; } = Headline.Rate;

    /// <summary>The end that counts what was delivered.</summary>
    public Counting CountedBy { get; init; } = Counting.Client;

    /// <summary>The window is at least so long: for what happens seldom.</summary>
    public TimeSpan LeastWindow { get; init; }

    /// <summary>Turns what the ends said into more figures, and says what is wrong.</summary>
    public Func<PairOutcome, Dictionary<string, double>, string?> Judge { get; init; } = static (_, _) => null;

    public Sample Run(Library library, RunPlan plan, CancellationToken cancel)
    {
        try
        {
            var outcome = PairRun.Run(library, work, settings, plan with { Window = plan.Window > LeastWindow ? plan.Window : LeastWindow }, cancel);
            var counted = CountedBy switch
            {
                Counting.Server => outcome.Server,
                Counting.Client => outcome.Client,
                _ => null,
            };
            if (outcome.Problem(counted) is { } problem)
                return Sample.Failed(problem);
            var figures = counted is null ? [] : outcome.Costs(counted);
            problem = Judge(outcome, figures);
            return new Sample(figures, problem);
        }
        catch (EndFailedException failure)
        {
            return Sample.Failed(failure.Message);
        }
    }
}

/// <summary>Who counts the messages of a workload.</summary>
internal enum Counting
{
    Client,
    Server,

    /// <summary>There are none.</summary>
    Nobody,
}
