namespace Peer.Lab.Simulate;

/// <summary>What a sweep found, in the order of its seeds.</summary>
/// <param name="Plan">What was asked for.</param>
/// <param name="Outcomes">The seeds that were run.</param>
/// <param name="Wall">How long it took.</param>
/// <param name="Interrupted">Whether somebody ended it early.</param>
internal sealed record SweepReport(SweepPlan Plan, IReadOnlyList<SeedOutcome> Outcomes, TimeSpan Wall, bool Interrupted)
{
    public IEnumerable<SeedOutcome> Failures => Outcomes.Where(outcome => outcome.Failure is not null);

    public double SeedsPerSecond => Rate(Outcomes.Count, Wall.TotalSeconds);

    public double VirtualHours => Outcomes.Sum(outcome => outcome.VirtualTime.TotalHours);

    public double VirtualHoursPerMinute => Rate(VirtualHours, Wall.TotalMinutes);

    public long Datagrams => Outcomes.Sum(outcome => outcome.Datagrams);

    public long Delivered => Outcomes.Sum(outcome => outcome.Delivered);

    /// <summary>One number for all the seeds' hashes: equal numbers of two builds say that no seed differs.</summary>
    public ulong Digest => Outcomes.Aggregate(14695981039346656037, (digest, outcome) => ((digest ^ outcome.Seed) * 1099511628211 ^ outcome.Hash) * 1099511628211);

    public int ExitCode =>
        Failures.Any() ? Lab.ExitCode.Violation : Interrupted ? Lab.ExitCode.Interrupted : Lab.ExitCode.Ok;

    private static double Rate(double amount, double time) => time > 0 ? amount / time : 0;
}

/// <summary>What a sweep is asked to do.</summary>
/// <param name="Seeds">The seeds.</param>
/// <param name="Length">Virtual time of each.</param>
/// <param name="Jobs">Threads.</param>
/// <param name="StopOnFirst">End with the first violation.</param>
/// <param name="VerifyDeterminism">Run each seed twice.</param>
internal sealed record SweepPlan(SeedSet Seeds, TimeSpan Length, int Jobs, bool StopOnFirst = false, bool VerifyDeterminism = false);
