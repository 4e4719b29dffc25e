using System.Globalization;
using Peer.Actors;
using Peer.Protocol;

namespace Peer.Lab.Spanning;

/// <summary>Players in one process: each says so much to everybody in its room, and counts what it hears.</summary>
internal static class SpanClients
{
    public const string Name = "span-clients";

    /// <summary>Tells players to talk.</summary>
    public const string Talk = "talk";

    /// <summary>Tells players to be silent, which they are in the beginning.</summary>
    public const string Rest = "rest";

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
        var talks = false;
        var reading = Task.Run(() =>
        {
            while (Console.In.ReadLine() is { } word)
            {
                if (word is Talk or Rest)
                    Volatile.Write(ref talks, word == Talk);
                Console.Out.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"cpu {Environment.CpuUsage.TotalTime.TotalMicroseconds:0} {Volatile.Read(ref heard)} {Volatile.Read(ref joined)}"));
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
                if (Volatile.Read(ref talks) && player.GetConnectionStatus() == ConnectionStatus.Connected)
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
