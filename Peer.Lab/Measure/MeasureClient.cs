using System.Diagnostics;
using System.Globalization;
using Peer.Actors;
using Peer.Protocol;

namespace Peer.Lab.Measure;

/// <summary>The measuring process: starts the server's, connects, sends, and says what it saw.</summary>
internal static class MeasureClient
{
    private const int Burst = 500;

    public static int Run(Workload workload, TextWriter output)
    {
        using var server = StartServer(workload);
        using var client = new ActorMultiplayerPeer();
        if (!int.TryParse(server.StandardOutput.ReadLine(), CultureInfo.InvariantCulture, out var port))
            return ExitCode.Violation;
        client.CreateClient("127.0.0.1", port);
        while (client.GetConnectionStatus() == ConnectionStatus.Connecting)
            client.Poll();
        if (client.GetConnectionStatus() != ConnectionStatus.Connected)
            return ExitCode.Violation;
        client.SetTargetPeer(MultiplayerPeer.TargetPeerServer);
        client.TransferMode = workload.Mode;
        if (workload.Name == "rtt")
            RoundTrips(client, workload, output);
        else
            OneWay(client, workload, output);
        client.Close();
        output.Write(server.StandardOutput.ReadToEnd());
        server.WaitForExit();
        return ExitCode.Ok;
    }

    private static void OneWay(ActorMultiplayerPeer client, Workload workload, TextWriter output)
    {
        var payload = new byte[workload.Size];
        Flood(client, payload, Workload.WarmUpSeconds);
        var start = Usage.Now();
        var sent = Flood(client, payload, workload.Seconds);
        output.WriteLine($"sender:   {Usage.Now().Since(start).Per(sent)}");
    }

    private static long Flood(ActorMultiplayerPeer client, byte[] payload, double seconds)
    {
        var watch = Stopwatch.StartNew();
        long sent = 0;
        while (watch.Elapsed.TotalSeconds < seconds)
        {
            for (var i = 0; i < Burst; i++)
            {
                if (client.PutPacket(payload) == Error.Ok)
                {
                    sent++;
                    continue;
                }

                client.Poll(TimeSpan.FromMilliseconds(1));
                break;
            }

            client.Poll(TimeSpan.Zero);
        }

        return sent;
    }

    private static void RoundTrips(ActorMultiplayerPeer client, Workload workload, TextWriter output)
    {
        client.TransferChannel = Workload.EchoChannel;
        var payload = new byte[workload.Size];
        PingPong(client, payload, Workload.WarmUpSeconds, []);
        var trips = new List<double>();
        var start = Usage.Now();
        PingPong(client, payload, workload.Seconds, trips);
        var used = Usage.Now().Since(start);
        trips.Sort();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"rtt: p50 {At(trips, 0.5):n0} us, p90 {At(trips, 0.9):n0} us, p99 {At(trips, 0.99):n0} us, max {trips[^1]:n0} us"));
        output.WriteLine($"sender:   {used.Per(trips.Count)}");
    }

    private static void PingPong(ActorMultiplayerPeer client, byte[] payload, double seconds, List<double> trips)
    {
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed.TotalSeconds < seconds && client.GetConnectionStatus() == ConnectionStatus.Connected)
        {
            var left = watch.Elapsed.TotalMicroseconds;
            client.PutPacket(payload);
            while (!client.TryGetPacket(out _) && client.GetConnectionStatus() == ConnectionStatus.Connected)
                client.Poll();
            trips.Add(watch.Elapsed.TotalMicroseconds - left);
        }
    }

    private static double At(List<double> sorted, double share) => sorted[(int)(share * (sorted.Count - 1))];

    private static Process StartServer(Workload workload)
    {
        // By the assembly: a test's own process hosts this code too.
        var dll = Path.Combine(AppContext.BaseDirectory, "Peer.Lab.dll");
        var start = new ProcessStartInfo("dotnet", [dll, "measure", workload.Name, "--serve", "--seconds", workload.Seconds.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true,
        };
        return Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start");
    }
}
