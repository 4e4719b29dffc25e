using System.Text.Json;
using Peer.Lab.Simulate;

namespace Peer.Tests.Lab;

public sealed class SweepTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public void Every_seed_is_run_once_whatever_the_number_of_threads(int jobs)
    {
        var report = Run(Plan("1..200", jobs), Fine);

        Assert.Equal(Enumerable.Range(1, 200).Select(seed => (ulong)seed), report.Outcomes.Select(outcome => outcome.Seed));
        Assert.Equal((0, false, 200 * 60), (report.ExitCode, report.Interrupted, (int)Math.Round(report.VirtualHours * 3600)));
        Assert.Equal(Run(Plan("1..200", 3), Fine).Digest, report.Digest);
    }

    [Fact]
    public void A_broken_law_is_exit_code_1_and_the_other_seeds_run_on()
    {
        var report = Run(Plan("1..10", 2), seed => seed == 4 ? Broken(seed) : Fine(seed));

        Assert.Equal((1, 10), (report.ExitCode, report.Outcomes.Count));
        Assert.Equal(4UL, Assert.Single(report.Failures).Seed);
    }

    [Fact]
    public void Stop_on_first_begins_no_seed_after_a_violation()
    {
        var report = Run(Plan("1..1000", 1) with { StopOnFirst = true }, seed => seed == 4 ? Broken(seed) : Fine(seed));

        Assert.Equal((1, 4, false), (report.ExitCode, report.Outcomes.Count, report.Interrupted));
    }

    [Fact]
    public void A_seed_that_throws_is_a_failure_like_another()
    {
        var report = Run(Plan("1..3", 1), seed => seed == 2 ? throw new InvalidOperationException("no such peer") : Fine(seed));

        var failure = Assert.Single(report.Failures).Failure!;
        Assert.Equal((1, 3, SeedFailure.Exception), (report.ExitCode, report.Outcomes.Count, failure.Law));
        Assert.Contains("no such peer", failure.Text, StringComparison.Ordinal);
        Assert.NotEmpty(failure.LastLines);
    }

    [Fact]
    public void An_interrupted_sweep_reports_what_was_done()
    {
        using var interrupt = new CancellationTokenSource();
        var plan = Plan("1..1000", 1);
        var report = new Sweep(plan, seed =>
        {
            if (seed == 5)
                interrupt.Cancel();
            return Fine(seed);
        }).Run(new SweepLines(TextWriter.Null), interrupt.Token);

        Assert.Equal((130, 5, true), (report.ExitCode, report.Outcomes.Count, report.Interrupted));
        Assert.Contains("5 of 1000 (interrupted)", Text(report), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_runs_of_a_seed_that_differ_break_a_law_of_their_own()
    {
        var runs = 0UL;
        var report = Run(Plan("7", 1) with { VerifyDeterminism = true }, seed => Fine(seed) with { Hash = ++runs });

        Assert.Equal(SeedFailure.Determinism, Assert.Single(report.Failures).Failure!.Law);
        Assert.Contains("--seed 7 --minutes 1 --verify-determinism", Text(report), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_runs_of_a_seed_that_agree_count_as_one()
    {
        var report = Run(Plan("1..3", 1) with { VerifyDeterminism = true }, Fine);

        Assert.Equal((0, 3), (report.ExitCode, report.Outcomes.Count));
        Assert.Contains("each run twice", Text(report), StringComparison.Ordinal);
    }

    [Fact]
    public void A_failure_prints_seed_time_law_timeline_and_the_command_that_replays_it()
    {
        var text = Text(Run(Plan("4..5", 1), seed => seed == 4 ? Broken(seed) : Fine(seed)));

        Assert.Contains("seed 4 broke the law 'quiescence' at 12.500000 s", text, StringComparison.Ordinal);
        Assert.Contains("  ann waits for bob", text, StringComparison.Ordinal);
        Assert.Contains("  | last line", text, StringComparison.Ordinal);
        Assert.Contains("dotnet run -c Release --project Peer.Lab -- simulate --seed 4 --minutes 1\n", text.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains("2 of 2, 1 failed", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_replay_of_a_length_that_is_no_round_number_is_as_long()
    {
        var plan = new SweepPlan(SeedSet.Single(1), TimeSpan.FromSeconds(40), 1);
        var minutes = SweepText.Replay(plan, 1).Split(' ')[^1];

        Assert.Equal(plan.Length, TimeSpan.FromMinutes(double.Parse(minutes, System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void The_JSON_report_has_totals_failures_and_a_hash_for_each_seed()
    {
        using var json = JsonDocument.Parse(SweepJson.WriteUtf8(Run(Plan("3,4", 2), seed => seed == 4 ? Broken(seed) : Fine(seed))));
        var root = json.RootElement;

        Assert.Equal("3,4", root.GetProperty("seeds").GetString());
        Assert.Equal((2, 1, 2), (root.GetProperty("seeds_run").GetInt32(), root.GetProperty("failed").GetInt32(), root.GetProperty("jobs").GetInt32()));
        Assert.Equal((200, 20, false), (root.GetProperty("datagrams").GetInt32(), root.GetProperty("delivered").GetInt32(), root.GetProperty("interrupted").GetBoolean()));
        Assert.Equal(16, root.GetProperty("digest").GetString()!.Length);
        Assert.True(root.GetProperty("seeds_per_s").GetDouble() > 0);
        Assert.True(root.GetProperty("virtual_hours_per_minute").GetDouble() > 0);
        var failure = Assert.Single(root.GetProperty("failures").EnumerateArray());
        Assert.Equal((4, "quiescence", 12.5), (failure.GetProperty("seed").GetInt32(), failure.GetProperty("law").GetString(), failure.GetProperty("at_s").GetDouble()));
        Assert.Equal(["first line", "last line"], failure.GetProperty("timeline").EnumerateArray().Select(line => line.GetString()));
        Assert.Contains("--seed 4", failure.GetProperty("replay").GetString(), StringComparison.Ordinal);
        Assert.Equal(["0000000000000cb2", "00000000000010ee"], root.GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("hash").GetString()));
    }

    [Fact]
    public void Progress_lines_come_every_few_seconds_only()
    {
        using var output = new StringWriter();
        var lines = new SweepLines(output);
        for (var tenths = 0; tenths <= 100; tenths++)
            lines.Show(new SweepProgress(tenths, 200, 1, TimeSpan.FromMinutes(tenths), TimeSpan.FromSeconds(tenths / 10.0)));

        var shown = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, shown.Length);
        Assert.Contains("30 of 200 seeds, 10.0 seeds/s, 10.0 virtual hours/min, 1 failed", shown[0], StringComparison.Ordinal);
    }

    private static SweepReport Run(SweepPlan plan, SeedPlayer play) => new Sweep(plan, play).Run(new SweepLines(TextWriter.Null));

    private static SweepPlan Plan(string seeds, int jobs) => new(SeedSet.Parse(seeds, out _)!, Minute, jobs);

    private static SeedOutcome Fine(ulong seed) => new(seed, (seed * 1084) - 2, Minute, 100, 10);

    private static SeedOutcome Broken(ulong seed) =>
        Fine(seed) with { Failure = new SeedFailure("quiescence", TimeSpan.FromSeconds(12.5), "ann waits for bob", ["first line", "last line"]) };

    private static string Text(SweepReport report)
    {
        using var output = new StringWriter();
        SweepText.Write(output, report);
        return output.ToString();
    }
}
