using System.Net;
using System.Net.Sockets;
using Peer.Lab.Relay;

namespace Peer.Tests.Lab.Relay;

/// <summary>The relay between real sockets.</summary>
public sealed class UdpRelayTests : IDisposable
{
    private const int Patience = 30_000;

    private readonly Socket _server = Bound();

    [Fact]
    public void Datagrams_pass_both_ways_in_order_and_each_client_keeps_an_address_of_its_own()
    {
        using var relay = new UdpRelay(Server, new RelayShape { Delay = 1_000 }, new RelayShape { Delay = 1_000 });
        using var first = Connected(relay);
        using var second = Connected(relay);
        for (byte i = 0; i < 100; i++)
        {
            first.Send([1, i]);
            second.Send([2, i]);
        }

        var next = new byte[3];
        var addresses = new HashSet<EndPoint>();
        for (var i = 0; i < 200; i++)
        {
            var buffer = new byte[100];
            EndPoint from = new IPEndPoint(IPAddress.Any, 0);
            Assert.Equal(2, _server.ReceiveFrom(buffer, ref from));
            Assert.Equal(next[buffer[0]]++, buffer[1]);
            addresses.Add(from);
            _server.SendTo(buffer.AsSpan(0, 2), from);
        }

        Assert.Equal(2, addresses.Count);
        for (byte i = 0; i < 100; i++)
        {
            Assert.Equal([1, i], Received(first));
            Assert.Equal([2, i], Received(second));
        }

        SpinWait.SpinUntil(() => relay.Counts.Back.Datagrams == 200, Patience);
        var (there, back) = relay.Counts;
        Assert.Equal((200, 400L, 200), (there.Datagrams, there.Bytes, there.Delivered));
        Assert.Equal((200, 400L, 200), (back.Datagrams, back.Bytes, back.Delivered));
    }

    [Fact]
    public void What_is_lost_is_counted_and_does_not_arrive()
    {
        using var relay = new UdpRelay(Server, new RelayShape { Loss = 1 }, RelayShape.Clear);
        using var client = Connected(relay);
        client.Send([1]);
        Assert.True(SpinWait.SpinUntil(() => relay.Counts.There.Lost == 1, Patience));
        Assert.Equal(0, _server.Available);
    }

    [Fact]
    public void An_empty_datagram_and_one_of_the_largest_size_pass()
    {
        using var relay = new UdpRelay(Server, new RelayShape { LongestDatagram = 65_507 }, RelayShape.Clear);
        using var client = Connected(relay);
        client.Send(new byte[65_507]);
        client.Send(ReadOnlySpan<byte>.Empty);
        Assert.Equal(65_507, Received(_server).Length);
        Assert.Empty(Received(_server));
    }

    [Fact]
    public void A_server_that_is_not_there_stops_nothing()
    {
        _server.Close();
        using var relay = new UdpRelay(Server, RelayShape.Clear, RelayShape.Clear);
        using var client = Connected(relay);
        for (var i = 1; i <= 5; i++)
        {
            client.Send([1]);
            Assert.True(SpinWait.SpinUntil(() => relay.Counts.There.Datagrams == i, Patience));
        }
    }

    [Fact]
    public void It_refuses_to_send_beyond_this_machine() =>
        Assert.Throws<ArgumentException>(() => new UdpRelay(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 1), RelayShape.Clear, RelayShape.Clear));

    [Fact]
    [Trait("Category", "Process")]
    public void It_runs_as_a_process_that_answers_what_it_has_counted()
    {
        using var relay = new RelayProcess(Server.Port, new RelayShape { Delay = 500, BitsPerSecond = 100_000_000 }, RelayShape.Clear);
        using var client = Bound();
        client.Connect(IPAddress.Loopback, relay.Port);
        client.Send(new byte[100]);

        Assert.Equal(100, Received(_server).Length);
        var (there, back) = relay.Count();
        Assert.Equal(new RelayCounts(1, 100, 0, 0, 0, 1), there);
        Assert.Equal(default, back);
    }

    public void Dispose() => _server.Dispose();

    private IPEndPoint Server { get; }

    public UdpRelayTests() => Server = (IPEndPoint)_server.LocalEndPoint!;

    private static Socket Bound()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = Patience };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private static Socket Connected(UdpRelay relay)
    {
        var socket = Bound();
        socket.Connect(IPAddress.Loopback, relay.Port);
        return socket;
    }

    private static byte[] Received(Socket socket)
    {
        var buffer = new byte[65_535];
        return buffer[..socket.Receive(buffer)];
    }
}
