using System.Net;
using System.Net.Sockets;

namespace Peer.Tests.Wire;

/// <summary>A plain socket that talks to a server without any handshake.</summary>
internal sealed class Stranger : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 60_000, ReceiveBufferSize = 1 << 20 };

    public Stranger(int serverPort, IPAddress? address = null)
    {
        _socket.Bind(new IPEndPoint(address ?? IPAddress.Loopback, 0));
        _socket.Connect(new IPEndPoint(IPAddress.Loopback, serverPort));

        // Nobody has been asked yet: it is for another who had this port before.
        Drain();
    }

    public void Send(ReadOnlySpan<byte> datagram) => _socket.Send(datagram);

    /// <summary>Sends and waits for the answer; what a connection that was never confirmed says at its end is none.</summary>
    public byte[] Ask(ReadOnlySpan<byte> datagram)
    {
        Send(datagram);
        var buffer = new byte[65_536];
        int length;
        do
            length = _socket.Receive(buffer);
        while (length > 0 && buffer[0] == Peer.Protocol.Crypto.SealedHeader.Kind);
        return buffer[..length];
    }

    /// <summary>What has come by now.</summary>
    public List<byte[]> Drain()
    {
        var all = new List<byte[]>();
        var buffer = new byte[65_536];
        while (_socket.Available > 0)
            all.Add(buffer[.._socket.Receive(buffer)]);
        return all;
    }

    public void Dispose() => _socket.Dispose();
}
