using System.CommandLine;
using System.Diagnostics;
using Akka.Actor;
using Akka.Configuration;
using Peer.Actors;
using Peer.Node;
using Peer.Protocol;
using Peer.Protocol.Handshake;

namespace Peer.Lab.Flood;

/// <summary><c>flood</c>: a server under a flood of HELLOs, its peers, and one who wants to join in the middle of it.</summary>
internal static class FloodCommand
{
    private const string Guide = """
        Eight clients exchange reliable messages with a server over real sockets, one every 20 ms each, while HELLOs arrive from 200 addresses of loopback.
        Every two seconds a new client joins. In the end every message must have arrived, in order, and every newcomer have connected within two seconds.

        Examples:
          Peer.Lab flood --rate 100000 --seconds 10

        Exit codes: 0 withstood; 1 a message was lost or a newcomer was late; 2 wrong usage.
        """;

    public static Command Create()
    {
        var rate = new Option<int>("--rate") { Description = "HELLOs per second", HelpName = "N", DefaultValueFactory = _ => 100_000 }.Within(1, 1_000_000);
        var seconds = new Option<int>("--seconds") { Description = "How long", HelpName = "S", DefaultValueFactory = _ => 10 }.Within(1, 3_600);
        var command = new GuidedCommand("flood", "Floods a server with HELLOs and counts what its peers lose and how long a newcomer takes.", Guide) { rate, seconds };
        command.SetAction(result => Run(result.GetValue(rate), result.GetValue(seconds), result.InvocationConfiguration.Output));
        return command;
    }

    private static int Run(int rate, int seconds, TextWriter output)
    {
        var quiet = ConfigurationFactory.ParseString("akka.loglevel = WARNING\nakka.log-dead-letters = off\nactorpeer.client.connect-timeout = 30s").WithFallback(ActorPeer.DefaultConfig);
        using var servers = ActorSystem.Create("flooded", quiet);
        using var clients = ActorSystem.Create("clients", quiet);
        using var server = new ActorMultiplayerPeer(servers);
        if (server.CreateServer(0, new ServerOptions { BindAddress = "127.0.0.1" }) != Error.Ok)
        {
            output.WriteLine(server.LastErrorText);
            return ExitCode.Violation;
        }

        var ledger = new Ledger(server);
        for (var i = 0; i < 8; i++)
            ledger.Join(new ActorMultiplayerPeer(clients), server.LocalPort);
        var watch = Stopwatch.StartNew();
        ledger.RunUntil(() => ledger.AllConnected, TimeSpan.FromSeconds(10));

        var late = new List<double>();
        using (var flood = new HelloFlood(server.LocalPort, Hello(), rate))
        {
            for (var joined = 0; joined < Math.Max(1, seconds / 2); joined++)
            {
                ledger.RunUntil(() => false, TimeSpan.FromSeconds(1));
                watch.Restart();
                ledger.Join(new ActorMultiplayerPeer(clients), server.LocalPort);
                ledger.RunUntil(() => ledger.AllConnected, TimeSpan.FromSeconds(20));
                late.Add(watch.Elapsed.TotalSeconds);
                ledger.RunUntil(() => false, TimeSpan.FromSeconds(Math.Max(0, 1 - late[^1])));
            }

            output.WriteLine($"hellos sent: {flood.Sent}");
        }

        ledger.Stop();
        ledger.RunUntil(() => ledger.AllArrived, TimeSpan.FromSeconds(20));
        var counters = ActorPeer.Get(servers).Runtime.Managers.All.Single().Ask<PeerCounters>(GetCounters.Instance, TimeSpan.FromSeconds(10)).GetAwaiter().GetResult();
        output.WriteLine($"hellos read: {counters.Hellos}, cookies sent: {counters.Challenges}, dropped unread by the transport: {counters.DatagramsOverIngressLimit}");
        output.WriteLine($"bytes in: {counters.BytesIn}, bytes out: {counters.BytesOut}");
        output.WriteLine($"messages sent: {ledger.Sent}, lost: {ledger.Lost}, out of order: {ledger.OutOfOrder}, peers disconnected: {ledger.Disconnected}");
        output.WriteLine($"newcomers: {late.Count}, slowest: {late.Max():0.000} s");
        var withstood = ledger.Lost == 0 && ledger.OutOfOrder == 0 && ledger.Disconnected == 0 && late.Max() < 2;
        ledger.Dispose();
        return withstood ? ExitCode.Ok : ExitCode.Violation;
    }

    private static byte[] Hello()
    {
        using var handshake = new ClientHandshake(new ClientHandshakeSettings { ApplicationName = "actorpeer" }, 1, SystemRandomSource.Instance, 0);
        var hello = new byte[Protocol.Handshake.Hello.Length];
        handshake.TryTransmit(0, hello, out _);
        return hello;
    }
}
