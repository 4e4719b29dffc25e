using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Peer.Lab.Children;
using Peer.Node;
using Spectre.Console;

namespace Peer.Lab.Soak;

/// <summary><c>soak</c>: processes of servers and clients on real sockets, for a long time, with everything going wrong that can.</summary>
internal static class SoakCommand
{
    private const string Guide = """
        Two servers and four processes of clients talk through a relay that loses, delays, doubles and reorders datagrams. Clients leave and join, their addresses change, processes are frozen and killed, one server
        is killed, and an attacker floods; what happens when follows from the seed. Each end keeps a book of what it has sent and received; in the end the books are compared: whatever was sent between two who
        survived, or before a good-bye, must have arrived once and in order. What the processes that live to the end use, memory, handles and threads, must be flat: the last quarter of the time against the second.

        Examples:
          Peer.Lab soak --minutes 30 --json soak.json --svg soak.svg
          Peer.Lab soak --minutes 0.5 --clients 24

        Exit codes: 0 holds; 1 something was lost, repeated, reordered or grew; 2 wrong usage, or a file that cannot be written; 130 interrupted.
        """;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static IEnumerable<Command> Create()
    {
        yield return Judge();
        yield return ChildCommand.Create(SoakRun.ServerName, "soak", words =>
        {
            using var server = new SoakServer(ulong.Parse(words[0], CultureInfo.InvariantCulture), double.Parse(words[1], CultureInfo.InvariantCulture));
            return server.Run(int.Parse(words[2], CultureInfo.InvariantCulture));
        });
        yield return ChildCommand.Create(SoakRun.ClientsName, "soak", words =>
        {
            using var clients = new SoakClients(
                ulong.Parse(words[0], CultureInfo.InvariantCulture),
                int.Parse(words[2], CultureInfo.InvariantCulture),
                double.Parse(words[1], CultureInfo.InvariantCulture),
                [.. words[3..].Select(port => int.Parse(port, CultureInfo.InvariantCulture))]);
            return clients.Run();
        });
        yield return ChildCommand.Create(SoakRun.AttackerName, "soak", words => SoakAttacker.Run(ulong.Parse(words[0], CultureInfo.InvariantCulture)));
    }

    private static GuidedCommand Judge()
    {
        var minutes = new Option<double>("--minutes") { Description = "How long", HelpName = "N", DefaultValueFactory = _ => 1 }.Within(0.1, 1_440);
        var clients = new Option<int>("--clients") { Description = "Clients in all", HelpName = "N", DefaultValueFactory = _ => 200 }.Within(SoakPlan.ClientProcesses, 1_000);
        var rate = new Option<double>("--rate") { Description = "Reliable messages a second, of each client and to each", HelpName = "N", DefaultValueFactory = _ => 1 }.Within(0.1, 100);
        var loss = new Option<double>("--loss") { Description = "Share of datagrams lost each way", HelpName = "P", DefaultValueFactory = _ => 0.05 }.Within(0, 0.5);
        var seed = new Option<ulong>("--seed") { Description = "Of the plan", HelpName = "N", DefaultValueFactory = _ => 1 };
        var json = new Option<FileInfo?>("--json") { Description = "Writes the report as JSON, too", HelpName = "FILE" };
        var svg = new Option<FileInfo?>("--svg") { Description = "Draws what was used over time", HelpName = "FILE" };
        var command = new GuidedCommand("soak", "Lets servers and clients talk for a long time while everything goes wrong.", Guide) { minutes, clients, rate, loss, seed, json, svg };
        command.SetAction(result =>
        {
            var console = result.InvocationConfiguration;
            var plan = SoakPlan.Draw(result.GetValue(seed), result.GetValue(minutes), result.GetValue(clients), result.GetValue(rate), result.GetValue(loss));
            using var interrupt = new CancellationTokenSource();
            using var signals = new TerminationSignals(interrupt.Cancel);
            SoakReport report;
            using (var run = new SoakRun(plan, interrupt.Token))
                report = Watch(run, console.Error);
            report.Write(console.Output);
            var written = (result.GetValue(json) is not { } file || OutputFile.Write(file, stream => JsonSerializer.Serialize(stream, report, Indented), console.Error))
                && (result.GetValue(svg) is not { } picture || OutputFile.Write(picture, stream => SoakPlot.Draw(stream, report), console.Error));
            return !written ? ExitCode.Usage : interrupt.IsCancellationRequested ? ExitCode.Interrupted : report.Holds ? ExitCode.Ok : ExitCode.Violation;
        });
        return command;
    }

    private static SoakReport Watch(SoakRun run, TextWriter error)
    {
        if (error == Console.Error && !Console.IsErrorRedirected)
        {
            return AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) })
                .Status().Start("starting", status => run.Run(text => status.Status(Markup.Escape(text))));
        }

        var next = 0L;
        return run.Run(text =>
        {
            if (Environment.TickCount64 < next)
                return;
            next = Environment.TickCount64 + 5_000;
            error.WriteLine(text);
        });
    }
}
