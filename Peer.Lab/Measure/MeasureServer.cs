using Peer.Actors;
using Peer.Protocol;

namespace Peer.Lab.Measure;

/// <summary>The server's process: takes what comes, sends echoes back, and says what each message cost.</summary>
internal static class MeasureServer
{
    public static int Run(Workload workload)
    {
        using var server = new ActorMultiplayerPeer();
        if (server.CreateServer(0, new ServerOptions { BindAddress = "127.0.0.1" }) != Error.Ok)
        {
            Console.Error.WriteLine(server.LastErrorText);
            return ExitCode.Violation;
        }

        var gone = false;
        server.PeerDisconnected += _ => gone = true;
        Console.WriteLine(server.LocalPort);
        var from = Usage.Now();
        var start = from;
        var end = from;
        long messages = 0;
        while (!gone)
        {
            server.Poll(TimeSpan.FromMilliseconds(200));
            while (server.TryGetPacket(out var packet))
            {
                messages++;
                if (packet.Channel == Workload.EchoChannel)
                    Echo(server, packet);
            }

            var now = Usage.Now();
            if (start == from && now.Since(from).Seconds > Workload.WarmUpSeconds)
                (start, messages) = (now, 0);
            if (now.Since(start).Seconds <= workload.Seconds)
                end = now;
        }

        Console.WriteLine($"receiver: {end.Since(start).Per(Math.Max(1, messages))}");
        return ExitCode.Ok;
    }

    private static void Echo(ActorMultiplayerPeer server, ReceivedPacket packet)
    {
        server.SetTargetPeer(packet.Peer);
        server.TransferChannel = packet.Channel;
        server.TransferMode = packet.Mode;
        server.PutPacket(packet.Payload.Span);
    }
}
