using System.Net;
using Peer.Lab.Relay;
using Peer.Protocol.ENet;

namespace Peer.Tests.ENet;

/// <summary>Conversations with the real libenet, each end in both roles; every byte is compared.</summary>
public sealed class LibENetTests
{
    /// <summary>Seconds for all that is reliable to arrive: libenet doubles its time-outs without end.</summary>
    private const int Patience = 180;

    private static readonly int[] Sizes = [0, 1, 2, 7, 31, 100, 500, 1300, 1364, 1365, 1400, 3000, 9000, 40000];

    public static TheoryData<string, int, int, bool, bool> OurClients => new()
    {
        { "reliable", 10_000, 32, false, false },
        { "reliable", 1_400, -1, false, false },
        { "reliable", 700, -2, true, true },
        { "reliable", 8, 1 << 20, false, false },
        { "unreliable", 10_000, 32, true, false },
        { "unsequenced", 10_000, 32, false, true },
        { "unreliable", 700, -1, false, false },
        { "fragments", 700, -2, false, true },
        { "unsequenced-fragments", 700, -1, true, false },
    };

    [LibENetTheory]
    [MemberData(nameof(OurClients))]
    public void Our_client_and_libenets_server_exchange_every_byte(string flags, int count, int size, bool checksum, bool compress)
    {
        using var server = LibENet.Server(checksum: checksum, compress: compress);
        using var host = new ENetUdpHost(Settings(checksum, compress));
        Assert.True(host.RunUntil(() => server.Find("port") is not null));
        var client = host.Connect((int)server.Find("port")![0], 4);
        Converse(host, client, flags, count, size);
        Assert.True(host.RunUntil(() => server.Find("connect") is not null));
        Assert.Equal([42L, 4L], server.Find("connect")!);
        client.Peer.Disconnect(99);
        Assert.True(host.RunUntil(() => client.Peer.State == ENetState.Closed && server.Find("disconnect") is not null));
        Assert.Equal([99L], server.Find("disconnect")!);
        Assert.Equal(ENetEnd.Local, client.Peer.End);
    }

    [LibENetTheory]
    [MemberData(nameof(OurClients))]
    public void Libenets_client_and_our_server_exchange_every_byte(string flags, int count, int size, bool checksum, bool compress)
    {
        using var host = new ENetUdpHost(Settings(checksum, compress));
        Echo(host.Host);
        using var client = LibENet.Client(host.Port, count, size, flags, channels: 4, checksum, compress, flight: size > 100_000 ? 2 : 200);
        Assert.True(host.RunUntil(() => client.Find("done") is not null), string.Join('\n', client.Lines));
        Assert.True(host.RunUntil(() => host.Host.Accepted[0].Peer.State == ENetState.Closed));
        var done = client.Find("done")!;
        Assert.Equal((count, 0L), (done[0], done[2]));
        if (flags == "reliable")
            Assert.Equal(count, done[1]);
        else
            Assert.InRange(done[1], count / 20, count);
        Assert.Equal((ENetEnd.Remote, 21u, 42u), (host.Host.Accepted[0].Peer.End, host.Host.Accepted[0].Peer.EndData, host.Host.Accepted[0].Peer.ConnectData));
    }

    [LibENetTheory]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(255)]
    public void Any_number_of_channels_works_both_ways(int channels)
    {
        using (var server = LibENet.Server(channels: 200))
        using (var host = new ENetUdpHost())
        {
            Assert.True(host.RunUntil(() => server.Find("port") is not null));
            var client = host.Connect((int)server.Find("port")![0], channels);
            Converse(host, client, "reliable", 600, 20);
            Assert.Equal(Math.Min(200, channels), client.Peer.Channels);
        }

        using (var host = new ENetUdpHost(new ENetSettings { Channels = 100 }))
        {
            Echo(host.Host);
            using var client = LibENet.Client(host.Port, 600, 20, "reliable", channels);
            Assert.True(host.RunUntil(() => client.Find("done") is not null));
            Assert.Equal([600L, 600L, 0L], client.Find("done")!);
            Assert.Equal(Math.Min(100, channels), host.Host.Accepted[0].Peer.Channels);
        }
    }

    [LibENetTheory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Libenets_client_whose_confirmation_was_lost_confirms_again_when_it_is_pinged(bool checksum, bool compress)
    {
        using var host = new ENetUdpHost(Settings(checksum, compress));
        Echo(host.Host);
        var (connects, repeated, lost) = (0, 0, 0);
        host.Watch = datagram =>
        {
            Assert.True(ENetHeader.TryRead(datagram, out var header));
            var isConnect = header.PeerId == ENetFormat.NoPeer;
            connects += isConnect ? 1 : 0;
            repeated += isConnect && lost > 0 ? 1 : 0;
            return isConnect || host.Host.Accepted.Count > 0 || lost++ > 0;
        };
        using var client = LibENet.Client(host.Port, 50, 20, "reliable", channels: 4, checksum, compress);
        Assert.True(host.RunUntil(() => client.Find("done") is not null), string.Join('\n', client.Lines));
        Assert.Equal([50L, 50L, 0L], client.Find("done")!);

        // Once it was answered it took itself for connected, asked no more, and was let in by what it said later.
        Assert.True(connects > 0);
        Assert.Equal(0, repeated);
        Assert.True(lost > 1);
    }

    [LibENetTheory]
    [InlineData("reliable", false)]
    [InlineData("reliable", true)]
    [InlineData("fragments", false)]
    public void Thirty_percent_of_the_datagrams_are_lost_and_every_byte_arrives(string flags, bool checksum)
    {
        var shape = new RelayShape { Loss = 0.3, Jitter = 2_000, Duplicate = 0.05, Seed = 3 };
        using (var server = LibENet.Server(checksum: checksum))
        using (var host = new ENetUdpHost(Settings(checksum, false)))
        {
            Assert.True(host.RunUntil(() => server.Find("port") is not null));
            using var relay = new UdpRelay(new IPEndPoint(IPAddress.Loopback, (int)server.Find("port")![0]), shape, shape with { Seed = 4 });
            var client = host.Connect(relay.Port, 4);
            Converse(host, client, flags, 40, 300, least: 0);
        }

        using (var host = new ENetUdpHost(Settings(checksum, false)))
        {
            Echo(host.Host);
            using var relay = new UdpRelay(new IPEndPoint(IPAddress.Loopback, host.Port), shape, shape with { Seed = 4 });
            using var client = LibENet.Client(relay.Port, 40, 300, flags, channels: 4, checksum, flight: 20);
            Assert.True(host.RunUntil(() => client.Find("done") is not null, Patience), string.Join('\n', client.Lines));
            Assert.Equal(0L, client.Find("done")![2]);
        }
    }

    [LibENetTheory]
    [InlineData("!close", 11u)]
    [InlineData("!now", 12u)]
    [InlineData("!later", 13u)]
    public void Libenets_server_disconnects_us_in_each_of_its_ways(string word, uint data)
    {
        using var server = LibENet.Server();
        using var host = new ENetUdpHost();
        Assert.True(host.RunUntil(() => server.Find("port") is not null));
        var client = host.Connect((int)server.Find("port")![0], 2);
        Assert.True(host.RunUntil(() => client.Peer.State == ENetState.Connected));
        client.Send(0, ENetDelivery.Reliable, System.Text.Encoding.ASCII.GetBytes(word));
        Assert.True(host.RunUntil(() => client.Peer.State == ENetState.Closed));
        Assert.Equal((ENetEnd.Remote, data), (client.Peer.End, client.Peer.EndData));
        Assert.Equal(word == "!later" ? 200 : 0, client.Taken.Count);
    }

    [LibENetTheory]
    [InlineData("close", 21u)]
    [InlineData("now", 22u)]
    [InlineData("later", 23u)]
    public void Libenets_client_leaves_us_in_each_of_its_ways(string way, uint data)
    {
        using var host = new ENetUdpHost();
        Echo(host.Host);
        using var client = LibENet.Client(host.Port, 20, 100, "reliable", farewell: way);
        Assert.True(host.RunUntil(() => host.Host.Accepted is [{ Peer.State: ENetState.Closed }]));
        Assert.Equal((ENetEnd.Remote, data), (host.Host.Accepted[0].Peer.End, host.Host.Accepted[0].Peer.EndData));
    }

    [LibENetTheory]
    [InlineData("close", 7u)]
    [InlineData("now", 8u)]
    [InlineData("later", 9u)]
    public void We_leave_libenets_server_in_each_of_our_ways(string way, uint data)
    {
        using var server = LibENet.Server();
        using var host = new ENetUdpHost();
        Assert.True(host.RunUntil(() => server.Find("port") is not null));
        var client = host.Connect((int)server.Find("port")![0], 2);
        Assert.True(host.RunUntil(() => client.Peer.State == ENetState.Connected));
        client.Send(0, ENetDelivery.Reliable, new byte[100_000]);
        switch (way)
        {
            case "close":
                client.Peer.Disconnect(data);
                break;
            case "now":
                client.Peer.DisconnectNow(data);
                break;
            default:
                client.Peer.DisconnectLater(data);
                break;
        }

        // It says so when its acknowledgement is under way.
        Assert.True(host.RunUntil(() => server.Find("disconnect") is not null && client.Peer.State == ENetState.Closed));

        // libenet tells of the data of a disconnect that wants no acknowledgement as well.
        Assert.Equal([(long)data], server.Find("disconnect")!);
    }

    [LibENetFact]
    public void A_reset_end_is_given_up_by_time()
    {
        using var server = LibENet.Server();
        using var host = new ENetUdpHost(new ENetSettings { TimeoutMin = 500_000, PingInterval = 50_000 });
        Assert.True(host.RunUntil(() => server.Find("port") is not null));
        var client = host.Connect((int)server.Find("port")![0], 2);
        Assert.True(host.RunUntil(() => client.Peer.State == ENetState.Connected));
        client.Send(0, ENetDelivery.Reliable, "!reset"u8.ToArray());
        Assert.True(host.RunUntil(() => client.Peer.State == ENetState.Closed));
        Assert.Equal(ENetEnd.Timeout, client.Peer.End);
    }

    [LibENetFact]
    public void A_refused_libenet_client_hears_of_it_at_once()
    {
        using var host = new ENetUdpHost();
        var refused = false;
        host.Host.Refuses = () => refused = true;
        using var client = LibENet.Client(host.Port, 1, 1, "reliable");
        Assert.True(host.RunUntil(() => client.Find("disconnect") is not null));
        Assert.True(refused);
    }

    private static ENetSettings Settings(bool checksum, bool compress) => new()
    {
        Checksum = checksum,
        Compressor = compress ? ENetCompressor.RangeCoder : ENetCompressor.None,
    };

    private static void Echo(ENetTestHost host) => host.Opened = peer => peer.OnReceived = (self, channel, delivery, payload) =>
        self.Send(channel, delivery == ENetDelivery.Unreliable ? ENetDelivery.UnreliableFragments : delivery, payload);

    private static void Converse(ENetUdpHost host, ENetTestPeer client, string flags, int count, int size, double least = 0.05)
    {
        var delivery = flags switch
        {
            "reliable" => ENetDelivery.Reliable,
            "unreliable" => ENetDelivery.Unreliable,
            "unsequenced" => ENetDelivery.Unsequenced,
            "fragments" => ENetDelivery.UnreliableFragments,
            _ => ENetDelivery.UnsequencedFragments,
        };
        var reliable = delivery == ENetDelivery.Reliable;
        var (received, bad) = (0, 0);
        var next = new int[256];
        Assert.True(host.RunUntil(() => client.Peer.State == ENetState.Connected), "not connected");
        var channels = client.Peer.Channels;
        for (var channel = 0; channel < channels; channel++)
            next[channel] = channel;
        client.OnReceived = (_, channel, _, payload) =>
        {
            received++;
            if (!reliable && payload.Length < 4)
                return;
            var number = reliable ? next[channel] : BitConverter.ToInt32(payload);
            next[channel] = number + channels;
            bad += payload.AsSpan().SequenceEqual(Content(number, size)) ? 0 : 1;
        };
        var flight = size > 100_000 ? 2 : 200;
        var sent = 0;
        while (sent < count)
        {
            for (var burst = 0; burst < 64 && sent < count && sent - received < flight; burst++, sent++)
                Assert.True(client.Send((byte)(sent % channels), delivery, Content(sent, size)));
            var before = received;
            Assert.True(host.RunUntil(() => sent == count || sent - received < flight || client.Peer.State != ENetState.Connected, reliable ? Patience : 1) || !reliable, "stuck");
            Assert.Equal(ENetState.Connected, client.Peer.State);
            if (received == before && !reliable)
                flight += 64;
        }

        host.RunUntil(() => received == count, reliable ? Patience : 1);
        Assert.Equal(0, bad);
        if (reliable)
            Assert.Equal(count, received);
        else
            Assert.InRange(received, (int)(count * least), count);
    }

    /// <summary>The same bytes as the C program makes.</summary>
    private static byte[] Content(int number, int size)
    {
        var content = new byte[size >= 0 ? size : size == -2 ? Sizes[1 + (number % (Sizes.Length - 1))] : Sizes[number % Sizes.Length]];
        for (var at = 0; at < content.Length; at++)
            content[at] = at < 4 ? (byte)(number >> (8 * at)) : (byte)((((ulong)number * 2654435761) + ((ulong)(at >> 2) * 40503)) >> 7);
        return content;
    }
}
