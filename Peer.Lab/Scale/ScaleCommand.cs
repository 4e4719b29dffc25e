using System.CommandLine;
using System.Net;
using System.Text.Json;
using Peer.Lab.Children;
using Peer.Lab.Scale.Simulated;
using Peer.Node;
using Spectre.Console;

namespace Peer.Lab.Scale;

/// <summary><c>scale</c>: what rooms and players cost the nodes of a cluster, each in a process of its own.</summary>
internal static class ScaleCommand
{
    private const string Guide = """
        Nodes of a cluster open rooms, players join through any door, are silent, talk to their rooms, and one of the nodes leaves: its rooms go elsewhere with their players. What each step costs is
        told for a room and a player, so that larger numbers can be reckoned.

        With --simulate the same happens in one process, in virtual time and on a simulated network, from a seed: real servers and clients, thousands of them, and the real
        strategy that places rooms; only Akka's cluster itself is a stand-in. Here players say numbered reliable messages to everybody in their room, a node is drained,
        another one crashes, and a ledger of all messages says whether any was lost or repeated.

        Examples:
          Peer.Lab scale --rooms 10000 --players 0
          Peer.Lab scale --rooms 1000 --players 2000 --per-room 2 --json scale.json
          Peer.Lab scale --simulate --seed 1 --rooms 10000 --players 20000 --rate 1

        Exit codes: 0 holds; 1 a player, a room or a message was lost, or a step failed; 2 wrong usage, or a file that cannot be written; 130 interrupted.
        """;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static IEnumerable<Command> Create()
    {
        yield return Judge();
        yield return ChildCommand.Create(ScaleRun.NodeName, "scale", static words =>
        {
            using var node = new ScaleNode(words[0], words[1]);
            return node.Run();
        });
        yield return ChildCommand.Create(ScaleRun.CrowdName, "scale", static words =>
        {
            using var crowd = new ScaleCrowd(int.Parse(words[0], System.Globalization.CultureInfo.InvariantCulture), [.. words[1..].Select(IPEndPoint.Parse)]);
            return crowd.Run();
        });
    }

    private static GuidedCommand Judge()
    {
        var nodes = new Option<int>("--nodes") { Description = "Nodes of the cluster", HelpName = "N", DefaultValueFactory = _ => 3 }.Within(1, 16);
        var rooms = new Option<int>("--rooms") { Description = "Rooms on all nodes together", HelpName = "N", DefaultValueFactory = _ => 300 }.Within(1, 60_000);
        var players = new Option<int>("--players") { Description = "Players in all", HelpName = "N", DefaultValueFactory = _ => 600 }.Within(0, 20_000);
        var perRoom = new Option<int>("--per-room") { Description = "Players of a room; the others stay empty", HelpName = "N", DefaultValueFactory = _ => 2 }.Within(1, 1_000);
        var rate = new Option<double>("--rate") { Description = "Messages a second of each player, of 32 bytes, to its room; unreliable ordered, in simulations reliable", HelpName = "N", DefaultValueFactory = _ => 10 }.Within(0.1, 1_000);
        var seconds = new Option<double>("--seconds") { Description = "Of each phase", HelpName = "S", DefaultValueFactory = _ => 5 }.Within(0.5, 600);
        var simulate = new Option<bool>("--simulate") { Description = "In one process, under virtual time" };
        var seed = new Option<ulong>("--seed") { Description = "Everything random of a simulation follows from it", HelpName = "N", DefaultValueFactory = _ => 1 };
        var json = new Option<FileInfo?>("--json") { Description = "Writes the report as JSON, too", HelpName = "FILE" };
        var command = new GuidedCommand("scale", "Measures what rooms and players cost a cluster.", Guide) { nodes, rooms, players, perRoom, rate, seconds, simulate, seed, json };
        command.SetAction(result =>
        {
            var console = result.InvocationConfiguration;
            var plan = new ScalePlan(
                result.GetValue(nodes),
                result.GetValue(rooms),
                result.GetValue(players),
                result.GetValue(perRoom),
                result.GetValue(rate),
                TimeSpan.FromSeconds(result.GetValue(seconds)));
            if (plan.Players > (long)plan.Rooms * plan.PerRoom)
            {
                console.Error.WriteLine($"{plan.Players} players do not fit into {plan.Rooms} rooms of {plan.PerRoom}: see --per-room");
                return ExitCode.Usage;
            }

            if (result.GetValue(simulate) && (plan.Nodes < 2 || plan.Players == 0))
            {
                console.Error.WriteLine("a simulation drains a node and crashes another, under its players: it needs two nodes and a player");
                return ExitCode.Usage;
            }

            using var interrupt = new CancellationTokenSource();
            using var signals = new TerminationSignals(interrupt.Cancel);
            try
            {
                return result.GetValue(simulate)
                    ? Report(Watch(progress => Simulate(plan, result.GetValue(seed), progress, interrupt.Token), console.Error), result.GetValue(json), console)
                    : Report(Watch(progress => Run(plan, progress, interrupt.Token), console.Error), result.GetValue(json), console);
            }
            catch (ScaleFailure failure)
            {
                console.Error.WriteLine(failure.Message);
                return ExitCode.Violation;
            }
            catch (OperationCanceledException)
            {
                return ExitCode.Interrupted;
            }
        });
        return command;
    }

    private static int Report(ScaleReport report, FileInfo? json, InvocationConfiguration console)
    {
        report.Write(console.Output);
        return Written(report, json, console) ? report.Holds ? ExitCode.Ok : ExitCode.Violation : ExitCode.Usage;
    }

    private static int Report(SimulatedReport report, FileInfo? json, InvocationConfiguration console)
    {
        report.Write(console.Output);
        foreach (var complaint in report.Complaints)
            console.Error.WriteLine(complaint);
        return Written(report, json, console) ? report.Holds ? ExitCode.Ok : ExitCode.Violation : ExitCode.Usage;
    }

    private static bool Written<T>(T report, FileInfo? json, InvocationConfiguration console) =>
        json is null || OutputFile.Write(json, stream => JsonSerializer.Serialize(stream, report, Indented), console.Error);

    private static T Watch<T>(Func<Action<string>, T> run, TextWriter error)
    {
        if (error != Console.Error || Console.IsErrorRedirected)
            return run(error.WriteLine);
        return AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) })
            .Status().Start("starting", status => run(text => status.Status(Markup.Escape(text))));
    }

    private static ScaleReport Run(ScalePlan plan, Action<string> progress, CancellationToken cancellation)
    {
        using var run = new ScaleRun(plan, progress, cancellation);
        return run.Run();
    }

    private static SimulatedReport Simulate(ScalePlan plan, ulong seed, Action<string> progress, CancellationToken cancellation)
    {
        using var run = new SimulatedRun(plan, seed, progress, cancellation);
        return run.Run();
    }
}
