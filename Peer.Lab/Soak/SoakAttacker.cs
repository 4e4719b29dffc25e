using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Peer.Actors;
using Peer.Lab.Flood;
using Peer.Protocol.Handshake;
using Peer.TestKit;

namespace Peer.Lab.Soak;

/// <summary><c>soak-attacker</c>: floods with HELLOs from many addresses, and beside them with rubbish that begins like anything that a server reads.</summary>
internal static class SoakAttacker
{
    private const int RubbishEvery = 4;

    public static int Run(ulong seed)
    {
        using var child = new SoakChild();
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        var random = new SeededSource(seed);
        SoakChild.Tell(new SoakLine.Ready(0));
        using var never = new AutoResetEvent(false);
        while (!child.IsOver)
        {
            if (!child.TryTake(out var word))
            {
                never.WaitOne(50);
                continue;
            }

            if (word is [SoakWord.Sample])
                child.TellSample(0);
            if (word is not [SoakWord.Flood, var port, var rate, var seconds])
                continue;
            Flood(child, socket, random, int.Parse(port, CultureInfo.InvariantCulture), int.Parse(rate, CultureInfo.InvariantCulture), double.Parse(seconds, CultureInfo.InvariantCulture), never);
        }

        return ExitCode.Ok;
    }

    private static void Flood(SoakChild child, Socket socket, SeededSource random, int port, int rate, double seconds, AutoResetEvent never)
    {
        var to = new IPEndPoint(IPAddress.Loopback, port);
        using var flood = new HelloFlood(port, Hello(), rate);
        var rubbish = new byte[1_400];
        for (var milliseconds = 0; milliseconds < seconds * 1_000 && !child.IsOver; milliseconds += 10)
        {
            for (var i = rate / 100 / RubbishEvery; i > 0; i--)
            {
                random.Fill(rubbish);
                rubbish[0] = (byte)(random.Below(2) == 0 ? 0x40 + random.Below(16) : 0x50 + random.Below(6));
                socket.SendTo(rubbish.AsSpan(0, 1 + random.Below(rubbish.Length)), to);
            }

            never.WaitOne(10);
        }

        child.Sent += flood.Sent;
    }

    private static byte[] Hello()
    {
        using var handshake = new ClientHandshake(new ClientHandshakeSettings { ApplicationName = "actorpeer" }, 1, SystemRandomSource.Instance, 0);
        var hello = new byte[Protocol.Handshake.Hello.Length];
        handshake.TryTransmit(0, hello, out _);
        return hello;
    }
}
