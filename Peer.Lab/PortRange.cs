using System.Net;
using System.Net.Sockets;

namespace Peer.Lab;

/// <summary>Ports that nobody has, below the range from which systems hand out port 0: nobody gets them by chance before they are bound.</summary>
/// <param name="first">The lowest.</param>
/// <param name="count">How many there are.</param>
/// <param name="start">Where among them to begin.</param>
internal sealed class PortRange(int first, int count, int start)
{
    private int _asked = start;

    /// <summary>One that is free for UDP and TCP, and another each time.</summary>
    public int Next()
    {
        while (true)
        {
            var port = first + (int)((uint)Interlocked.Increment(ref _asked) % count);
            if (IsFree(port, SocketType.Dgram, ProtocolType.Udp) && IsFree(port, SocketType.Stream, ProtocolType.Tcp))
                return port;
        }
    }

    private static bool IsFree(int port, SocketType type, ProtocolType protocol)
    {
        using var socket = Socket.OSSupportsIPv6 ? new Socket(AddressFamily.InterNetworkV6, type, protocol) { DualMode = true } : new Socket(AddressFamily.InterNetwork, type, protocol);
        try
        {
            socket.Bind(new IPEndPoint(Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
