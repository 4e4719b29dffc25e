using System.CommandLine;
using System.Globalization;
using Peer.Node;
using Spectre.Console;

namespace Peer.Lab.Compare;

/// <summary><c>compare</c>: the same workloads on this library, on ENet and on LiteNetLib, side by side.</summary>
internal static class CompareCommand
{
    private const string Guide = """
        Every run is a server and a client, each a process of its own, on loopback; the libraries take turns in every round. actorpeer encrypts, the others do
        not. Only the ratios mean anything elsewhere. Progress goes to standard error. Ctrl+C ends the run under way and reports what there is.

        oneway-<mode>-<bytes>     one client sends as fast as its queue lets it
        echo-<clients>x<flight>   so many clients, each with so many messages of 32 B on the way
        rtt-1khz, rtt-backtoback  one message of 32 B at a time; both ends wait in the kernel
        fanout-<clients>          one server, 200 B to everybody, 30 times a second
        idle-<clients>            memory and CPU of silent connections
        connect                   handshakes; messages/s are connections/s, disconnecting included
        distance-<rtt>-<loss>     10 MiB reliable over a fresh connection; milliseconds and percent; a relay of 100 Mbit/s that all libraries share
        stream-<loss>             100 B reliable, 60 times a second, at a round trip of 50 ms: how old a message is when it is delivered, and what it cost on the wire
        stream-beside-bulk        the same beside a transfer that fills the link, on another channel of the same connection

        ENet is Debian's, driven by a C program that is compiled when it is first needed:
          apt-get install libenet-dev gcc libc6-dev

        Examples:
          Peer.Lab compare --quick
          Peer.Lab compare --json out.json
          Peer.Lab compare --libraries actorpeer --workloads oneway-reliable-32 --rounds 1 --seconds 5
          Peer.Lab compare --workloads 'rtt-*,echo-500x10'

        Exit codes: 0 all was measured; 1 a run failed, and the report says which; 2 wrong usage, or a file that cannot be written; 130 interrupted.
        """;

    public static Command Create()
    {
        var options = new CompareOptions();
        var command = new GuidedCommand("compare", "Measures this library, ENet and LiteNetLib side by side.", Guide);
        options.AddTo(command);
        command.SetAction(result => Run(options, result));
        return command;
    }

    private static int Run(CompareOptions options, ParseResult result)
    {
        var console = result.InvocationConfiguration;
        var libraries = LibraryCatalog.Find(options.ChosenLibraries(result), console.Error);
        if (libraries.Count == 0)
            return ExitCode.Violation;
        using var interrupt = new CancellationTokenSource();
        using var signals = new TerminationSignals(interrupt.Cancel);
        var comparison = new Comparison(options.Chosen(result), libraries, workload => options.PlanOf(result, workload), workload => options.RoundsOf(result, workload));
        var report = console.Error == Console.Error && !Console.IsErrorRedirected
            ? Bar(comparison, interrupt.Token)
            : comparison.Run(step => console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{step.Wall.TotalSeconds,6:0.0} s  {step}")), interrupt.Token);
        CompareTable.Write(console.Output, report);
        if (result.GetValue(options.Json) is { } json && !OutputFile.Write(json, file => file.Write(CompareJson.WriteUtf8(report)), console.Error))
            return ExitCode.Usage;
        return report.Interrupted ? ExitCode.Interrupted : report.Complete ? ExitCode.Ok : ExitCode.Violation;
    }

    private static CompareReport Bar(Comparison comparison, CancellationToken cancel) =>
        AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) }).Progress()
            .AutoClear(true)
            .Columns(new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .Start(context =>
            {
                var task = context.AddTask("starting");
                return comparison.Run(
                    step =>
                    {
                        task.MaxValue = step.Total;
                        task.Value = step.Done;
                        task.Description = Markup.Escape(step.ToString());
                    },
                    cancel);
            });
}
