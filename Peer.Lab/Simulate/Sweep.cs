using System.Diagnostics;

namespace Peer.Lab.Simulate;

/// <summary>Runs seeds on several threads, each simulation alone on one of them, and tells a view how far it is.</summary>
internal sealed class Sweep(SweepPlan plan, SeedPlayer play)
{
    private static readonly TimeSpan ViewInterval = TimeSpan.FromMilliseconds(200);

    private readonly Lock _turn = new();
    private readonly List<SeedOutcome> _outcomes = [];
    private readonly Stopwatch _wall = new();
    private bool _stop;
    private TimeSpan _virtual;
    private int _failed;

    /// <summary>Runs to the end, or until somebody interrupts it; seeds that have begun are finished first.</summary>
    public SweepReport Run(ISweepView view, CancellationToken interrupt = default)
    {
        _wall.Start();
        using var seeds = plan.Seeds.GetEnumerator();
        var workers = new Thread[(int)Math.Min(plan.Jobs, plan.Seeds.Count)];
        for (var i = 0; i < workers.Length; i++)
        {
            workers[i] = new Thread(() => Work(seeds, interrupt)) { Name = $"simulation {i + 1}", IsBackground = true };
            workers[i].Start();
        }

        foreach (var worker in workers)
        {
            while (!worker.Join(ViewInterval))
                view.Show(Progress());
        }

        view.Show(Progress());
        var cut = interrupt.IsCancellationRequested && _outcomes.Count < plan.Seeds.Count;
        return new SweepReport(plan, [.. _outcomes.OrderBy(outcome => outcome.Seed)], _wall.Elapsed, cut);
    }

    private void Work(IEnumerator<ulong> seeds, CancellationToken interrupt)
    {
        while (Next(seeds, interrupt) is { } seed)
        {
            var outcome = Play(seed);
            lock (_turn)
            {
                _outcomes.Add(outcome);
                _virtual += outcome.VirtualTime;
                if (outcome.Failure is null)
                    continue;
                _failed++;
                _stop |= plan.StopOnFirst;
            }
        }
    }

    private ulong? Next(IEnumerator<ulong> seeds, CancellationToken interrupt)
    {
        lock (_turn)
            return !_stop && !interrupt.IsCancellationRequested && seeds.MoveNext() ? seeds.Current : null;
    }

    private SeedOutcome Play(ulong seed)
    {
        var first = PlayOnce(seed);
        if (!plan.VerifyDeterminism || first.Failure?.Law == SeedFailure.Exception)
            return first;
        var second = PlayOnce(seed);
        if (second.Hash == first.Hash)
            return first;
        var text = $"the first run's hash is {first.Hash:x16}, the second's {second.Hash:x16}";
        return first with { Failure = new SeedFailure(SeedFailure.Determinism, TimeSpan.Zero, text, first.Failure?.LastLines ?? []) };
    }

    private SeedOutcome PlayOnce(ulong seed)
    {
        // One seed that throws is a finding like another; the rest of a long sweep must not die of it.
#pragma warning disable CA1031
        try
        {
            return play(seed);
        }
        catch (Exception thrown)
        {
            return new SeedOutcome(seed, 0, TimeSpan.Zero, 0, 0, new SeedFailure(SeedFailure.Exception, TimeSpan.Zero, $"{thrown.GetType().Name}: {thrown.Message}", StackOf(thrown)));
        }
#pragma warning restore CA1031
    }

    private SweepProgress Progress()
    {
        lock (_turn)
            return new SweepProgress(_outcomes.Count, plan.Seeds.Count, _failed, _virtual, _wall.Elapsed);
    }

    private static string[] StackOf(Exception thrown) =>
        [.. (thrown.StackTrace ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Take(8)];
}
