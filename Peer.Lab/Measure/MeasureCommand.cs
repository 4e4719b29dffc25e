using System.CommandLine;
using Peer.Node;
using Peer.Protocol;

namespace Peer.Lab.Measure;

/// <summary><c>measure</c>: one client and one server on loopback, each a process of its own.</summary>
internal static class MeasureCommand
{
    private const string Guide = """
        oneway: the client sends as fast as Busy lets it. rtt: one packet at a time goes to the server and back, both ends blocking in Poll.
        Three seconds of warm-up are not counted. Figures are for this machine; only ratios taken side by side mean anything elsewhere.

        Examples:
          Peer.Lab measure oneway --size 32
          Peer.Lab measure oneway --size 1000 --mode unreliable --seconds 20
          Peer.Lab measure rtt

        Exit codes: 0 measured; 1 the two processes did not find each other; 2 wrong usage.
        """;

    public static Command Create()
    {
        var workload = new Argument<string>("workload") { Description = "oneway or rtt" };
        workload.AcceptOnlyFromAmong("oneway", "rtt");
        var size = new Option<int>("--size") { Description = "Bytes of a message", DefaultValueFactory = _ => 32 };
        var mode = new Option<string>("--mode") { Description = "reliable, ordered or unreliable", DefaultValueFactory = _ => "reliable" };
        mode.AcceptOnlyFromAmong("reliable", "ordered", "unreliable");
        var seconds = new Option<double>("--seconds") { Description = "How long to measure", DefaultValueFactory = _ => 10 };
        var serve = new Option<bool>("--serve") { Hidden = true };
        var command = new GuidedCommand("measure", "Measures throughput or round trips between two processes on loopback.", Guide) { workload, size, mode, seconds, serve };
        command.SetAction(result =>
        {
            var wanted = new Workload(result.GetValue(workload)!, result.GetValue(size), ModeOf(result.GetValue(mode)!), result.GetValue(seconds));
            return result.GetValue(serve) ? MeasureServer.Run(wanted) : MeasureClient.Run(wanted, result.InvocationConfiguration.Output);
        });
        return command;
    }

    private static TransferMode ModeOf(string name) => name switch
    {
        "reliable" => TransferMode.Reliable,
        "ordered" => TransferMode.UnreliableOrdered,
        _ => TransferMode.Unreliable,
    };
}
