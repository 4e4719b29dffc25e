using System.CommandLine;
using Akka.Configuration;
using Peer.Actors;
using Peer.Node.Cluster;
using Peer.Node.Configuration;
using Peer.Node.Status;
using Peer.Protocol;

namespace Peer.Node;

/// <summary><c>serve</c>: a server to use by hand.</summary>
internal static class ServeCommand
{
    private const string Guide = """
        What clients send is printed as "ID: text". Lines typed here go to every client, who reads "server: text".
        The end of standard input does not stop the server; Ctrl+C (SIGINT) or SIGTERM does: clients are told first.

        Settings come from flags, the environment, a file of HOCON and built-in defaults; the first that says something wins. A key such as
        actorpeer.server.max-peers is the variable ACTORPEER__SERVER__MAX_PEERS, and ACTORPEER_CONFIG names the file. docs/operations.md lists the keys.

        With --http, / is a page to look at, /health/live and /health/ready are for supervisors, /metrics is for Prometheus, /api/status for programs.

        Examples:
          Peer.Node serve
          Peer.Node serve --port 9000 --bind 127.0.0.1 --max-peers 16
          Peer.Node serve --port 7777 --enet 7778  (and Godot 3's own clients at 7778, in the same room)
          Peer.Node serve --name my-game        (clients: join HOST:PORT --name my-game)
          Peer.Node serve --http 8080 --log-format json --config /etc/actorpeer/node.conf
          Peer.Node serve --cluster --remote-port 4001 --port 7001 --config keys.conf
          Peer.Node serve --cluster --seed 127.0.0.1:4001 --remote-port 4002 --port 7002 --config keys.conf
          Peer.Node serve --set actorpeer.connection.idle-timeout=5s

        Exit codes: 0 stopped by a signal; 1 could not listen, or failed; 2 wrong usage, or a setting that is not legal.
        """;

    public static Command Create()
    {
        var flags = new ServeFlags();
        var command = new GuidedCommand("serve", "Runs a server by hand: prints who joins, who leaves and why, and what they say.", Guide);
        foreach (var option in flags.All)
            command.Add(option);
        command.SetAction(result => Serve(flags, result, result.InvocationConfiguration));
        return command;
    }

    /// <summary>The option that <c>serve</c> and <c>join</c> share.</summary>
    public static Option<string> ApplicationOption() => new("--name")
    {
        Description = "Application name; peers meet only within one application",
        HelpName = "APP",
        DefaultValueFactory = _ => NodeSettings.DefaultApplication,
    };

    private static int Serve(ServeFlags flags, ParseResult result, InvocationConfiguration console)
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var signals = new TerminationSignals(() => told.TrySetResult());
        NodeOptions options;
        var node = new SingleNode(TimeProvider.System);
        using var member = new ClusterNode(TimeProvider.System);
        NodeHost host;
        try
        {
            options = NodeOptions.Parse(NodeConfiguration.Read(flags.Pairs(result), flags.File(result), ProcessEnvironment()));
            host = NodeHost.Start(options, options.IsClustered ? member : node);
        }
        catch (ConfigurationException mistake)
        {
            console.Error.WriteLine(mistake.Message);
            return ExitCode.Usage;
        }
        catch (IOException failure)
        {
            console.Error.WriteLine($"cannot listen for HTTP: {failure.Message}");
            return ExitCode.Failed;
        }

        using (host)
            return options.IsClustered ? ServeRooms(options, host, member, told.Task, console) : Serve(options, host, node, signals, console);
    }

    private static int Serve(NodeOptions options, NodeHost host, SingleNode node, TerminationSignals signals, InvocationConfiguration console)
    {
        using var peer = new ActorMultiplayerPeer(host.System);
        var error = peer.CreateServer(options.Port, new ServerOptions
        {
            BindAddress = options.Bind,
            ENet = options.ENetPort is null ? null : new ENetOptions(),
            ENetPort = options.ENetPort ?? 0,
        });
        if (error != Error.Ok)
        {
            console.Error.WriteLine($"cannot listen on port {options.Port}: {peer.LastErrorText}");
            return error == Error.InvalidParameter ? ExitCode.Usage : ExitCode.Failed;
        }

        IServerVoice voice = options.LogsJson ? new JsonVoice(console.Output, TimeProvider.System) : new TextVoice(console.Output);
        voice.Listening(peer.LocalPort, peer.LocalENetPort, host.HttpAddress);
        using var input = new LineSource(Console.In);
        var endpoint = $"{options.Bind}:{peer.LocalPort}";
        var server = new TextServer(peer, input, voice, console.Error) { Turned = peers => node.Turn(peer, peers, endpoint), Quiet = options.Quiet };
        node.State = NodeState.Ready;
        var code = server.Run(() =>
        {
            if (signals.Raised)
                node.State = NodeState.Stopping;
            return signals.Raised;
        });
        node.State = NodeState.Stopping;
        return code;
    }

    private static int ServeRooms(NodeOptions options, NodeHost host, ClusterNode member, Task told, InvocationConfiguration console)
    {
        try
        {
            return ClusterServer.Run(options, host, member, told, console);
        }
        catch (ConfigurationException mistake)
        {
            console.Error.WriteLine(mistake.Message);
            return ExitCode.Usage;
        }
    }

    private static Dictionary<string, string> ProcessEnvironment() =>
        Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>().ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "");
}
