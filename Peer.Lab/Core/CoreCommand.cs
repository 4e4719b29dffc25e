using System.CommandLine;
using Peer.Node;
using Peer.Protocol;

namespace Peer.Lab.Core;

/// <summary><c>core</c>: what a message costs both ends without sockets, actors and threads.</summary>
internal static class CoreCommand
{
    private const string Guide = """
        Two ends of a connection in one thread, with numbering, packing, sealing, opening, ordering and acknowledging; the clock is virtual, the network a copy.
        One second of warm-up is not counted. What is left of a measurement between processes is the sockets', the actors' and the threads'.

        Examples:
          Peer.Lab core
          Peer.Lab core --size 1000 --burst 64 --datagram 32000
          Peer.Lab core --pairs 500 --burst 10 --echo

        Exit codes: 0 measured; 2 wrong usage.
        """;

    public static Command Create()
    {
        var size = new Option<int>("--size") { Description = "Bytes of a message", DefaultValueFactory = _ => 32 };
        var mode = new Option<string>("--mode") { Description = "reliable, ordered or unreliable", DefaultValueFactory = _ => "reliable" };
        mode.AcceptOnlyFromAmong("reliable", "ordered", "unreliable");
        var datagram = new Option<int>("--datagram") { Description = "Largest datagram that is probed for", DefaultValueFactory = _ => 1472 };
        var pairs = new Option<int>("--pairs") { Description = "Connections that take turns", DefaultValueFactory = _ => 1 };
        var burst = new Option<int>("--burst") { Description = "Messages put at a time", DefaultValueFactory = _ => 2000 };
        var echo = new Option<bool>("--echo") { Description = "Each message comes back" };
        var seconds = new Option<double>("--seconds") { Description = "How long to measure", DefaultValueFactory = _ => 3 };
        var command = new GuidedCommand("core", "Measures the core alone: both ends of a connection in one thread.", Guide) { size, mode, datagram, pairs, burst, echo, seconds };
        command.SetAction(result =>
        {
            result.InvocationConfiguration.Output.WriteLine(CoreLoop.Run(
                result.GetValue(size),
                result.GetValue(mode) switch { "reliable" => TransferMode.Reliable, "ordered" => TransferMode.UnreliableOrdered, _ => TransferMode.Unreliable },
                result.GetValue(seconds),
                result.GetValue(datagram),
                result.GetValue(pairs),
                result.GetValue(burst),
                result.GetValue(echo)));
            return ExitCode.Ok;
        });
        return command;
    }
}
