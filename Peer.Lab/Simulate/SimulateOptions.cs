using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Peer.Node;

namespace Peer.Lab.Simulate;

/// <summary>The options of <c>simulate</c>, and which of them go together.</summary>
internal sealed class SimulateOptions
{
    /// <summary>A scenario needs its time to begin and to come to rest.</summary>
    public const double LeastMinutes = 2.0 / 3;

    public Option<SeedSet?> Seeds { get; } = new("--seeds")
    {
        Description = "Seeds to sweep: 1..1000, or 3,5,9",
        HelpName = "A..B",
        CustomParser = result =>
        {
            var seeds = SeedSet.Parse(result.Tokens[0].Value, out var problem);
            if (seeds is null)
                result.AddError($"--seeds: {problem}");
            return seeds;
        },
    };

    public Option<ulong?> Seed { get; } = new("--seed") { Description = "One seed, looked at closely", HelpName = "N", CustomParser = ParseSeed };

    public Option<double> Minutes { get; } = new Option<double>("--minutes") { Description = "Virtual minutes of each seed, 2/3 .. 1440", HelpName = "M", DefaultValueFactory = _ => 10 }.Within(LeastMinutes, 1440);

    public Option<int> Jobs { get; } = new Option<int>("--jobs") { Description = "Threads, each with a simulation of its own, 1 .. 256", HelpName = "N", DefaultValueFactory = _ => Math.Min(256, Environment.ProcessorCount) }.Within(1, 256);

    public Option<FileInfo?> Json { get; } = new("--json") { Description = "Writes the report as JSON, too", HelpName = "FILE" };

    public Option<bool> StopOnFirst { get; } = new("--stop-on-first") { Description = "Ends the sweep with the first violation" };

    public Option<bool> VerifyDeterminism { get; } = new("--verify-determinism") { Description = "Runs each seed twice and compares the trace hashes" };

    public Option<FileInfo?> Timeline { get; } = new("--timeline") { Description = "Draws the seed as SVG: who sent what, what was lost, what was delivered", HelpName = "SVG" };

    public Option<double?> From { get; } = new("--from") { Description = "The drawing begins at this virtual second", HelpName = "S", CustomParser = ParseSeconds };

    public Option<double?> To { get; } = new("--to") { Description = "The drawing ends at this virtual second", HelpName = "S", CustomParser = ParseSeconds };

    public Option<bool> Trace { get; } = new("--trace") { Description = "Prints the whole timeline that was kept" };

    public Option<bool> Shrink { get; } = new("--shrink") { Description = "After a violation: leaves out faults, peers and traffic that it does not need; --timeline then draws what is left" };

    /// <summary>Puts the options on a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[Seeds, Seed, Minutes, Jobs, Json, StopOnFirst, VerifyDeterminism, Timeline, From, To, Trace, Shrink])
            command.Options.Add(option);
        command.Validators.Add(Check);
    }

    private void Check(CommandResult result)
    {
        var (sweep, single) = (Given(Seeds), Given(Seed));
        if (sweep == single)
            result.AddError(sweep ? "--seeds and --seed exclude each other" : "one of --seeds A..B and --seed N is needed");
        foreach (var option in (Option[])[Timeline, Trace, Shrink])
        {
            if (sweep && Given(option))
                result.AddError($"{option.Name} goes with --seed, not with --seeds");
        }

        foreach (var option in (Option[])[Jobs, StopOnFirst])
        {
            if (single && Given(option))
                result.AddError($"{option.Name} goes with --seeds, not with --seed");
        }

        if ((Given(From) || Given(To)) && !Given(Timeline))
            result.AddError("--from and --to go with --timeline");
        else if (!result.Errors.Any() && Given(From) && Given(To) && result.GetValue(From) >= result.GetValue(To))
            result.AddError("--from must be before --to");

        bool Given(Option option) => result.GetResult(option) is { Implicit: false };
    }

    private static ulong? ParseSeed(ArgumentResult result)
    {
        if (ulong.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var seed))
            return seed;
        result.AddError($"--seed: '{result.Tokens[0].Value}' is no seed; write a whole number, 0 or more");
        return null;
    }

    private static double? ParseSeconds(ArgumentResult result)
    {
        if (double.TryParse(result.Tokens[0].Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds <= 100_000)
            return seconds;
        result.AddError($"'{result.Tokens[0].Value}' is no time; write seconds, such as 12.5");
        return null;
    }
}
