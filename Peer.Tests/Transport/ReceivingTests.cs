using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Peer.Actors.Transport;

namespace Peer.Tests.Transport;

public class ReceivingTests : TransportFixture
{
    private const ulong Id = 0x1122334455667788;

    [Fact]
    public async Task The_port_that_was_bound_is_reported()
    {
        var (_, up) = await StartUp();
        Assert.Equal(IPAddress.Loopback, up.Local.Address);
        Assert.NotEqual(0, up.Local.Port);
        Assert.False(IsFree(up.Local));
    }

    [Theory]
    [InlineData(31)]
    [InlineData(513)]
    [InlineData(1200)]
    [InlineData(9000)]
    [InlineData(65507)]
    public async Task A_datagram_of_any_size_arrives_whole(int size)
    {
        var (transport, up) = await StartUp();
        var gauge = new IngressGauge();
        transport.Tell(new Register(Id, TestActor, gauge));
        var datagram = Sealed(Id, size, 7);
        using var client = Client();
        client.SendTo(datagram, up.Local);

        var inbound = await ExpectMsgAsync<Inbound>(Patience);
        Assert.Equal(datagram, inbound.Datagrams.ToArray());
        Assert.Equal(client.LocalEndPoint, inbound.From);
        Assert.Equal(size, gauge.Bytes);
    }

    [Fact]
    public async Task Datagrams_of_one_connection_that_came_together_are_told_together()
    {
        var (transport, up) = await StartUp();
        transport.Tell(new Register(Id, TestActor, new IngressGauge()));
        var bytes = Join(Sealed(Id, 100, 1), Sealed(Id, 200, 2), Sealed(Id, 50, 3));
        Client().SendTo(bytes, up.Local);

        Assert.Equal(bytes, (await ExpectMsgAsync<Inbound>(Patience)).Datagrams.ToArray());
        Assert.Equal(3, Counters.DatagramsIn.Value);
        Assert.Equal(1, Counters.ReceiveCalls.Value);
        Assert.Equal(bytes.Length, Counters.BytesIn.Value);
    }

    [Fact]
    public async Task Mixed_connections_are_cut_apart_and_an_unknown_one_between_them_is_dropped()
    {
        var (transport, up) = await StartUp();
        var (one, two) = (CreateTestProbe(), CreateTestProbe());
        transport.Tell(new Register(1, one, new IngressGauge()));
        transport.Tell(new Register(2, two, new IngressGauge()));
        Client().SendTo(Join(Sealed(1, 90, 1), Sealed(1, 80, 2), Sealed(3, 70), Sealed(3, 70), Sealed(2, 60, 3), Sealed(1, 50, 4), [0xFF, 1, 2]), up.Local);

        Assert.Equal(Join(Sealed(1, 90, 1), Sealed(1, 80, 2)), (await one.ExpectMsgAsync<Inbound>(Patience)).Datagrams.ToArray());
        Assert.Equal(Sealed(2, 60, 3), (await two.ExpectMsgAsync<Inbound>(Patience)).Datagrams.ToArray());
        Assert.Equal(Sealed(1, 50, 4), (await one.ExpectMsgAsync<Inbound>(Patience)).Datagrams.ToArray());
        await AwaitAssertAsync(() => Assert.Equal(1, Counters.DroppedMalformed.Value), Patience);
        Assert.Equal(2, Counters.DroppedUnknownConnection.Value);
    }

    [Fact]
    public async Task The_memory_of_one_connection_can_be_overwritten_without_harm_to_another()
    {
        var (transport, up) = await StartUp();
        var (one, two) = (CreateTestProbe(), CreateTestProbe());
        transport.Tell(new Register(1, one, new IngressGauge()));
        transport.Tell(new Register(2, two, new IngressGauge()));
        Client().SendTo(Join(Sealed(1), Sealed(2)), up.Local);

        (await one.ExpectMsgAsync<Inbound>(Patience)).Datagrams.Span.Fill(0xEE);
        Assert.Equal(Sealed(2), (await two.ExpectMsgAsync<Inbound>(Patience)).Datagrams.ToArray());
    }

    [Fact]
    public async Task After_unregistering_nothing_is_told_any_more()
    {
        var (transport, up) = await StartUp();
        var client = Client();
        transport.Tell(new Register(1, TestActor, new IngressGauge()));
        transport.Tell(new Register(2, TestActor, new IngressGauge()));
        transport.Tell(new Unregister(1));
        client.SendTo(Join(Sealed(1), Sealed(2)), up.Local);

        Assert.Equal(Sealed(2), (await ExpectMsgAsync<Inbound>(Patience)).Datagrams.ToArray());
        Assert.Equal(1, Counters.DroppedUnknownConnection.Value);
    }

    [Fact]
    public async Task Garbage_of_every_size_is_dropped_and_counted_and_the_transport_lives()
    {
        var (transport, up) = await StartUp();
        transport.Tell(new Register(Id, TestActor, new IngressGauge()));
        var client = Client();
        var dropped = 0;
        foreach (var first in (byte[])[0x00, 0x40, 0x41, 0x55, 0xFF])
        {
            for (var size = 0; size <= 64; size++)
            {
                var garbage = new byte[size];
                if (size > 0) garbage[0] = first;
                client.SendTo(garbage, up.Local);
                dropped++;

                // So that the kernel's queue never overflows, whatever its limit.
                if (size == 64) await AwaitAssertAsync(() => Assert.Equal(dropped, Counters.DroppedMalformed.Value), Patience, TimeSpan.FromMilliseconds(5));
            }
        }

        client.SendTo(new byte[65507], up.Local);
        client.SendTo(Sealed(Id), up.Local);
        await ExpectMsgAsync<Inbound>(Patience);
        Assert.Equal(dropped + 1, Counters.DroppedMalformed.Value);
        await Owner.ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_datagram_that_claims_more_than_came_is_malformed()
    {
        var (transport, up) = await StartUp();
        transport.Tell(new Register(Id, TestActor, new IngressGauge()));
        var client = Client();
        client.SendTo(Sealed(Id, 100)[..99], up.Local);
        client.SendTo(Sealed(Id, 30), up.Local);
        client.SendTo(Sealed(Id, 31), up.Local);

        Assert.Equal(Sealed(Id, 31), (await ExpectMsgAsync<Inbound>(Patience)).Datagrams.ToArray());
        Assert.Equal(2, Counters.DroppedMalformed.Value);
    }

    [Theory]
    [InlineData(0x50)]
    [InlineData(0x51)]
    [InlineData(0x52)]
    [InlineData(0x53)]
    [InlineData(0x54)]
    public async Task A_handshake_datagram_goes_to_the_owner_as_a_strangers(byte kind)
    {
        var (_, up) = await StartUp();
        var client = Client();
        byte[] datagram = [kind, 1, 2, 3];
        client.SendTo(datagram, up.Local);

        var stranger = await Owner.ExpectMsgAsync<Stranger>(Patience);
        Assert.Equal(datagram, stranger.Datagram.ToArray());
        Assert.Equal(client.LocalEndPoint, stranger.From);
    }

    [Fact]
    public async Task Of_hellos_that_came_together_the_first_is_told()
    {
        var (_, up) = await StartUp();
        var hellos = new byte[2400];
        hellos[0] = hellos[1200] = 0x50;
        Client().SendTo(hellos, up.Local);
        Assert.Equal(1200, (await Owner.ExpectMsgAsync<Stranger>(Patience)).Datagram.Length);
    }

    [Fact]
    public async Task A_flood_at_a_connection_that_does_not_read_is_dropped_beyond_the_limit()
    {
        var (transport, up) = await StartUp(TransportSettings.Default with { IngressLimitBytes = 250 });
        var gauge = new IngressGauge();
        transport.Tell(new Register(Id, TestActor, gauge));
        var client = Client();
        for (uint number = 0; number < 5; number++) client.SendTo(Sealed(Id, 100, number), up.Local);

        await AwaitAssertAsync(() => Assert.Equal(3, Counters.DroppedIngress.Value), Patience, TimeSpan.FromMilliseconds(5));
        Assert.Equal(200, gauge.Bytes);
        Assert.Equal(Sealed(Id, 100, 0), (await ExpectMsgAsync<Inbound>(Patience)).Datagrams.ToArray());
        Assert.Equal(Sealed(Id, 100, 1), (await ExpectMsgAsync<Inbound>(Patience)).Datagrams.ToArray());

        gauge.Leave(200);
        client.SendTo(Sealed(Id, 100, 5), up.Local);
        Assert.Equal(Sealed(Id, 100, 5), (await ExpectMsgAsync<Inbound>(Patience)).Datagrams.ToArray());
    }

    [Fact]
    public async Task A_flood_of_strangers_is_dropped_beyond_the_limit()
    {
        var strangers = new IngressGauge();
        var (_, up) = await StartUp(TransportSettings.Default with { IngressLimitBytes = 250 }, strangers: strangers);
        var client = Client();
        var welcome = new byte[100];
        welcome[0] = 0x52;
        for (var i = 0; i < 4; i++) client.SendTo(welcome, up.Local);

        await AwaitAssertAsync(() => Assert.Equal(2, Counters.DroppedIngress.Value), Patience, TimeSpan.FromMilliseconds(5));
        Assert.Equal(200, strangers.Bytes);
    }

    [Fact]
    public async Task Both_families_reach_one_socket_and_IPv4_senders_look_like_IPv4()
    {
        var (transport, up) = await StartUp(bind: new IPEndPoint(IPAddress.IPv6Any, 0));
        transport.Tell(new Register(Id, TestActor, new IngressGauge()));
        var (four, six) = (Client(), Client(IPAddress.IPv6Loopback));

        foreach (var (client, address) in ((Socket, IPAddress)[])[(four, IPAddress.Loopback), (six, IPAddress.IPv6Loopback)])
        {
            client.SendTo(Sealed(Id), new IPEndPoint(address, up.Local.Port));
            var inbound = await ExpectMsgAsync<Inbound>(Patience);
            Assert.Equal(client.LocalEndPoint, inbound.From);

            up.Sender.Send(Sealed(9, 300), 300, Destination.Of(inbound.From));
            var buffer = new byte[1000];
            Assert.Equal(300, client.Receive(buffer));
        }
    }
}
