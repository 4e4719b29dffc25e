using System.CommandLine;
using System.Globalization;
using Peer.Lab.Compare.Ends;
using Peer.Node;

namespace Peer.Lab.Compare;

/// <summary><c>enet</c>: our ENet server and libenet's, each under the same libenet clients.</summary>
internal static class ENetCommand
{
    private const string Guide = """
        The clients are Debian's libenet in a process of their own: one host with a peer for each client, so many messages of 32 B on the way for each, reliable;
        what comes back goes out again. The two servers take turns. Only the ratio means anything elsewhere.

        libenet is driven by a C program that is compiled when it is first needed:
          apt-get install libenet-dev gcc libc6-dev

        Examples:
          Peer.Lab enet
          Peer.Lab enet --clients 50 --flight 10 --rounds 3 --seconds 4

        Exit codes: 0 measured; 1 a round was void; 2 wrong usage; 3 there is no libenet here.
        """;

    private const int NoLibrary = 3;

    public static Command Create()
    {
        var clients = new Option<int>("--clients") { Description = "libenet clients", DefaultValueFactory = _ => 500 }.Within(1, 4_000);
        var flight = new Option<int>("--flight") { Description = "Messages on the way for each", DefaultValueFactory = _ => 10 }.Within(1, 1_000);
        var rounds = new Option<int>("--rounds") { Description = "Each server's turns", DefaultValueFactory = _ => 3 }.Within(1, 100);
        var seconds = new Option<int>("--seconds") { Description = "Length of a turn's window", DefaultValueFactory = _ => 3 }.Within(1, 600);
        var command = new GuidedCommand("enet", "Measures our ENet server against libenet's, under the same libenet clients.", Guide) { clients, flight, rounds, seconds };
        command.SetAction((result, cancel) => Task.FromResult(Run(
            result.GetValue(clients), result.GetValue(flight), result.GetValue(rounds), TimeSpan.FromSeconds(result.GetValue(seconds)), result.InvocationConfiguration, cancel)));
        return command;
    }

    private static int Run(int clients, int flight, int rounds, TimeSpan window, InvocationConfiguration console, CancellationToken cancel)
    {
        if (LibraryCatalog.Find([Library.ENet], console.Error) is not [var libenet])
            return NoLibrary;
        var ours = LibraryCatalog.Find([ENetServerEndpoint.Name], console.Error)[0];
        var rates = new Dictionary<Library, List<double>> { [ours] = [], [libenet] = [] };
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var server in new[] { ours, libenet })
            {
                var outcome = Turn(server, libenet, clients, flight, window, cancel);
                if (outcome.Problem(outcome.Client) is { } problem)
                {
                    console.Error.WriteLine($"{server.Name}: {problem}");
                    return ExitCode.Violation;
                }

                var rate = outcome.Client.PerSecond("messages");
                rates[server].Add(rate);
                console.Output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"round {round}, {server.Name,-14} {rate,9:0} round trips/s, server {outcome.Server.PerSecond("cpu") / rate * 1e6:0.00} us CPU each"));
            }
        }

        var (ourRate, theirRate) = (Median(rates[ours]), Median(rates[libenet]));
        console.Output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"echo {clients} x {flight}: ActorPeer {ourRate:0}, libenet {theirRate:0} round trips/s: {ourRate / theirRate:0.00} x"));
        return ExitCode.Ok;
    }

    private static PairOutcome Turn(Library server, Library clients, int count, int flight, TimeSpan window, CancellationToken cancel)
    {
        string[] settings = [$"clients={count}", $"flight={flight}", "size=32"];
        return PairRun.Run(server, clients, "echo", settings, new RunPlan(TimeSpan.FromSeconds(server.IsManaged ? 4 : 1), window), cancel);
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
