using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Peer.Node;
using Peer.Node.Load;

namespace Peer.Lab.Nodes;

/// <summary><c>nodes</c>: a cluster of real processes is drained, killed and healed under bots who write down what they hear.</summary>
internal static class NodesCommand
{
    private const string Guide = """
        Three nodes (Peer.Node serve --cluster) and three processes of bots (Peer.Node load) start on loopback. One node is ended by SIGTERM and started again, another one
        by SIGKILL. The bots number what they say and keep books of what they hear; the books are compared, and nothing else is believed:
          - no bot of any room but those of the killed node missed a reliable message, and none heard one twice or out of order;
          - every bot kept its peer ID, and nobody saw anybody leave or join;
          - every bot whose room was on the killed node was back within --return-limit of the kill.
        What rooms lose that die with their node is counted. All processes are ended, whatever happens.

        Examples:
          Peer.Lab nodes
          Peer.Lab nodes --times 5
          Peer.Lab nodes --bots 60 --rooms 12 --pause 2 --json
          Peer.Lab nodes --patience 3 --return-limit 60      (on a machine that does other things, too)

        Exit codes: 0 all of it holds; 1 something does not, and standard error names it; 2 wrong usage.
        """;

    public static Command Create()
    {
        var bots = new Option<int>("--bots") { Description = "Bots, 6 .. 6000, in threes", HelpName = "N", DefaultValueFactory = _ => 300 }.Within(6, 6_000);
        var rooms = new Option<int>("--rooms") { Description = "Rooms that they share, 1 .. 2000", HelpName = "N", DefaultValueFactory = _ => 30 }.Within(1, 2_000);
        var rate = new Option<double>("--rate") { Description = "Messages a second of each bot, 0.1 .. 100", HelpName = "N", DefaultValueFactory = _ => 2 }.Within(0.1, 100);
        var pause = new Option<double>("--pause") { Description = "Seconds of play between two events, 0.5 .. 600", HelpName = "S", DefaultValueFactory = _ => 4 }.Within(0.5, 600);
        var times = new Option<int>("--times") { Description = "How often, 1 .. 100; the first failure ends it", HelpName = "N", DefaultValueFactory = _ => 1 }.Within(1, 100);
        var limit = new Option<double>("--return-limit") { Description = "Seconds after the kill within which everybody must be back, 1 .. 600", HelpName = "S", DefaultValueFactory = _ => 10 }.Within(1, 600);
        var patience = new Option<int>("--patience") { Description = "Multiplies the times after which a silent node or server is given up, 1 .. 10; 1 is for a machine with nothing else to do", HelpName = "N", DefaultValueFactory = _ => 1 }.Within(1, 10);
        var keep = new Option<string?>("--keep") { Description = "Folder in which the books stay; made when it is not there", HelpName = "DIR" };
        var json = new Option<bool>("--json") { Description = "One JSON object a run on standard output, progress on standard error" };
        var command = new GuidedCommand("nodes", "Drains, kills and heals a cluster of three node processes under bots, and checks their books.", Guide) { bots, rooms, rate, pause, patience, limit, times, keep, json };
        command.SetAction(result =>
        {
            for (var time = 1; time <= result.GetValue(times); time++)
            {
                var code = Run(
                    plan => plan with { Bots = result.GetValue(bots) / 3 * 3, Rooms = result.GetValue(rooms), Rate = result.GetValue(rate), Pause = result.GetValue(pause), ReturnLimit = TimeSpan.FromSeconds(result.GetValue(limit)) },
                    result.GetValue(keep),
                    result.GetValue(patience),
                    result.GetValue(json),
                    result.InvocationConfiguration);
                if (code != ExitCode.Ok)
                    return code;
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static int Run(Func<NodesPlan, NodesPlan> shape, string? keep, int patience, bool json, InvocationConfiguration console)
    {
        var folder = keep is null ? Directory.CreateTempSubdirectory("nodes").FullName : Directory.CreateDirectory(keep).FullName;
        var plan = shape(NodesPlan.Prepare(folder, patience));
        using var run = new NodesRun(plan, json ? console.Error : console.Output);
        try
        {
            var evidence = run.Run();
            var verdict = new NodesVerdict(plan, evidence, [.. Enumerable.Range(0, NodesPlan.BotProcesses).SelectMany(process => LoadBooks.Read(plan.BooksOf(process)))]);
            console.Output.WriteLine(json ? Json(plan, evidence, verdict) : Text(plan, evidence, verdict));
            foreach (var problem in verdict.Problems.Take(30))
                console.Error.WriteLine(problem);
            if (!verdict.IsOk)
                console.Error.WriteLine(run.Tails);
            return verdict.IsOk ? ExitCode.Ok : ExitCode.Violation;
        }
        catch (Exception e) when (e is TimeoutException or InvalidOperationException or IOException or JsonException)
        {
            console.Error.WriteLine(e.Message);
            console.Error.WriteLine(run.Tails);
            return ExitCode.Violation;
        }
        finally
        {
            if (keep is null)
                Directory.Delete(folder, recursive: true);
        }
    }

    private static string Text(NodesPlan plan, NodesEvidence evidence, NodesVerdict verdict) => string.Create(CultureInfo.InvariantCulture, $"""
        bots             {plan.Bots} in {plan.Rooms} rooms, {plan.Rate} messages/s each
        drain            {(evidence.DrainEnded - evidence.DrainBegan) / 1000.0:0.0} s until the node had ended
        kill             {verdict.Died.Count} rooms, {verdict.Returns.Count} bots back after {At(verdict, 0.5):0.0} s (half of them), {At(verdict, 1):0.0} s (all)
        reliable         {verdict.Ledger.Owed} owed, {verdict.Ledger.Delivered} delivered, {verdict.Ledger.Missing} lost with the killed node, {verdict.Ledger.Repeated} repeated
        time             {evidence.Seconds:0.0} s
        {(verdict.IsOk ? "everything held" : "something did not hold")}
        """);

    private static string Json(NodesPlan plan, NodesEvidence evidence, NodesVerdict verdict) => JsonSerializer.Serialize(new
    {
        bots = plan.Bots,
        rooms = plan.Rooms,
        rate = plan.Rate,
        drain_s = (evidence.DrainEnded - evidence.DrainBegan) / 1000.0,
        killed_rooms = verdict.Died.Count,
        returned_bots = verdict.Returns.Count,
        return_s = new { p50 = At(verdict, 0.5), max = At(verdict, 1) },
        reliable = new { owed = verdict.Ledger.Owed, delivered = verdict.Ledger.Delivered, missing = verdict.Ledger.Missing, repeated = verdict.Ledger.Repeated },
        seconds = Math.Round(evidence.Seconds, 1),
        ok = verdict.IsOk,
    });

    private static double At(NodesVerdict verdict, double part) =>
        verdict.Returns.Count == 0 ? 0 : verdict.Returns[Math.Min(verdict.Returns.Count - 1, (int)(verdict.Returns.Count * part))] / 1000.0;
}
