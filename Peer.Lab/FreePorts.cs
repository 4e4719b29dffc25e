using System.Net;
using System.Net.Sockets;

namespace Peer.Lab;

/// <summary>Ports that another process binds later: below the range from which systems hand out port 0, so that nobody gets them by chance meanwhile.</summary>
internal static class FreePorts
{
    private const int First = 22_000;
    private const int Count = 10_000;

    /// <summary>Processes that started one after the other do not ask for the same ones.</summary>
    private const int Apart = 16;

    private static int _asked = unchecked(Environment.ProcessId * Apart);

    /// <summary>One that is free for UDP and TCP, and another each time.</summary>
    public static int Next()
    {
        while (true)
        {
            var port = First + (int)((uint)Interlocked.Increment(ref _asked) % Count);
            if (IsFree(port, SocketType.Dgram, ProtocolType.Udp) && IsFree(port, SocketType.Stream, ProtocolType.Tcp))
                return port;
        }
    }

    private static bool IsFree(int port, SocketType type, ProtocolType protocol)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, type, protocol);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
