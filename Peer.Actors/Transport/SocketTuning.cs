using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Peer.Actors.Transport;

/// <summary>Makes datagram sockets and sets what every one of this library's has.</summary>
internal static class SocketTuning
{
    private const int UdpLevel = 17;
    private const int UdpSegment = 103;
    private const int UdpReceiveOffload = 104;
    private const int IPLevel = 0;
    private const int IPMtuDiscover = 10;
    private const int IPv6Level = 41;
    private const int IPv6MtuDiscover = 23;
    private const int ProbePathMtu = 3;
    private const int WindowsUdpConnectionReset = -1744830452;

    /// <summary>A datagram socket, not tuned yet.</summary>
    public static Socket Open(AddressFamily family, bool dual)
    {
        var socket = new Socket(family, SocketType.Dgram, ProtocolType.Udp);
        if (family == AddressFamily.InterNetworkV6) socket.DualMode = dual;
        if (OperatingSystem.IsWindows()) socket.ExclusiveAddressUse = true;
        return socket;
    }

    /// <summary>Sets buffers, offload and path probing; says which addresses the socket reaches, and whether the kernel cuts long sends.</summary>
    public static (SocketReach Reach, bool SendOffload) Apply(Socket socket, TransportSettings settings, bool receiveOffload)
    {
        var reach = socket.AddressFamily == AddressFamily.InterNetwork ? SocketReach.IPv4 : socket.DualMode ? SocketReach.Dual : SocketReach.IPv6;
        var sendOffload = false;
        Try(() => socket.ReceiveBufferSize = settings.ReceiveBufferBytes);
        Try(() => socket.SendBufferSize = settings.SendBufferBytes);

        if (OperatingSystem.IsLinux())
        {
            if (settings.Offload) sendOffload = TrySetSegment(socket, 0);
            if (settings.Offload && receiveOffload) TrySet(socket, UdpLevel, UdpReceiveOffload, 1);

            // Never fragment, and do not believe ICMP about the path's size: the connection probes for itself.
            // A probe too long for the device is refused, which Akka.IO's own send does not survive.
            if (settings.SendPath == SendPath.AkkaIo) return (reach, sendOffload);
            if (reach != SocketReach.IPv6) TrySet(socket, IPLevel, IPMtuDiscover, ProbePathMtu);
            if (reach != SocketReach.IPv4) TrySet(socket, IPv6Level, IPv6MtuDiscover, ProbePathMtu);
        }
        else
        {
            if (reach == SocketReach.IPv4 && settings.SendPath == SendPath.CapturedSocket) Try(() => socket.DontFragment = true);

            // Else an ICMP "port unreachable" fails the next receive.
            if (OperatingSystem.IsWindows()) Try(() => socket.IOControl(WindowsUdpConnectionReset, [0, 0, 0, 0], null));
        }

        return (reach, sendOffload);
    }

    /// <summary>Sets how the kernel cuts long sends; 0 sends them whole.</summary>
    public static bool TrySetSegment(Socket socket, int size) => TrySet(socket, UdpLevel, UdpSegment, size);

    private static bool TrySet(Socket socket, int level, int option, int value)
    {
        try
        {
            socket.SetRawSocketOption(level, option, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in value)));
            return true;
        }
        catch (Exception refusal) when (refusal is SocketException or ObjectDisposedException or NotSupportedException)
        {
            return false;
        }
    }

    private static void Try(Action tune)
    {
        try
        {
            tune();
        }
        catch (Exception refusal) when (refusal is SocketException or NotSupportedException)
        {
            // A system that lacks an option still carries datagrams.
        }
    }
}
