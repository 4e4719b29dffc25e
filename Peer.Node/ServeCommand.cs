using System.CommandLine;
using System.Net;
using Peer.Actors;
using Peer.Protocol;

namespace Peer.Node;

/// <summary><c>serve</c>: a server to use by hand.</summary>
internal static class ServeCommand
{
    private const string Guide = """
        What clients send is printed as "ID: text". Lines typed here go to every client, who reads "server: text".
        The end of standard input does not stop the server; Ctrl+C (SIGINT) or SIGTERM does: clients are told first.

        Examples:
          Peer.Node serve
          Peer.Node serve --port 9000 --bind 127.0.0.1 --max-peers 16
          Peer.Node serve --port 7777 --enet 7778  (and Godot 3's own clients at 7778, in the same room)
          Peer.Node serve --name my-game        (clients: join HOST:PORT --name my-game)

        Exit codes: 0 stopped by a signal; 1 could not listen, or failed; 2 wrong usage.
        """;

    public static Command Create()
    {
        var port = new Option<int>("--port") { Description = "UDP port to listen on; 0 lets the system choose", HelpName = "N", DefaultValueFactory = _ => ServerAddress.DefaultPort }
            .Within(0, IPEndPoint.MaxPort);
        var bind = new Option<string>("--bind") { Description = "Address to listen on; * is every address, IPv6 and IPv4", HelpName = "ADDR", DefaultValueFactory = _ => "*" };
        var maxPeers = new Option<int?>("--max-peers") { Description = "Most clients at a time, 1 .. 65536 [default: 4095]", HelpName = "N" };
        maxPeers.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && int.TryParse(token.Value, out var value) && value is < 1 or > 65_536)
                result.AddError($"--max-peers must be 1 .. 65536, not {value}");
        });
        var name = ApplicationOption();
        var enet = new Option<int?>("--enet") { Description = "UDP port for ENet, too: Godot 3's own clients join the same room; 0 lets the system choose", HelpName = "N" };
        enet.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && int.TryParse(token.Value, out var value) && value is < 0 or > IPEndPoint.MaxPort)
                result.AddError($"--enet must be 0 .. {IPEndPoint.MaxPort}, not {value}");
        });
        var command = new GuidedCommand("serve", "Runs a server by hand: prints who joins, who leaves and why, and what they say.", Guide) { port, bind, maxPeers, name, enet };
        command.SetAction(result => Serve(
            result.GetValue(port),
            new ServerOptions
            {
                BindAddress = result.GetValue(bind)!,
                MaxPeers = result.GetValue(maxPeers),
                ENet = result.GetValue(enet) is null ? null : new ENetOptions(),
                ENetPort = result.GetValue(enet) ?? 0,
            },
            result.GetValue(name)!,
            result.InvocationConfiguration));
        return command;
    }

    /// <summary>The option that <c>serve</c> and <c>join</c> share.</summary>
    public static Option<string> ApplicationOption() => new("--name")
    {
        Description = "Application name; peers meet only within one application",
        HelpName = "APP",
        DefaultValueFactory = _ => NodeSettings.DefaultApplication,
    };

    private static int Serve(int port, ServerOptions options, string name, InvocationConfiguration console)
    {
        using var signals = new TerminationSignals();
        using var peer = new ActorMultiplayerPeer(NodeSettings.For(name));
        var error = peer.CreateServer(port, options);
        if (error != Error.Ok)
        {
            console.Error.WriteLine($"cannot listen on port {port}: {peer.LastErrorText}");
            return error == Error.InvalidParameter ? ExitCode.Usage : ExitCode.Failed;
        }

        console.Output.WriteLine($"listening on port {peer.LocalPort}; Ctrl+C stops");
        if (peer.LocalENetPort != 0)
            console.Output.WriteLine($"ENet on port {peer.LocalENetPort}");
        using var input = new LineSource(Console.In);
        return new TextServer(peer, input, console.Output, console.Error).Run(() => signals.Raised);
    }
}
