using System.Diagnostics;
using System.Globalization;
using Peer.Actors;
using Peer.Protocol;

namespace Peer.Lab.Spanning;

/// <summary>Players in one process: each says so much to everybody in its room, and counts what it hears.</summary>
internal static class SpanClients
{
    public const string Name = "span-clients";

    private const int Bytes = 32;

    /// <param name="perPort">Players for each port.</param>
    /// <param name="rate">Messages a second and player.</param>
    /// <param name="ports">Where the rooms or gateways are.</param>
    public static int Run(int perPort, int rate, int[] ports)
    {
        using var system = Akka.Actor.ActorSystem.Create("players", Akka.Configuration.ConfigurationFactory.ParseString("""
            akka { loglevel = WARNING, stdout-loglevel = OFF, log-dead-letters = off }
            actorpeer.strands.count = 1
            """).WithFallback(ActorPeer.DefaultConfig));
        var players = new List<ActorMultiplayerPeer>();
        var joined = 0;
        foreach (var port in ports)
        {
            for (var i = 0; i < perPort; i++)
            {
                var player = new ActorMultiplayerPeer(system);
                player.PeerConnected += _ => joined++;
                player.CreateClient("127.0.0.1", port);
                players.Add(player);
            }
        }

        var heard = 0L;
        var isOver = false;
        var reading = Task.Run(() =>
        {
            while (Console.In.ReadLine() is not null)
            {
                Console.Out.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"cpu {Process.GetCurrentProcess().TotalProcessorTime.TotalMicroseconds:0} {Volatile.Read(ref heard)} {Volatile.Read(ref joined)}"));
                Console.Out.Flush();
            }

            Volatile.Write(ref isOver, true);
        });
        Console.Out.WriteLine("up");
        Console.Out.Flush();
        var payload = new byte[Bytes];
        var frame = TimeSpan.FromSeconds(1.0 / rate);
        using var pace = new PeriodicTimer(frame);
        while (!Volatile.Read(ref isOver))
        {
            foreach (var player in players)
            {
                player.Poll(TimeSpan.Zero);
                while (player.TryGetPacket(out _))
                    Volatile.Write(ref heard, heard + 1);
                if (player.GetConnectionStatus() == ConnectionStatus.Connected)
                    player.PutPacket(payload);
            }

            if (!pace.WaitForNextTickAsync().AsTask().Result)
                break;
        }

        foreach (var player in players)
            player.Dispose();
        reading.Wait(frame);
        return ExitCode.Ok;
    }
}
