using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.TestKit;
using Peer.Actors.Transport;

namespace Peer.Tests.Transport;

public class SendingTests : TransportFixture
{
    private const ulong Id = 42;

    private readonly TestProbe _connection;

    public SendingTests() => _connection = CreateTestProbe();

    private static TransportSettings Without { get; } = TransportSettings.Default with { Offload = false };

    private static TransportSettings ThroughAkka { get; } = TransportSettings.Default with { SendPath = SendPath.AkkaIo };

    public static TheoryData<string> Ways => ["offload", "no offload", "akka-io"];

    private static TransportSettings Way(string name) => name switch
    {
        "offload" => TransportSettings.Default,
        "no offload" => Without,
        _ => ThroughAkka,
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_batch_of_60_000_bytes_arrives_complete_and_in_order(string way)
    {
        var (transport, up) = await StartUp(Way(way));
        transport.Tell(new Register(Id, _connection, new IngressGauge()));
        var batch = Join(Enumerable.Range(0, 50).Select(number => Sealed(Id, 1200, (uint)number)).ToArray());
        up.Sender.Send(batch, 1200, Destination.Of(up.Local));

        Assert.Equal(batch, await Collect(_connection, batch.Length));
        Assert.Equal(50, Counters.DatagramsOut.Value);
        Assert.Equal(50, Counters.DatagramsIn.Value);
        Assert.Equal(batch.Length, Counters.BytesOut.Value);
        Assert.Equal(up.Offload ? 1 : 50, Counters.SendCalls.Value);
        Assert.Equal(way == "offload" && OperatingSystem.IsLinux(), up.Offload);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Datagrams_reach_a_plain_socket_one_by_one_with_a_shorter_last_one(string way)
    {
        var (_, up) = await StartUp(Way(way));
        var client = Client();
        var to = Destination.Of((IPEndPoint)client.LocalEndPoint!);
        up.Sender.Send(new byte[2500], 1000, to);

        // A longer single one after a batch must not be cut by the batch's segment size.
        up.Sender.Send(new byte[1400], 1400, to);
        up.Sender.Send(new byte[300], 300, to);
        up.Sender.Send(new byte[1], 1000, to);

        var buffer = new byte[4096];
        foreach (var size in (int[])[1000, 1000, 500, 1400, 300, 1]) Assert.Equal(size, client.Receive(buffer));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_batch_longer_than_one_system_call_takes_arrives_complete(string way)
    {
        var (_, up) = await StartUp(Way(way));
        var client = Client();
        up.Sender.Send(new byte[150 * 100 + 7], 100, Destination.Of((IPEndPoint)client.LocalEndPoint!));

        var buffer = new byte[4096];
        for (var i = 0; i < 150; i++) Assert.Equal(100, client.Receive(buffer));
        Assert.Equal(7, client.Receive(buffer));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Hopeless_destinations_are_counted_and_the_transport_lives(string way)
    {
        var (transport, up) = await StartUp(Way(way));
        transport.Tell(new Register(Id, TestActor, new IngressGauge()));
        var batch = new byte[3000];
        up.Sender.Send(batch, 1000, Destination.Of(new IPEndPoint(IPAddress.Loopback, 0)));
        Assert.Equal(3, Counters.SendErrors.Value);
        up.Sender.Send(batch, 1000, Destination.Of(new IPEndPoint(IPAddress.IPv6Loopback, 4000)));
        Assert.Equal(6, Counters.SendErrors.Value);
        up.Sender.Send(new byte[65508], 65508, Destination.Of(up.Local));
        Assert.Equal(7, Counters.SendErrors.Value);
        up.Sender.Send([], 1200, Destination.Of(up.Local));

        using (var closed = Client())
        {
            var nobody = Destination.Of((IPEndPoint)closed.LocalEndPoint!);
            closed.Dispose();
            for (var i = 0; i < 5; i++) up.Sender.Send(batch, 1000, nobody);
        }

        up.Sender.Send(Sealed(Id, 200), 200, Destination.Of(up.Local));
        Assert.Equal(Sealed(Id, 200), (await ExpectMsgAsync<Inbound>(Patience)).Datagrams.ToArray());
        Assert.Equal(7, Counters.SendErrors.Value);
        await Owner.ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_socket_for_IPv6_alone_drops_what_goes_to_IPv4()
    {
        var (_, up) = await StartUp(TransportSettings.Default with { DualStack = false }, new IPEndPoint(IPAddress.IPv6Any, 0));
        var (four, six) = (Client(), Client(IPAddress.IPv6Loopback));
        up.Sender.Send(new byte[2000], 1000, Destination.Of((IPEndPoint)four.LocalEndPoint!));
        Assert.Equal(2, Counters.SendErrors.Value);
        up.Sender.Send(new byte[700], 700, Destination.Of((IPEndPoint)six.LocalEndPoint!));
        Assert.Equal(700, six.Receive(new byte[2000]));
    }

    [Theory]
    [InlineData("127.0.0.1", 0, 10)]
    [InlineData("::", 0, 10)]
    [InlineData("::", 41, 23)]
    public async Task The_system_never_fragments_so_that_probing_for_size_is_honest(string address, int level, int option)
    {
        if (!OperatingSystem.IsLinux()) return;
        var (_, up) = await StartUp(bind: new IPEndPoint(IPAddress.Parse(address), 0));
        var value = new byte[4];
        ((SocketSender)up.Sender).Socket.GetRawSocketOption(level, option, value);
        Assert.Equal(3, BitConverter.ToInt32(value));
    }

    [Fact]
    public async Task A_batch_that_the_kernel_refuses_costs_offload_nothing()
    {
        var (_, up) = await StartUp();
        var sender = (SocketSender)up.Sender;
        var broadcast = Destination.Of(new IPEndPoint(IPAddress.Broadcast, 4000));
        for (var i = 0; i < 20; i++) sender.Send(new byte[2400], 1200, broadcast);

        Assert.Equal(40, Counters.SendErrors.Value);
        Assert.Equal(0, Counters.OffloadFallbacks.Value);
        Assert.Equal(up.Offload, sender.Offload);
    }

    [Fact]
    public void Offload_ends_after_repeated_failures_that_are_its_own_and_nothing_is_lost()
    {
        // Without checksums (SO_NO_CHECK) the kernel refuses to segment, but sends the same datagrams one by one.
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        if (!OperatingSystem.IsLinux() || !SocketTuning.TrySetSegment(socket, 0)) return;
        socket.SetRawSocketOption(1, 11, BitConverter.GetBytes(1));
        var sender = new SocketSender(socket, SocketReach.IPv4, offload: true, Counters);
        var client = Client();
        var buffer = new byte[4096];
        for (var i = 0; i < 12; i++)
        {
            sender.Send(new byte[2000], 1000, Destination.Of((IPEndPoint)client.LocalEndPoint!));
            Assert.Equal(1000, client.Receive(buffer));
            Assert.Equal(1000, client.Receive(buffer));
        }

        Assert.False(sender.Offload);
        Assert.Equal(8, Counters.OffloadFallbacks.Value);
        Assert.Equal(24, Counters.DatagramsOut.Value);
        Assert.Equal(0, Counters.SendErrors.Value);
    }

    [Fact]
    public async Task Senders_on_many_threads_do_not_cut_each_others_datagrams()
    {
        var (_, up) = await StartUp();

        // The receiver takes them one by one: glued together, wrongly cut ones would look right.
        var (receiver, there) = await StartUp(Without);
        var to = Destination.Of(there.Local);
        int[] sizes = [100, 333, 1200, 1452];
        var probes = sizes.Select(_ => CreateTestProbe()).ToArray();
        for (var i = 0; i < sizes.Length; i++) receiver.Tell(new Register((ulong)i, probes[i], new IngressGauge()));

        for (var wave = 1; wave <= 40; wave++)
        {
            using var start = new Barrier(sizes.Length);
            var threads = sizes.Select((size, i) => new Thread(() =>
            {
                var batch = Join(Enumerable.Range(0, 5).Select(number => Sealed((ulong)i, size, (uint)number)).ToArray());
                start.SignalAndWait();
                for (var round = 0; round < 10; round++) up.Sender.Send(round % 2 == 0 ? batch : batch.AsSpan(0, size), size, to);
            })).ToArray();
            foreach (var thread in threads) thread.Start();
            foreach (var thread in threads) thread.Join();

            for (var i = 0; i < sizes.Length; i++) await Collect(probes[i], sizes[i] * 30);
            Assert.Equal(120 * wave, Counters.DatagramsIn.Value);
        }

        Assert.Equal(0, Counters.DroppedMalformed.Value);
    }

    [Fact]
    public void Destinations_are_equal_by_endpoint_in_either_spelling()
    {
        var plain = Destination.Of(new IPEndPoint(IPAddress.Parse("10.1.2.3"), 5));
        var mapped = Destination.Of(new IPEndPoint(IPAddress.Parse("::ffff:10.1.2.3"), 5));
        Assert.Equal(plain, mapped);
        Assert.Equal(plain.GetHashCode(), mapped.GetHashCode());
        Assert.NotEqual(plain, Destination.Of(new IPEndPoint(IPAddress.Parse("10.1.2.3"), 6)));
    }

    [Fact]
    public async Task A_send_allocates_nothing()
    {
        var (_, up) = await StartUp();
        var to = Destination.Of((IPEndPoint)Client().LocalEndPoint!);
        var batch = new byte[6000];

        // What the runtime sets up for itself on the way is paid once, whenever that is.
        Assert.Contains(0L, Enumerable.Range(0, 10).Select(_ => AllocatedBy(100)));

        long AllocatedBy(int rounds)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < rounds; i++) Both();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        void Both()
        {
            up.Sender.Send(batch, 1200, to);
            up.Sender.Send(batch.AsSpan(0, 1300), 1300, to);
        }
    }
}
