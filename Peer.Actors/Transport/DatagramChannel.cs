using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Akka.Actor;
using Akka.IO;

namespace Peer.Actors.Transport;

/// <summary>
/// One attempt to bind. Makes the socket for Akka.IO's listener and keeps it: the listener disposes it on Unbind only, and one that
/// crashes makes another, on another port. So there is one socket per channel, a second is refused, and that ends the listener.
/// </summary>
internal sealed class DatagramChannel(IActorRef transport, TransportSettings settings, bool dual, bool receiveOffload) : Inet.DatagramChannelCreator, IDisposable
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

    private readonly Lock _gate = new();
    private Socket? _socket;
    private bool _spent;

    /// <summary>The socket, once the listener has asked for it.</summary>
    public Socket? Socket => Volatile.Read(ref _socket);

    /// <summary>Whether the kernel cuts a long send into datagrams.</summary>
    public bool SendOffload { get; private set; }

    public SocketReach Reach { get; private set; }

    /// <summary>Runs in the listener's constructor, so what is told from here has the listener as its sender.</summary>
    public override Socket Create(AddressFamily addressFamily)
    {
        try
        {
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_spent, this);
                _spent = true;
                _socket = Open(addressFamily);
                Tune(_socket);
            }

            transport.Tell(new ChannelOpened(this));
            return _socket;
        }
        catch (Exception failure)
        {
            // Akka.IO stays silent about an exception thrown here.
            Dispose();
            transport.Tell(new ChannelFailed(this, failure));
            throw;
        }
    }

    /// <summary>A socket of the same kind, untuned.</summary>
    public Socket Open(AddressFamily addressFamily)
    {
        var socket = new Socket(addressFamily, SocketType.Dgram, ProtocolType.Udp);
        if (addressFamily == AddressFamily.InterNetworkV6) socket.DualMode = dual;
        if (OperatingSystem.IsWindows()) socket.ExclusiveAddressUse = true;
        return socket;
    }

    /// <summary>Frees the port now, whatever state the listener is in.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _spent = true;
            _socket?.Dispose();
        }
    }

    private void Tune(Socket socket)
    {
        Reach = socket.AddressFamily == AddressFamily.InterNetwork ? SocketReach.IPv4 : dual ? SocketReach.Dual : SocketReach.IPv6;
        Try(() => socket.ReceiveBufferSize = settings.ReceiveBufferBytes);
        Try(() => socket.SendBufferSize = settings.SendBufferBytes);

        if (OperatingSystem.IsLinux())
        {
            if (settings.Offload) SendOffload = TrySet(socket, UdpLevel, UdpSegment, 0);
            if (settings.Offload && receiveOffload) TrySet(socket, UdpLevel, UdpReceiveOffload, 1);

            // Never fragment, and do not believe ICMP about the path's size: the connection probes for itself.
            // A probe too long for the device is refused, which Akka.IO's own send does not survive.
            if (settings.SendPath == SendPath.AkkaIo) return;
            if (Reach != SocketReach.IPv6) TrySet(socket, IPLevel, IPMtuDiscover, ProbePathMtu);
            if (Reach != SocketReach.IPv4) TrySet(socket, IPv6Level, IPv6MtuDiscover, ProbePathMtu);
        }
        else
        {
            if (Reach == SocketReach.IPv4 && settings.SendPath == SendPath.CapturedSocket) Try(() => socket.DontFragment = true);

            // Else an ICMP "port unreachable" fails the next receive.
            if (OperatingSystem.IsWindows()) Try(() => socket.IOControl(WindowsUdpConnectionReset, [0, 0, 0, 0], null));
        }
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

/// <summary>To the transport, from the listener: it lives and has this channel's socket.</summary>
internal sealed record ChannelOpened(DatagramChannel Channel) : ITransportMessage, Akka.Event.IDeadLetterSuppression;

/// <summary>To the transport, from the listener: no socket could be made.</summary>
internal sealed record ChannelFailed(DatagramChannel Channel, Exception Cause) : ITransportMessage, Akka.Event.IDeadLetterSuppression;
