using System.Net;
using System.Net.Sockets;

namespace Peer.Tests;

/// <summary>Ports that nobody has and nobody gets by chance: below the range from which systems hand out port 0.</summary>
internal static class FreePorts
{
    private static int _next = 12_000 + (Environment.ProcessId % 8_000);

    public static int Next()
    {
        while (true)
        {
            var port = Interlocked.Increment(ref _next);
            if (IsFree(port))
                return port;
        }
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp) { DualMode = true };
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
