using System.CommandLine;
using System.Net;
using Spectre.Console;

namespace Peer.Node.Demo;

/// <summary><c>demo</c>: real processes, real UDP, and a ledger of every message.</summary>
internal static class DemoCommand
{
    public const int MaxClients = 64;
    public const int MaxRate = 5000;

    private const string Guide = """
        A server and its clients start as processes of their own on the loopback address. All of them send in all three modes on four channels, to everybody,
        to one, to all but one, 16 bytes to 2 kB and now and then 100 kB; each message is numbered, and in the end what was sent is compared with what arrived.
        Reliable messages must all arrive, once and in order; unreliable ordered ones never late or twice; unreliable ones never twice.
        The demo takes at most its duration and two minutes; then it ends its processes and says what is missing.

        --json prints one object on standard output; deliveries are counted, so a message to eight counts eight:
          {"clients":8,"duration_s":5.0,"modes":{"reliable":{"sent":0,"received":0,"missing":0,"out_of_order":0,"duplicated":0},
           "unreliable_ordered":{...},"unreliable":{...}},"rtt_us":{"p50":0,"p99":0},"cpu_s":0.0,"ok":true}

        Examples:
          Peer.Node demo
          Peer.Node demo --clients 3 --duration 1 --json
          Peer.Node demo --clients 16 --duration 30 --rate 50 --seed 7

        Exit codes: 0 all promises kept; 1 something did not arrive, or failed, and standard error names it; 2 wrong usage.
        """;

    public static Command Create()
    {
        var clients = new Option<int>("--clients") { Description = $"Client processes, 1 .. {MaxClients}", HelpName = "N", DefaultValueFactory = _ => 8 }.Within(1, MaxClients);
        var duration = new Option<double>("--duration") { Description = "How long they send, in seconds, 0.1 .. 3600", HelpName = "S", DefaultValueFactory = _ => 5 }.Within(0.1, 3600);
        var json = new Option<bool>("--json") { Description = "One JSON object on standard output and nothing else" };
        var port = new Option<int>("--port") { Description = "UDP port of the server; 0 lets the system choose", HelpName = "N", DefaultValueFactory = _ => 0 }.Within(0, IPEndPoint.MaxPort);
        var seed = new Option<int>("--seed") { Description = "Seed of targets, channels and sizes", HelpName = "N", DefaultValueFactory = _ => 1 };
        var rate = new Option<int>("--rate") { Description = $"Messages a second that each process puts in each mode, 1 .. {MaxRate}", HelpName = "N", DefaultValueFactory = _ => 50 }.Within(1, MaxRate);
        var command = new GuidedCommand("demo", "Shows that it works: several processes send to each other, and a ledger finds what did not arrive.", Guide)
        {
            clients, duration, json, port, seed, rate,
        };
        command.SetAction(result => Run(
            new DemoOptions(
                result.GetValue(clients),
                TimeSpan.FromSeconds(result.GetValue(duration)),
                result.GetValue(port),
                result.GetValue(seed),
                result.GetValue(rate)),
            result.GetValue(json),
            result.InvocationConfiguration));
        return command;
    }

    private static int Run(DemoOptions options, bool json, InvocationConfiguration console)
    {
        var terminal = AnsiConsole.Console;
        DemoReport report;
        if (!json && terminal.Profile.Out.IsTerminal && !Console.IsOutputRedirected)
            report = terminal.Live(new Text("starting")).AutoClear(true).Start(context => Run(options, new LiveTable(context), console.Error));
        else
            report = Run(options, new ProgressLines(json ? console.Error : console.Output), console.Error);
        if (json)
            console.Output.WriteLine(report.ToJson());
        else
            DemoSummary.Write(terminal, report);
        DemoSummary.WriteProblems(console.Error, report.Problems);
        return report.IsOk ? ExitCode.Ok : ExitCode.Failed;
    }

    private static DemoReport Run(DemoOptions options, IDemoView view, TextWriter error)
    {
        using var run = new DemoRun(options, view);
        using var signals = new TerminationSignals(run.Interrupt);
        var report = run.Run();
        if (!report.IsOk)
            run.WriteLogs(error);
        return report;
    }
}
