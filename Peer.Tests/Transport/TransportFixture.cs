using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Peer.Actors.Transport;

namespace Peer.Tests.Transport;

/// <summary>What the transport's tests share: a system with the embedded configuration, an owner, datagrams, plain sockets.</summary>
public abstract class TransportFixture : Akka.TestKit.Xunit2.TestKit
{
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly List<Socket> _sockets = [];

    protected TransportFixture(string config = "")
        : base(ConfigurationFactory.ParseString(config + "\nakka.loglevel = OFF").WithFallback(AkkaIo))
    {
        Owner = CreateTestProbe();
    }

    internal static Config AkkaIo { get; } = ConfigurationFactory.FromResource("akka-io.conf", typeof(UdpTransport).Assembly);

    internal static IPEndPoint Loopback { get; } = new(IPAddress.Loopback, 0);

    internal TransportCounters Counters { get; } = new();

    protected TestProbe Owner { get; }

    internal IActorRef Start(TransportSettings? settings = null, IPEndPoint? bind = null, IngressGauge? strangers = null) =>
        Owner.ChildActorOf(TransportProps(Sys, settings ?? TransportSettings.Default, bind ?? Loopback, strangers));

    /// <summary>The transport under test: Akka.IO's listener, unless a derived class says otherwise.</summary>
    internal virtual Props TransportProps(ActorSystem system, TransportSettings settings, IPEndPoint bind, IngressGauge? strangers = null) =>
        UdpTransport.Props(settings, bind, Counters, strangers);

    /// <summary>The transport on a socket of its own, where the settings allow it.</summary>
    internal Props OwnSocketProps(ActorSystem system, TransportSettings settings, IPEndPoint bind, IngressGauge? strangers)
    {
        var runtime = Peer.Actors.ActorPeer.Get(system).Runtime.ForManager();
        return (runtime with { Settings = runtime.Settings with { Transport = settings } }).Transport(bind, Counters, strangers ?? new IngressGauge());
    }

    internal async Task<(IActorRef Transport, TransportUp Up)> StartUp(TransportSettings? settings = null, IPEndPoint? bind = null, IngressGauge? strangers = null)
    {
        var transport = Start(settings, bind, strangers);
        return (transport, await Owner.ExpectMsgAsync<TransportUp>(Patience));
    }

    /// <summary>A plain socket bound to loopback.</summary>
    internal Socket Client(IPAddress? address = null)
    {
        address ??= IPAddress.Loopback;
        var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 30_000, ReceiveBufferSize = 1 << 20 };
        socket.Bind(new IPEndPoint(address, 0));
        _sockets.Add(socket);
        return socket;
    }

    /// <summary>A sealed datagram in shape: the right header, then bytes that nobody can open.</summary>
    internal static byte[] Sealed(ulong connectionId, int size = 100, uint number = 0)
    {
        var datagram = new byte[size];
        datagram[0] = 0x40;
        BinaryPrimitives.WriteUInt64LittleEndian(datagram.AsSpan(1), connectionId);
        BinaryPrimitives.WriteUInt32LittleEndian(datagram.AsSpan(9), number);
        BinaryPrimitives.WriteUInt16LittleEndian(datagram.AsSpan(13), (ushort)(size - 15));
        datagram.AsSpan(15).Fill((byte)number);
        return datagram;
    }

    internal static byte[] Join(params byte[][] datagrams) => datagrams.SelectMany(bytes => bytes).ToArray();

    /// <summary>Whether a plain socket can bind the port now.</summary>
    internal static bool IsFree(IPEndPoint local)
    {
        using var socket = new Socket(local.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Bind(local);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Collects until that many bytes have come, and returns them in order of arrival.</summary>
    internal static async Task<byte[]> Collect(TestProbe connection, int bytes)
    {
        var all = new List<byte>(bytes);
        while (all.Count < bytes) all.AddRange((await connection.ExpectMsgAsync<Inbound>(Patience)).Datagrams.ToArray());
        return [.. all];
    }

    protected override void AfterAll()
    {
        foreach (var socket in _sockets) socket.Dispose();
        base.AfterAll();
    }
}
