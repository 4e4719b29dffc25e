using System.CommandLine;
using System.Globalization;
using Peer.Lab.Children;
using Peer.Node;

namespace Peer.Lab.Spanning;

/// <summary><c>span</c>: what a delivered message costs on one node and on three.</summary>
internal static class SpanCommand
{
    private const string Guide = """
        Processes of a cluster on this machine, and one process with all players, each of whom says 32 reliable bytes to everybody in its room at a steady rate.
        Measured is the processor time of the nodes, and of all processes, for each message that a player hears. One node and three are all there all along, and
        their players talk by turns, each first in every other round. What is said by players of the same node and of others is in one sum, as in a game: of a
        room on three nodes two thirds of the messages cross.

        Examples:
          Peer.Lab span --what spanning
          Peer.Lab span --what local --players 24 --rate 60

        Exit codes: 0 measured; 2 wrong usage.
        """;

    public static IEnumerable<Command> Create()
    {
        var what = new Option<string>("--what") { Description = "local: rooms side by side; spanning: one room on three nodes", DefaultValueFactory = _ => "spanning" };
        what.AcceptOnlyFromAmong("local", "spanning");
        var players = new Option<int?>("--players") { Description = "Players in all; a multiple of 3. Without it 45 in three rooms, 24 in one", HelpName = "N" }.Within(3, 300);
        var rate = new Option<int>("--rate") { Description = "Messages a second of each player", HelpName = "N", DefaultValueFactory = _ => 60 }.Within(1, 1_000);
        var seconds = new Option<double>("--seconds") { Description = "How long to measure each in a round", HelpName = "N", DefaultValueFactory = _ => 4 }.Within(1, 60);
        var warmUp = new Option<double>("--warm-up") { Description = "Seconds of the same traffic before, while code is compiled and paths are probed", HelpName = "N", DefaultValueFactory = _ => 60 }.Within(1, 600);
        var rounds = new Option<int>("--rounds") { Description = "How often to measure each, by turns", HelpName = "N", DefaultValueFactory = _ => 20 }.Within(1, 1_000);
        var set = new Option<string[]>("--set") { Description = "A setting of the nodes, in HOCON", HelpName = "KEY=VALUE", DefaultValueFactory = _ => [], AllowMultipleArgumentsPerToken = true };
        var command = new GuidedCommand("span", "Measures what a message costs on one node and on three.", Guide) { what, players, rate, seconds, rounds, warmUp, set };
        command.SetAction(result =>
        {
            var output = result.InvocationConfiguration.Output;
            var isLocal = result.GetValue(what) == "local";
            var run = new SpanRun(
                (result.GetValue(players) ?? (isLocal ? 45 : 24)) / 3 * 3, result.GetValue(rate), result.GetValue(set)!, TimeSpan.FromSeconds(result.GetValue(warmUp)), TimeSpan.FromSeconds(result.GetValue(seconds)), result.GetValue(rounds), result.InvocationConfiguration.Error);
            var costs = isLocal ? run.Local() : run.Spanning();
            var (one, three) = (costs.Select(cost => cost.One).Aggregate((sum, cost) => sum + cost), costs.Select(cost => cost.Three).Aggregate((sum, cost) => sum + cost));
            var ratios = costs.Select(cost => cost.Three.NodeMicroseconds / cost.One.NodeMicroseconds).Order().ToArray();
            foreach (var cost in (SpanCost[])[one, three])
            {
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{cost.What}: {cost.Delivered} messages heard, {cost.NodeMicroseconds:0.00} us of the nodes each, {cost.AllMicroseconds:0.00} us with the players"));
            }

            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"three nodes to one: {three.NodeMicroseconds / one.NodeMicroseconds:0.00} for the nodes, {three.AllMicroseconds / one.AllMicroseconds:0.00} for all; half of the rounds {ratios[ratios.Length / 4]:0.00} to {ratios[ratios.Length * 3 / 4]:0.00}, all {ratios[0]:0.00} to {ratios[^1]:0.00}"));
            return ExitCode.Ok;
        });
        yield return command;
        yield return ChildCommand.Create(SpanNode.Name, "span", words => SpanNode.Run(words[0], words[1], int.Parse(words[2], CultureInfo.InvariantCulture), words[3..]));
        yield return ChildCommand.Create(SpanClients.Name, "span", words => SpanClients.Run(
            int.Parse(words[0], CultureInfo.InvariantCulture),
            int.Parse(words[1], CultureInfo.InvariantCulture),
            [.. words[2..].Select(port => int.Parse(port, CultureInfo.InvariantCulture))]));
    }
}
