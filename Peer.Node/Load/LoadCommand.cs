using System.CommandLine;
using Akka.Configuration;
using Peer.Node.Configuration;
using Spectre.Console;

namespace Peer.Node.Load;

/// <summary><c>load</c>: bots against a server or a cluster.</summary>
internal static class LoadCommand
{
    public const int MaxBots = 20_000;

    private const string Guide = """
        Bots join, talk to everybody in their room, and keep books of all that they said and heard. At the end, or at SIGINT or SIGTERM, they fall silent, listen until
        nothing has come for as long as a silent server is waited for (actorpeer.connection.idle-timeout, 2 s at least), and leave; then the books are compared: each
        reliable message must have reached everybody who was there, once and in order.

        With several servers bots ask them in turn: any node of a cluster shows the way to a room. Several loads may play in the same rooms, each with bots of other
        numbers (--first-bot); each compares what its own bots said, and --books writes all of it down for whoever compares across processes.
        Latency is from one bot to another over the room's server; it is true between processes of one machine.

        --json prints one object on standard output:
          {"bots":300,"rooms":30,"rate":5,"size":64,"talked_s":30,"joined":300,"sent":0,"heard":0,"heard_per_s":0,"joining_ms":{"p50":0,"p90":0,"p99":0,"p99.9":0,"max":0},
           "latency_ms":{...},"reliable":{"owed":0,"delivered":0,"missing":0,"repeated":0},"unreliable_ordered":{"sent":0,"heard":0,"late":0},
           "unreliable":{"sent":0,"heard":0},"interrupted":0,"resumed":0,"restarted":0,"lost":0,"cpu_s":0,"ok":true}

        Examples:
          Peer.Node load 127.0.0.1:7777 --bots 100 --seconds 10
          Peer.Node load node1:7777 node2:7777 --rooms 30 --bots 300 --rate 5 --books books.jsonl
          Peer.Node load 127.0.0.1:7777 --bots 50 --rate 60 --size 200 --mix 10,90,0 --json

        Exit codes: 0 all promises kept; 1 a bot did not get in or lost its server, or something did not arrive, and standard error names it; 2 wrong usage.
        """;

    public static Command Create()
    {
        var servers = new Argument<ServerAddress[]>("servers")
        {
            HelpName = "HOST:PORT",
            Arity = ArgumentArity.OneOrMore,
            Description = $"The server, or nodes of a cluster; port {ServerAddress.DefaultPort} when left out",
            CustomParser = result =>
            {
                var addresses = new List<ServerAddress>();
                foreach (var token in result.Tokens)
                {
                    if (ServerAddress.Parse(token.Value, out var problem) is { } address)
                        addresses.Add(address);
                    else
                        result.AddError(problem);
                }

                return [.. addresses];
            },
        };
        var bots = new Option<int>("--bots") { Description = $"How many, 1 .. {MaxBots}", HelpName = "N", DefaultValueFactory = _ => 100 }.Within(1, MaxBots);
        var first = new Option<int>("--first-bot") { Description = "Number of the first one, 1 .. 1000000", HelpName = "N", DefaultValueFactory = _ => 1 }.Within(1, 1_000_000);
        var rooms = new Option<int>("--rooms") { Description = "Rooms of a cluster that they share; 0 is the one room of a server", HelpName = "N", DefaultValueFactory = _ => 0 }.Within(0, MaxBots);
        var prefix = new Option<string>("--room-prefix") { Description = "What names of rooms begin with", HelpName = "TEXT", DefaultValueFactory = _ => "load" };
        var rate = new Option<double>("--rate") { Description = "Messages a second of each bot, 0.01 .. 1000", HelpName = "N", DefaultValueFactory = _ => 10 }.Within(0.01, 1000);
        var seconds = new Option<double>("--seconds") { Description = "How long they talk, 0.1 .. 86400", HelpName = "S", DefaultValueFactory = _ => 10 }.Within(0.1, 86_400);
        var size = new Option<int>("--size") { Description = $"Bytes of a message, {BotMessage.Length} .. 65536", HelpName = "N", DefaultValueFactory = _ => 64 }.Within(BotMessage.Length, 65_536);
        var mix = new Option<ModeMix>("--mix")
        {
            Description = "Percent reliable, unreliable ordered, unreliable [default: 50,30,20]",
            HelpName = "R,O,U",
            CustomParser = result =>
            {
                var read = ModeMix.Parse(result.Tokens[0].Value, out var problem);
                if (read is null)
                    result.AddError(problem);
                return read;
            },
        };
        var seed = new Option<int>("--seed") { Description = "Seed of modes and moments", HelpName = "N", DefaultValueFactory = _ => 1 };
        var name = ServeCommand.ApplicationOption();
        var set = new Option<string[]>("--set") { Description = "A setting of the bots by its key, any number of times", HelpName = "KEY=VALUE" };
        var books = new Option<string?>("--books") { Description = "File for what each bot did and heard, one JSON object a line", HelpName = "FILE" };
        var json = new Option<bool>("--json") { Description = "One JSON object on standard output and nothing else" };
        var command = new GuidedCommand("load", "Bots that talk in the rooms of a server or a cluster, and a ledger of all that they said and heard.", Guide)
        {
            servers, bots, rooms, rate, seconds, size, mix, seed, name, set, first, prefix, books, json,
        };
        command.SetAction(result =>
        {
            var console = result.InvocationConfiguration;
            try
            {
                var options = new LoadOptions
                {
                    Servers = result.GetRequiredValue(servers),
                    Bots = result.GetValue(bots),
                    FirstBot = result.GetValue(first),
                    Rooms = result.GetValue(rooms),
                    RoomPrefix = result.GetValue(prefix)!,
                    Rate = result.GetValue(rate),
                    Duration = TimeSpan.FromSeconds(result.GetValue(seconds)),
                    Size = result.GetValue(size),
                    Mix = result.GetValue(mix) ?? ModeMix.Default,
                    Seed = result.GetValue(seed),
                    Books = result.GetValue(books),
                    Config = NodeConfiguration.Settings(result.GetValue(set) ?? []).WithFallback(NodeSettings.For(result.GetValue(name)!)),
                };
                return Run(options, result.GetValue(json), console);
            }
            catch (ConfigurationException mistake)
            {
                console.Error.WriteLine(mistake.Message);
                return ExitCode.Usage;
            }
        });
        return command;
    }

    private static int Run(LoadOptions options, bool json, InvocationConfiguration console)
    {
        using var signals = new TerminationSignals();
        var terminal = AnsiConsole.Console;
        LoadReport report;
        if (!json && terminal.Profile.Out.IsTerminal && !Console.IsOutputRedirected)
        {
            report = terminal.Progress().AutoClear(true).HideCompleted(false)
                .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
                .Start(context => new LoadRun(options, new LoadBar(context, options), signals).Run());
        }
        else
        {
            report = new LoadRun(options, new LoadLines(json ? console.Error : console.Output), signals).Run();
        }

        if (json)
            console.Output.WriteLine(report.ToJson());
        else
            LoadSummary.Write(terminal, report);
        foreach (var problem in report.Problems)
            console.Error.WriteLine(problem);
        return report.IsOk ? ExitCode.Ok : ExitCode.Failed;
    }
}
