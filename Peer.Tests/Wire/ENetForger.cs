using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Peer.Lab.Fuzz.World;
using Peer.Protocol.ENet;

namespace Peer.Tests.Wire;

/// <summary>A client that speaks ENet as libenet does, joins honestly, and then sends what it likes.</summary>
internal sealed class ENetForger : IDisposable
{
    /// <summary>Godot 3's channel for reliable packets without a transfer channel.</summary>
    public const byte Reliable = 1;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(3);
    private static int _id = 100_000;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 60_000, ReceiveBufferSize = 4 << 20 };
    private readonly ENetCodec _codec;
    private readonly bool _checksum;
    private readonly byte[] _buffer = new byte[65_536];
    private long _now = 1_000_000;

    /// <param name="serverPort">Where the server speaks ENet.</param>
    /// <param name="settings">Checksum and compression; null for none.</param>
    /// <param name="id">The peer ID that it claims; null for one of its own.</param>
    /// <param name="address">Where it comes from.</param>
    /// <param name="confirms">Whether it goes all the way.</param>
    /// <param name="port">The port of one who has left without a word, and to whom the server still speaks: it begins when something of that has come; 0 for any.</param>
    public ENetForger(int serverPort, ENetSettings? settings = null, int? id = null, string address = "127.0.0.1", bool confirms = true, int port = 0)
    {
        Id = id ?? Interlocked.Increment(ref _id);
        _codec = new ENetCodec(settings ?? ENetSettings.Default);
        _checksum = settings?.Checksum == true;
        _socket.Bind(new IPEndPoint(IPAddress.Parse(address), port));
        _socket.Connect(new IPEndPoint(IPAddress.Loopback, serverPort));
        if (port != 0 && !_socket.Poll(Patience, SelectMode.SelectRead))
            throw new InvalidOperationException("the server says nothing to whoever had the port before");
        Seat = Ask(ENetSeat.None.Datagram(_codec, _checksum, Connect((uint)Id, Id), _now));
        if (confirms)
            Confirm();
    }

    public int Id { get; }

    public ENetSeat Seat { get; }

    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    /// <summary>How often it has asked to be let in.</summary>
    public int Asked { get; private set; }

    /// <summary>A CONNECT as libenet writes it.</summary>
    public static byte[] Connect(uint connectId, int id) => ENetForge.Connect(new ConnectionOffer(0, 0xFF, 0xFF, 1392, 65_536, 8, 0, 0, 5_000, 2, 2, connectId), (uint)id);

    /// <summary>A packet of Godot 3's dialect.</summary>
    public static byte[] Packet(int source, int target, byte[] payload)
    {
        var packet = new byte[8 + payload.Length];
        BinaryPrimitives.WriteInt32LittleEndian(packet, source);
        BinaryPrimitives.WriteInt32LittleEndian(packet.AsSpan(4), target);
        payload.CopyTo(packet, 8);
        return packet;
    }

    public void Confirm(params byte[] behind) => Send([.. ENetForge.Numbers(ENetCommand.Acknowledge, 0, 0xFF, Seat.Number, Seat.Number, Seat.SentTime), .. behind]);

    /// <summary>Commands under its own seat.</summary>
    public void Send(params byte[] commands) => SendRaw(Sealed(commands));

    /// <summary>A reliable packet in Godot 3's dialect.</summary>
    public void Say(ushort number, byte[] payload, int? source = null, int target = 1, byte channel = Reliable)
    {
        var packet = Packet(source ?? Id, target, payload);
        Send([.. ENetForge.Numbers(ENetCommand.SendReliable, 0x80, channel, number, (ushort)packet.Length), .. packet]);
    }

    public byte[] Sealed(byte[] commands) => Seat.Datagram(_codec, _checksum, commands, _now += 1_000);

    public void SendRaw(ReadOnlySpan<byte> datagram) => _socket.Send(datagram);

    public byte[] Receive() => _buffer.AsSpan(0, _socket.Receive(_buffer)).ToArray();

    /// <summary>What has come by now.</summary>
    public List<byte[]> Drain()
    {
        var all = new List<byte[]>();
        while (_socket.Available > 0)
            all.Add(Receive());
        return all;
    }

    /// <summary>What has been acknowledged in what has come by now.</summary>
    public List<(byte Channel, ushort Number)> Acks()
    {
        var acks = new List<(byte, ushort)>();
        foreach (var datagram in Drain())
        {
            ENetHeader.TryRead(datagram, out var header);
            for (var body = datagram.AsSpan(header.Size); body.Length >= 8 && (body[0] & 15) == (byte)ENetCommand.Acknowledge; body = body[8..])
                acks.Add((body[1], BinaryPrimitives.ReadUInt16BigEndian(body[4..])));
        }

        return acks;
    }

    /// <summary>
    /// Asks to be let in, again when nobody answers, and reads on until the answer to itself is there: what comes first may be for another who had this port
    /// before, and to whom the server still speaks.
    /// </summary>
    private ENetSeat Ask(byte[] connect)
    {
        var (begun, asked) = (Stopwatch.GetTimestamp(), 0L);
        while (Stopwatch.GetElapsedTime(begun) < Patience)
        {
            if (Asked == 0 || Stopwatch.GetElapsedTime(asked) > Again)
            {
                SendRaw(connect);
                Asked++;
                asked = Stopwatch.GetTimestamp();
            }

            if (_socket.Poll(Again, SelectMode.SelectRead) && ENetSeat.Read(_codec, Receive(), (uint)Id) is { } seat)
                return seat;
        }

        throw new InvalidOperationException($"the server does not answer a CONNECT, not even when it is asked {Asked} times");
    }

    public void Dispose()
    {
        _socket.Dispose();
        _codec.Dispose();
    }
}
