using System.Text.Json;
using System.Xml.Linq;
using Peer.Lab;
using Peer.Lab.Simulate;
using Peer.TestKit.Scenarios;

namespace Peer.Tests.Lab;

public sealed class SimulateCommandTests : IDisposable
{
    private const string Law = Laws.Quiescence;

    private static readonly Laboratory Real = new(ScenarioPlayer.Play);
    private static readonly Laboratory Unplayed = new(static (_, _) => throw new InvalidOperationException("nothing should be played"));

    private readonly string _folder = Directory.CreateTempSubdirectory("lab").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("--seeds 1..1000 --minutes 10")]
    [InlineData("--seeds 3,5,9 --jobs 4 --json out.json --stop-on-first --verify-determinism")]
    [InlineData("--seed 0")]
    [InlineData("--seed 18446744073709551615 --minutes 0.7 --timeline a.svg --from 1 --to 2.5 --shrink --trace --json b.json --verify-determinism")]
    public void A_right_command_line_is_accepted(string line) =>
        Assert.Empty(LabProgram.CreateRoot(Unplayed).Parse(["simulate", .. line.Split(' ')]).Errors);

    [Theory]
    [InlineData("", "one of --seeds")]
    [InlineData("--minutes 1", "one of --seeds")]
    [InlineData("--seeds 1..2 --seed 1", "exclude")]
    [InlineData("--seeds 2..1", "backwards")]
    [InlineData("--seeds many", "'many' is no seed")]
    [InlineData("--seed -1", "no seed")]
    [InlineData("--seed 1 --minutes 0.1", "--minutes")]
    [InlineData("--seed 1 --minutes NaN", "--minutes")]
    [InlineData("--seeds 1 --jobs 0", "--jobs must be 1 .. 256")]
    [InlineData("--seeds 1 --timeline a.svg", "--timeline goes with --seed")]
    [InlineData("--seeds 1 --shrink", "--shrink goes with --seed")]
    [InlineData("--seed 1 --stop-on-first", "--stop-on-first goes with --seeds")]
    [InlineData("--seed 1 --from 2", "go with --timeline")]
    [InlineData("--seed 1 --timeline a.svg --from 2 --to 1", "before --to")]
    [InlineData("--seed 1 --timeline a.svg --from x", "no time")]
    [InlineData("--seed 1 --nonsense", "nonsense")]
    public void A_mistyped_command_line_is_exit_code_2_and_says_what_is_wrong(string line, string mention)
    {
        var (code, output, error) = Run(Unplayed, line);

        Assert.Equal((2, ""), (code, output));
        Assert.Contains(mention, error, StringComparison.Ordinal);
        Assert.Contains("simulate --help", error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_help_names_every_option_and_every_exit_code()
    {
        var (code, output, error) = Run(Unplayed, "--help");

        Assert.Equal((0, ""), (code, error));
        Assert.All(LabProgram.CreateRoot(Unplayed).Subcommands.Single(command => command.Name == "simulate").Options, option => Assert.Contains(option.Name, output, StringComparison.Ordinal));
        Assert.All((string[])["Examples:", "0 no law broken", "1 a law was broken", "2 wrong usage", "130 interrupted"], text => Assert.Contains(text, output, StringComparison.Ordinal));
    }

    [Fact]
    public void The_same_seeds_give_the_same_hashes_in_parallel_and_in_sequence()
    {
        var seeds = SeedSet.Parse("1,3,6", out _)!;
        var length = TimeSpan.FromSeconds(40);

        var together = new Sweep(new SweepPlan(seeds, length, Jobs: 3), seed => Real.Play(seed, length)).Run(new SweepLines(TextWriter.Null));
        var inTurn = seeds.Select(seed => Real.Play(seed, length)).ToList();

        Assert.Equal(inTurn.Select(outcome => (outcome.Seed, outcome.Hash, outcome.Datagrams, outcome.Delivered)), together.Outcomes.Select(outcome => (outcome.Seed, outcome.Hash, outcome.Datagrams, outcome.Delivered)));
        Assert.Equal(3, inTurn.Select(outcome => outcome.Hash).Distinct().Count());
    }

    [Fact]
    public void A_sweep_that_breaks_no_law_is_exit_code_0_and_says_how_much_it_was()
    {
        var json = Path.Combine(_folder, "report.json");

        var (code, output, error) = Run(Real, $"--seeds 1..2 --minutes 0.7 --jobs 1 --json {json}");

        Assert.True(code == 0, $"{output}\n{error}");
        Assert.Contains("2 of 2, 0 failed", output, StringComparison.Ordinal);
        using var report = JsonDocument.Parse(File.ReadAllText(json));
        Assert.True(report.RootElement.GetProperty("datagrams").GetInt64() > 0);
        Assert.True(report.RootElement.GetProperty("delivered").GetInt64() > 0);
    }

    [Fact]
    public void A_sweep_that_breaks_a_law_is_exit_code_1()
    {
        var (code, output, _) = Run(Failing(seed: 2), "--seeds 1..3 --minutes 1");

        Assert.Equal(1, code);
        Assert.Contains($"seed 2 broke the law '{Law}'", output, StringComparison.Ordinal);
        Assert.Contains("simulate --seed 2 --minutes 1", output, StringComparison.Ordinal);
    }

    [Fact]
    public void One_seed_closely_prints_its_making_its_trace_and_its_hash_and_draws_its_picture()
    {
        var picture = Path.Combine(_folder, "seed.svg");

        var (code, output, error) = Run(Real, $"--seed 3 --minutes 0.7 --trace --verify-determinism --timeline {picture}");

        Assert.True(code == 0, $"{output}\n{error}");
        Assert.Contains(Scenario.Draw(3, TimeSpan.FromMinutes(0.7)).Describe().TrimEnd(), output, StringComparison.Ordinal);
        Assert.Contains(nameof(TimelineKind.DatagramSent), output, StringComparison.Ordinal);
        Assert.Contains(", twice", output, StringComparison.Ordinal);
        Assert.Contains("no law broken", output, StringComparison.Ordinal);
        var hash = output.Split('\n').Single(line => line.StartsWith("trace hash", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[2].TrimEnd(',');
        Assert.Contains($"hash {hash}", File.ReadAllText(picture), StringComparison.Ordinal);
        Assert.InRange(XDocument.Load(picture).Descendants().Count(), 100, 6_000);
    }

    [Fact]
    public void One_seed_that_breaks_a_law_is_exit_code_1_and_shrinks()
    {
        var (code, output, _) = Run(Failing(seed: 2), "--seed 2 --minutes 1 --shrink");

        Assert.Equal(1, code);
        Assert.Contains($"result        broke '{Law}'", output, StringComparison.Ordinal);
        Assert.Contains("shrunk from", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_is_not_its_own_twin_is_exit_code_1_and_shows_where_they_part()
    {
        var run = 0UL;
        var fickle = new Laboratory((scenario, _) => Finished(scenario, ++run, [Entry(1, "same"), Entry(2, $"run {run}")]));

        var (code, output, _) = Run(fickle, "--seed 2 --minutes 1 --verify-determinism");

        Assert.Equal(1, code);
        Assert.Contains("broke the law 'determinism' at 2.000000 s", output, StringComparison.Ordinal);
        Assert.Contains("first:", output, StringComparison.Ordinal);
        Assert.Contains("run 1", output, StringComparison.Ordinal);
        Assert.Contains("run 2", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_cannot_be_written_is_one_line_and_exit_code_2()
    {
        var fine = new Laboratory((scenario, _) => Finished(scenario, 1, []));

        var (code, _, error) = Run(fine, $"--seed 2 --minutes 1 --timeline {Path.Combine(_folder, "nowhere", "a.svg")}");

        Assert.Equal(2, code);
        Assert.Contains("cannot write", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    private static Laboratory Failing(ulong seed) => new((scenario, _) =>
        scenario.Seed == seed ? Finished(scenario, 1, [Entry(1, "12 B")]) with { Violation = new Violation(Law, TimeSpan.FromSeconds(2), "ann waits for bob") } : Finished(scenario, 2, []));

    private static ScenarioResult Finished(Scenario scenario, ulong hash, TimelineEntry[] entries) =>
        new(scenario, hash, scenario.Length, 10, 5, null, new Timeline(entries, ["server", "ann"], 0));

    private static TimelineEntry Entry(int second, string what) =>
        new(TimeSpan.FromSeconds(second), TimelineKind.DatagramSent, "ann", "server", what, TimeSpan.FromSeconds(second + 0.1));

    private static (int Code, string Output, string Error) Run(Laboratory laboratory, string line)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = LabProgram.Run(["simulate", .. line.Split(' ', StringSplitOptions.RemoveEmptyEntries)], output, error, laboratory);
        return (code, output.ToString(), error.ToString());
    }
}
