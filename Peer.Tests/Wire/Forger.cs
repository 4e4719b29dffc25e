using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Peer.Protocol;
using Peer.Protocol.Control;
using Peer.Protocol.Crypto;
using Peer.Protocol.Delivery;
using Peer.Protocol.Handshake;
using Peer.Protocol.Recovery;
using Peer.Protocol.Wire;

namespace Peer.Tests.Wire;

/// <summary>A client that has honestly joined and holds the keys, and then sends what it likes.</summary>
internal sealed class Forger : IDisposable
{
    private const ulong OwnId = 0xF0F0_F0F0_0000_0001;
    private static int _seed = 1_000;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 60_000 };
    private readonly PacketProtection _sealing;
    private readonly PacketProtection _opening;
    private readonly byte[] _buffer = new byte[65_536];
    private List<byte[]>? _held;
    private long _number;

    public Forger(int serverPort, string? token = null, int wantedPeerId = 0, string address = "127.0.0.1", TicketIssued? ticket = null)
    {
        _socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
        _socket.Connect(new IPEndPoint(IPAddress.Loopback, serverPort));
        using var handshake = new ClientHandshake(
            new ClientHandshakeSettings
            {
                ApplicationName = "actorpeer",
                ConnectTimeout = 60_000_000,
                WantedPeerId = wantedPeerId,
                Ticket = ticket?.Ticket,
                TicketSecret = ticket?.Secret,
                Token = token is null ? null : ConnectToken.TryParse(token, out var parsed) ? parsed : throw new ArgumentException("no token", nameof(token)),
            },
            OwnId, new SeededRandom(Interlocked.Increment(ref _seed)), 0);

        // What comes may be for another who had this port before: the handshake tells it from its own answers, and repeats itself only when time passes.
        for (var begun = Stopwatch.GetTimestamp(); handshake.State == ClientHandshakeState.Hello;)
        {
            var now = (long)Stopwatch.GetElapsedTime(begun).TotalMicroseconds;
            if (handshake.TryTransmit(now, _buffer, out var length))
                _socket.Send(_buffer.AsSpan(0, length));
            if (_socket.Poll(TimeSpan.FromMilliseconds(50), SelectMode.SelectRead))
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

    /// <summary>What it sent last, sealed.</summary>
    public byte[] Last { get; private set; } = [];

    /// <summary>The number of the next datagram; may be set ahead, never back.</summary>
    public long Number
    {
        get => _number;
        set => _number = Math.Max(_number, value);
    }

    public void SendRaw(ReadOnlySpan<byte> datagram) => _socket.Send(datagram);

    public void Send(params byte[] frames)
    {
        var datagram = new byte[SealedHeader.Length + frames.Length + SealedHeader.TagLength];
        SealedHeader.Write(datagram, Offer.ServerConnectionId, _number, frames.Length);
        frames.CopyTo(datagram, SealedHeader.Length);
        _sealing.Seal(datagram, SealedHeader.Length, _number++);
        Last = datagram;
        if (_held is null)
            _socket.Send(datagram);
        else
            _held.Add(datagram);
    }

    /// <summary>From here on datagrams are kept back, to leave as one.</summary>
    public void Hold() => _held = [];

    /// <summary>Damages the last one.</summary>
    public void Spoil() => Last[^1] ^= 1;

    /// <summary>What was kept back leaves in one datagram of UDP, and this behind it.</summary>
    public void Release(byte[] tail)
    {
        _socket.Send([.. _held!.SelectMany(datagram => datagram), .. tail]);
        _held = null;
    }

    /// <summary>Waits for the next datagram of the server that opens, and returns its frames.</summary>
    public byte[] Receive()
    {
        while (true)
        {
            var received = _buffer.AsSpan(0, _socket.Receive(_buffer));
            while (SealedHeader.TryRead(received, out _, out var number, out var total))
            {
                var datagram = received[..total];
                received = received[total..];
                if (_opening.Open(datagram, SealedHeader.Length, number))
                    return datagram[SealedHeader.Length..^SealedHeader.TagLength].ToArray();
            }
        }
    }

    /// <summary>Reads until the server has issued a ticket.</summary>
    public TicketIssued AwaitTicket()
    {
        while (true)
        {
            for (ReadOnlyMemory<byte> frames = Receive(); frames.Length > 0;)
            {
                var length = Skip(frames, out var payload);
                var offset = 0;
                while (RunReader.TryNext(payload, ref offset, out var message))
                {
                    if (ControlCodec.Decode(message) is TicketIssued ticket)
                        return ticket;
                }

                frames = frames[length..];
            }
        }
    }

    /// <summary>Length of the frame in front, and what it carries when it is one of the control sequence.</summary>
    private static int Skip(ReadOnlyMemory<byte> frames, out ReadOnlyMemory<byte> control)
    {
        control = default;
        var content = frames.Span[1..];
        switch (frames.Span[0])
        {
            case FrameType.Padding or FrameType.Ping or FrameType.CloseAck:
                return 1;
            case FrameType.Ack:
                Assert.True(AckFrame.TryRead(content, out _, out var ack));
                return 1 + ack;
            case FrameType.Credit:
                Assert.True(Varint.TryRead(content, out _, out var credit));
                return 1 + credit;
            case FrameType.Positions:
                Assert.True(PositionsFrame.TryRead(content, out _, out var positions));
                return 1 + positions;
            case FrameType.PathChallenge or FrameType.PathResponse:
                return 1 + FrameType.PathTokenLength;
            default:
                Assert.True(DataHeader.TryRead(frames, out var data, out var length));
                control = data.Key.IsControl ? data.Payload : default;
                return length;
        }
    }

    /// <summary>What has come by now, unread.</summary>
    public void Drain()
    {
        while (_socket.Available > 0)
            _socket.Receive(_buffer);
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
