using System.CommandLine;
using System.CommandLine.Parsing;
using Peer.Node;

namespace Peer.Lab.Compare;

/// <summary>The options of <c>compare</c>.</summary>
internal sealed class CompareOptions
{
    public Option<bool> Quick { get; } = new("--quick") { Description = "One way of 32 and 1 000 B reliable, and round trips; under a minute" };

    public Option<bool> Slow { get; } = new("--slow") { Description = "The slow workloads, too" };

    public Option<string[]> Workloads { get; } = new("--workloads")
    {
        Description = "These only, separated by commas; a name may end with *",
        HelpName = "A,B",
        CustomParser = result => Names(result, [.. WorkloadCatalog.All.Select(workload => workload.Name)]),
    };

    public Option<string[]> Libraries { get; } = new("--libraries")
    {
        Description = "These only: actorpeer, enet, litenetlib",
        HelpName = "A,B",
        CustomParser = result => Names(result, LibraryCatalog.Names),
    };

    public Option<int?> Rounds { get; } = new Option<int?>("--rounds") { Description = "Rounds of every workload, 1 .. 100; without it 3 for what the targets name, 1 for the rest and under --quick", HelpName = "N" };

    public Option<double> Seconds { get; } = new Option<double>("--seconds") { Description = "Length of what is counted of a run, 0.1 .. 600", HelpName = "S", DefaultValueFactory = _ => 0.8 }.Within(0.1, 600);

    public Option<double?> WarmUp { get; } = new("--warm-up") { Description = "Length of what is not counted, 0 .. 60; without it 4 for what the targets name, 2 for the rest, 2.5 under --quick", HelpName = "S" };

    public Option<FileInfo?> Json { get; } = new("--json") { Description = "Writes the report as JSON, too", HelpName = "FILE" };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[Quick, Slow, Workloads, Libraries, Rounds, Seconds, WarmUp, Json])
            command.Options.Add(option);
        command.Validators.Add(Check);
    }

    /// <summary>The workloads that were asked for.</summary>
    public IReadOnlyList<IWorkload> Chosen(ParseResult result)
    {
        if (result.GetValue(Workloads) is { Length: > 0 } names)
            return [.. WorkloadCatalog.All.Where(workload => names.Contains(workload.Name))];
        return [.. WorkloadCatalog.All.Where(workload => workload.Set switch
        {
            WorkloadSet.Quick => true,
            WorkloadSet.Slow => result.GetValue(Slow),
            _ => !result.GetValue(Quick),
        })];
    }

    public IEnumerable<string> ChosenLibraries(ParseResult result) => result.GetValue(Libraries) is { Length: > 0 } names ? LibraryCatalog.Names.Where(names.Contains) : LibraryCatalog.Names;

    public int RoundsOf(ParseResult result, IWorkload workload) => result.GetValue(Rounds) ?? (IsTarget(workload) && !result.GetValue(Quick) ? 3 : 1);

    public RunPlan PlanOf(ParseResult result, IWorkload workload) => new(
        TimeSpan.FromSeconds(result.GetValue(WarmUp) ?? (result.GetValue(Quick) ? 2.5 : IsTarget(workload) ? 4 : 2)),
        TimeSpan.FromSeconds(result.GetValue(Seconds)));

    private static bool IsTarget(IWorkload workload) => workload.Set is WorkloadSet.Quick or WorkloadSet.Target;

    private void Check(CommandResult result)
    {
        if (result.Errors.Any())
            return;
        if (result.GetValue(Rounds) is { } rounds and not (>= 1 and <= 100))
            result.AddError($"--rounds must be 1 .. 100, not {rounds}");
        if (result.GetValue(WarmUp) is { } warmUp and not (>= 0 and <= 60))
            result.AddError($"--warm-up must be 0 .. 60, not {warmUp}");
        if (result.GetResult(Workloads) is { Implicit: false } && (result.GetValue(Quick) || result.GetValue(Slow)))
            result.AddError("--workloads names what runs; --quick and --slow do, too");
        if (result.GetValue(Quick) && result.GetValue(Slow))
            result.AddError("--quick and --slow exclude each other");
    }

    private static string[] Names(ArgumentResult result, IReadOnlyList<string> known)
    {
        var names = new List<string>();
        foreach (var word in result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)))
        {
            var found = known.Where(name => name == word || (word.EndsWith('*') && name.StartsWith(word[..^1], StringComparison.Ordinal))).ToList();
            if (found.Count == 0)
                result.AddError($"'{word}' is none of {string.Join(", ", known)}");
            names.AddRange(found);
        }

        return [.. names.Distinct()];
    }
}
