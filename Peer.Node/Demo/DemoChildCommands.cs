using System.CommandLine;
using System.Globalization;
using System.Net;
using Akka.Configuration;
using Peer.Actors;
using Peer.Protocol;

namespace Peer.Node.Demo;

/// <summary>The hidden commands by which <c>demo</c> starts itself again as server and as client.</summary>
internal static class DemoChildCommands
{
    private const string ServerName = "demo-server";
    private const string ClientName = "demo-client";
    private const string Application = "actorpeer-demo";
    private const string Loopback = "127.0.0.1";

    /// <summary>All start at once and cold, which takes its time on a small machine.</summary>
    private static Config Settings { get; } =
        ConfigurationFactory.ParseString("actorpeer { client.connect-timeout = 30s, facade.start-timeout = 30s }").WithFallback(NodeSettings.For(Application));

    /// <summary>The command line of the server.</summary>
    public static string[] ServerArguments(DemoOptions options) => Arguments(ServerName, options.Port, options, options.Seed);

    /// <summary>The command line of a client, 1 or more.</summary>
    public static string[] ClientArguments(DemoOptions options, int port, int index) => Arguments(ClientName, port, options, unchecked(options.Seed + (index * 7919)));

    public static Command CreateServer() => Create(ServerName, "The server of a demo.", RunServer);

    public static Command CreateClient() => Create(ClientName, "A client of a demo.", RunClient);

    private static string[] Arguments(string command, int port, DemoOptions options, int seed)
    {
        string[] arguments = [command, "--port", Text(port), "--clients", Text(options.Clients), "--seed", Text(seed), "--rate", Text(options.Rate)];
        return arguments;

        static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
    }

    private static Command Create(string name, string description, Func<int, int, int, int, InvocationConfiguration, int> run)
    {
        var port = new Option<int>("--port").Within(0, IPEndPoint.MaxPort);
        var clients = new Option<int>("--clients").Within(1, DemoCommand.MaxClients);
        var seed = new Option<int>("--seed");
        var rate = new Option<int>("--rate").Within(1, DemoCommand.MaxRate);
        var command = new Command(name, description) { port, clients, seed, rate };
        command.Hidden = true;
        command.SetAction(result => run(result.GetValue(port), result.GetValue(clients), result.GetValue(seed), result.GetValue(rate), result.InvocationConfiguration));
        return command;
    }

    private static int RunServer(int port, int clients, int seed, int rate, InvocationConfiguration console)
    {
        using var signals = new TerminationSignals(ignoreInterrupt: true);
        using var parent = new ParentLink(Console.In, console.Output);
        using var peer = new ActorMultiplayerPeer(Settings);
        var participant = new DemoParticipant(peer, parent, clients, seed, rate);
        if (peer.CreateServer(port, new ServerOptions { BindAddress = Loopback, MaxPeers = clients }) != Error.Ok)
        {
            parent.Tell(new ChildLine.Failed($"cannot listen on port {port}: {peer.LastErrorText}"));
            return ExitCode.Failed;
        }

        parent.Tell(new ChildLine.Listening(peer.LocalPort));
        return participant.Run(() => signals.Raised);
    }

    private static int RunClient(int port, int clients, int seed, int rate, InvocationConfiguration console)
    {
        using var signals = new TerminationSignals(ignoreInterrupt: true);
        using var parent = new ParentLink(Console.In, console.Output);
        using var peer = new ActorMultiplayerPeer(Settings);
        var participant = new DemoParticipant(peer, parent, clients, seed, rate);
        if (peer.CreateClient(Loopback, port) != Error.Ok)
        {
            parent.Tell(new ChildLine.Failed($"cannot connect to port {port}: {peer.LastErrorText}"));
            return ExitCode.Failed;
        }

        return participant.Run(() => signals.Raised);
    }
}
