using System.Net;
using System.Net.Sockets;
using Peer.Protocol;
using Peer.Protocol.Crypto;
using Peer.Protocol.Handshake;
using Peer.Protocol.Wire;

namespace Peer.Tests.Wire;

/// <summary>A client that has honestly joined and holds the keys, and then sends what it likes.</summary>
internal sealed class Forger : IDisposable
{
    private const ulong OwnId = 0xF0F0_F0F0_0000_0001;
    private static int _seed = 1_000;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 10_000 };
    private readonly PacketProtection _sealing;
    private readonly PacketProtection _opening;
    private readonly byte[] _buffer = new byte[65_536];
    private long _number;

    public Forger(int serverPort)
    {
        _socket.Connect(new IPEndPoint(IPAddress.Loopback, serverPort));
        using var handshake = new ClientHandshake(
            new ClientHandshakeSettings { ApplicationName = "actorpeer" }, OwnId, new SeededRandom(Interlocked.Increment(ref _seed)), 0);
        for (var now = 0L; handshake.State == ClientHandshakeState.Hello; now += 1_000_000)
        {
            if (handshake.TryTransmit(now, _buffer, out var length))
                _socket.Send(_buffer.AsSpan(0, length));
            handshake.Handle(_buffer.AsSpan(0, _socket.Receive(_buffer)), now);
        }

        Assert.Equal(ClientHandshakeState.Established, handshake.State);
        Offer = handshake.Offer;
        _sealing = handshake.Keys.FromClient();
        _opening = handshake.Keys.FromServer();
        handshake.Keys.Dispose();
        Send([FrameType.Ping]);
    }

    public WelcomeOffer Offer { get; }

    public void Send(params byte[] frames)
    {
        var datagram = new byte[SealedHeader.Length + frames.Length + SealedHeader.TagLength];
        SealedHeader.Write(datagram, Offer.ServerConnectionId, _number, frames.Length);
        frames.CopyTo(datagram, SealedHeader.Length);
        _sealing.Seal(datagram, SealedHeader.Length, _number++);
        _socket.Send(datagram);
    }

    /// <summary>Reads until the server says why it ends.</summary>
    public DisconnectInfo AwaitClose()
    {
        while (true)
        {
            var received = _buffer.AsSpan(0, _socket.Receive(_buffer));
            while (SealedHeader.TryRead(received, out _, out var number, out var total))
            {
                var datagram = received[..total];
                received = received[total..];
                if (_opening.Open(datagram, SealedHeader.Length, number)
                    && datagram[SealedHeader.Length] == FrameType.Close
                    && CloseFrame.TryRead(datagram[(SealedHeader.Length + 1)..^SealedHeader.TagLength], out var info, out _))
                    return info;
            }
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _sealing.Dispose();
        _opening.Dispose();
    }
}
