using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Peer.Protocol.ENet;

namespace Peer.Tests.ENet;

/// <summary>The core on a real socket, in the test's own thread.</summary>
internal sealed class ENetUdpHost : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
    private readonly byte[] _buffer = new byte[65_536];
    private readonly long _start = Stopwatch.GetTimestamp();

    public ENetUdpHost(ENetSettings? settings = null, int slots = 64)
    {
        Host = new ENetTestHost(settings, slots);
        _socket.ReceiveBufferSize = 4 << 20;
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
    }

    public ENetTestHost Host { get; }

    /// <summary>Sees every datagram before the host does; false loses it.</summary>
    public Func<byte[], bool>? Watch { get; set; }

    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    public long Now => 1_000_000 + (long)Stopwatch.GetElapsedTime(_start).TotalMicroseconds;

    public ENetTestPeer Connect(int port, int channels, uint data = 42) => Host.Connect(new IPEndPoint(IPAddress.Loopback, port), channels, data, Now);

    /// <summary>Runs until something has happened, or for so long.</summary>
    public bool RunUntil(Func<bool> done, int seconds = 120)
    {
        var started = Stopwatch.GetTimestamp();
        while (!done())
        {
            if (Stopwatch.GetElapsedTime(started).TotalSeconds > seconds)
                return false;
            Host.Transmit(Now, Send);
            var wait = Math.Clamp(Host.NextTimeout(Now) - Now, 0, 5_000);
            if (!_socket.Poll((int)wait, SelectMode.SelectRead))
                continue;
            EndPoint from = new IPEndPoint(IPAddress.Any, 0);
            for (var i = 0; i < 256 && _socket.Available > 0; i++)
            {
                var length = _socket.ReceiveFrom(_buffer, ref from);
                if (Watch?.Invoke(_buffer[..length]) == false)
                    continue;
                Host.Receive(_buffer.AsSpan(0, length), (IPEndPoint)from, Now, Send);
            }
        }

        Host.Transmit(Now, Send);
        return true;
    }

    public void Dispose()
    {
        Host.Dispose();
        _socket.Dispose();
    }

    private void Send(byte[] datagram, IPEndPoint to)
    {
        try
        {
            _socket.SendTo(datagram, to);
        }
        catch (SocketException)
        {
            // The other end's process has gone.
        }
    }
}
