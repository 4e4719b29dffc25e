using System.CommandLine;
using Peer.Node;
using Spectre.Console;

namespace Peer.Lab.Simulate;

/// <summary><c>simulate</c>: many seeds for faults of the library, or one seed closely.</summary>
internal static class SimulateCommand
{
    private const string Guide = """
        A seed draws a network of 3 to 16 peers, their traffic and a schedule of faults, and plays it under virtual time while an oracle checks what the
        library promises. The same seed gives the same trace hash each time and on any machine. Progress goes to standard error.
        Ctrl+C finishes the seeds that have begun and reports what was done so far; a second Ctrl+C ends at once.

        Examples:
          Peer.Lab simulate --seeds 1..1000 --minutes 10
          Peer.Lab simulate --seeds 1..20 --minutes 2 --verify-determinism --json report.json
          Peer.Lab simulate --seed 7 --timeline seed7.svg
          Peer.Lab simulate --seed 7 --timeline closer.svg --from 12 --to 14.5
          Peer.Lab simulate --seed 7 --shrink --trace

        Exit codes: 0 no law broken; 1 a law was broken; 2 wrong usage, or a file that cannot be written; 130 interrupted, and no law broken until then.
        """;

    public static Command Create(Laboratory laboratory)
    {
        var options = new SimulateOptions();
        var command = new GuidedCommand("simulate", "Plays networks of peers with faults, each from a seed, and checks that no promise is broken.", Guide);
        options.AddTo(command);
        command.SetAction(result => result.GetValue(options.Seed) is { } seed
            ? new SingleRun(laboratory, seed, options, result).Run()
            : SweepSeeds(laboratory, options, result));
        return command;
    }

    private static int SweepSeeds(Laboratory laboratory, SimulateOptions options, ParseResult result)
    {
        var console = result.InvocationConfiguration;
        var plan = new SweepPlan(
            result.GetValue(options.Seeds)!,
            TimeSpan.FromMinutes(result.GetValue(options.Minutes)),
            result.GetValue(options.Jobs),
            result.GetValue(options.StopOnFirst),
            result.GetValue(options.VerifyDeterminism));
        using var interrupt = new CancellationTokenSource();
        using var signals = new TerminationSignals(interrupt.Cancel);
        var sweep = new Sweep(plan, seed => laboratory.Play(seed, plan.Length));
        var report = console.Error == Console.Error && !Console.IsErrorRedirected
            ? SweepBar.Around(AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) }), view => sweep.Run(view, interrupt.Token))
            : sweep.Run(new SweepLines(console.Error), interrupt.Token);
        SweepText.Write(console.Output, report);
        if (result.GetValue(options.Json) is { } json && !OutputFile.Write(json, file => file.Write(SweepJson.WriteUtf8(report)), console.Error))
            return ExitCode.Usage;
        return report.ExitCode;
    }
}
