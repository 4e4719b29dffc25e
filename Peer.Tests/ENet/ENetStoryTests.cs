using Peer.Protocol.ENet;

namespace Peer.Tests.ENet;

/// <summary>The life of an ENet connection.</summary>
public sealed class ENetStoryTests
{
    private static readonly byte[] Hello = "hello"u8.ToArray();

    [Fact]
    public void A_client_connects_and_both_ends_know_what_they_agreed_on()
    {
        using var pair = ENetPair.Connected(
            new ENetSettings { Channels = 5, Mtu = 1200, IncomingBandwidth = 128 * 1024 }, channels: 9, clientSettings: new ENetSettings { Mtu = 900, OutgoingBandwidth = 64 * 1024 });
        Assert.Equal(5, pair.Client.Peer.Channels);
        Assert.Equal(5, pair.Server.Peer.Channels);
        Assert.Equal(900, pair.Client.Peer.Mtu);
        Assert.Equal(900, pair.Server.Peer.Mtu);
        Assert.Equal(42u, pair.Server.Peer.ConnectData);
        Assert.Equal(4096, pair.Client.Peer.Window);
    }

    [Fact]
    public void What_is_said_in_the_first_datagram_after_the_confirmation_is_heard()
    {
        using var pair = new ENetPair();
        pair.Dial();
        Assert.True(pair.RunUntil(() => pair.Client.Peer.State == ENetState.Connected));
        pair.Client.Send(1, ENetDelivery.Reliable, Hello);
        Assert.True(pair.RunUntil(() => pair.ServerHost.Accepted.Count == 1 && pair.Server.Taken.Count == 1));
    }

    [Fact]
    public void A_lost_confirmation_is_asked_for_again()
    {
        using var pair = new ENetPair { Watch = (datagram, from) => !from.Equals(ENetPair.ClientAddress) || (ENetHeader.TryReadPeer(datagram, out var slot) && slot == ENetFormat.NoPeer) };
        pair.Dial();
        Assert.True(pair.RunUntil(() => pair.Client.Peer.State == ENetState.Connected));
        pair.Client.Send(1, ENetDelivery.Reliable, Hello);
        pair.Run(400_000);
        Assert.Empty(pair.ServerHost.Accepted);
        pair.Watch = null;
        Assert.True(pair.RunUntil(() => pair.ServerHost.Accepted.Count == 1 && pair.Server.Taken.Count == 1));
    }

    [Fact]
    public void Nobody_answers_and_the_client_gives_up()
    {
        using var pair = new ENetPair { Loss = 1 };
        pair.Dial();
        Assert.True(pair.RunUntil(() => pair.Client.Peer.State == ENetState.Closed));
        Assert.Equal(ENetEnd.NoAnswer, pair.Client.Peer.End);
    }

    [Fact]
    public void A_silent_end_is_given_up_and_not_before_five_seconds()
    {
        using var pair = ENetPair.Connected();
        pair.Loss = 1;
        pair.Run(4_500_000);
        Assert.Equal(ENetState.Connected, pair.Client.Peer.State);
        Assert.True(pair.RunUntil(() => pair.Client.Peer.State == ENetState.Closed && pair.Server.Peer.State == ENetState.Closed, 40_000_000));
        Assert.Equal(ENetEnd.Timeout, pair.Client.Peer.End);
    }

    [Fact]
    public void An_idle_connection_lives_on_pings()
    {
        using var pair = ENetPair.Connected();
        var before = pair.Datagrams;
        pair.Run(60_000_000);
        Assert.Equal(ENetState.Connected, pair.Client.Peer.State);
        Assert.InRange(pair.Datagrams - before, 100, 600);
        Assert.InRange(pair.Client.Peer.RoundTripMs, 9u, 14u);
    }

    [Fact]
    public void Disconnect_tells_the_other_end_why()
    {
        using var pair = ENetPair.Connected();
        pair.Client.Peer.Disconnect(77);
        Assert.True(pair.RunUntil(() => pair.Client.Peer.State == ENetState.Closed && pair.Server.Peer.State == ENetState.Closed));
        Assert.Equal((ENetEnd.Local, ENetEnd.Remote, 77u), (pair.Client.Peer.End, pair.Server.Peer.End, pair.Server.Peer.EndData));
    }

    [Fact]
    public void Disconnect_now_is_said_once_and_is_over_at_once()
    {
        using var pair = ENetPair.Connected();
        pair.Server.Peer.DisconnectNow(5);
        Assert.Equal(ENetState.Closed, pair.Server.Peer.State);
        Assert.True(pair.RunUntil(() => pair.Client.Peer.State == ENetState.Closed, 1_000_000));
        Assert.Equal((ENetEnd.Remote, 5u), (pair.Client.Peer.End, pair.Client.Peer.EndData));
    }

    [Fact]
    public void Disconnect_later_lets_everything_queued_arrive_first()
    {
        using var pair = ENetPair.Connected();
        pair.Loss = 0.2;
        for (var i = 0; i < 50; i++)
            pair.Client.Send(0, ENetDelivery.Reliable, new byte[5_000]);
        pair.Client.Peer.DisconnectLater(9);
        Assert.False(pair.Client.Send(0, ENetDelivery.Reliable, Hello));
        Assert.True(pair.RunUntil(() => pair.Server.Peer.State == ENetState.Closed));
        Assert.Equal(50, pair.Server.Taken.Count);
        Assert.Equal(9u, pair.Server.Peer.EndData);
    }

    [Fact]
    public void A_slot_is_used_again_and_late_datagrams_of_its_last_connection_are_not_believed()
    {
        var late = new List<byte[]>();
        using var pair = new ENetPair(seed: 5);
        pair.Watch = (datagram, from) =>
        {
            if (from.Equals(ENetPair.ClientAddress))
                late.Add((byte[])datagram.Clone());
            return true;
        };
        pair.Dial();
        Assert.True(pair.RunUntil(() => pair.ServerHost.Accepted.Count == 1));
        pair.Client.Send(0, ENetDelivery.Reliable, Hello);
        Assert.True(pair.RunUntil(() => pair.Server.Taken.Count == 1));
        pair.Client.Peer.DisconnectNow(0);
        Assert.True(pair.RunUntil(() => pair.Server.Peer.State == ENetState.Closed));
        var old = late.ToArray();
        for (var round = 0; round < 8; round++)
        {
            pair.Dial(data: (uint)round);
            Assert.True(pair.RunUntil(() => pair.ServerHost.Accepted.Count == round + 2));
            foreach (var datagram in old)
                pair.Inject(datagram, ENetPair.ClientAddress, ENetPair.ServerAddress);
            pair.Run(50_000);
            Assert.Empty(pair.Server.Taken);
            Assert.Equal(ENetState.Connected, pair.Server.Peer.State);
            pair.Client.Peer.DisconnectNow(0);
            Assert.True(pair.RunUntil(() => pair.Server.Peer.State == ENetState.Closed));
        }
    }

    [Fact]
    public void Numbers_wrap_both_reliable_and_unreliable()
    {
        using var pair = ENetPair.Connected();
        pair.Delay = 500;
        pair.Server.OnReceived = (_, _, _, _) => { };
        var received = 0;
        pair.Server.OnReceived = (_, _, _, payload) => Assert.Equal(received++, BitConverter.ToInt32(payload));
        for (var i = 0; i < 140_000; i++)
        {
            Assert.True(pair.Client.Send(0, i % 70_000 < 68_000 ? ENetDelivery.Unreliable : ENetDelivery.Reliable, BitConverter.GetBytes(i)));
            if (i % 500 == 499)
                Assert.True(pair.RunUntil(() => received == i + 1), $"{i}: {received}");
        }

        received = 0;
        pair.Server.OnReceived = (_, _, _, payload) => Assert.Equal(received++, BitConverter.ToInt32(payload));
        for (var i = 0; i < 140_000; i++)
            Assert.True(pair.Client.Send(1, ENetDelivery.Reliable, BitConverter.GetBytes(i)));
        Assert.True(pair.RunUntil(() => received == 140_000), $"{received}");
    }

    [Fact]
    public void A_reader_who_does_not_read_stops_its_sender_and_loses_nothing()
    {
        using var pair = new ENetPair();
        pair.ServerHost.UnreadBytes = 100_000;
        pair.Dial();
        Assert.True(pair.RunUntil(() => pair.ServerHost.Accepted.Count == 1));
        pair.Server.Reads = false;
        for (var i = 0; i < 500; i++)
            pair.Client.Send(0, ENetDelivery.Reliable, new byte[1_000]);
        pair.Run(1_000_000);
        Assert.InRange(pair.Server.Unread, 100_000, 101_000);
        Assert.Equal(ENetState.Connected, pair.Client.Peer.State);
        while (pair.Server.Taken.Count < 500)
        {
            var before = pair.Server.Taken.Count;
            pair.Server.ReadAll();
            Assert.True(pair.RunUntil(() => pair.Server.Taken.Count > before));
        }
    }

    [Fact]
    public void A_throttled_path_drops_unreliable_messages_and_no_reliable_ones()
    {
        using var pair = ENetPair.Connected();
        pair.Client.Peer.LimitThrottle(8);
        for (var i = 0; i < 320; i++)
        {
            pair.Client.Send(0, ENetDelivery.Unreliable, Hello);
            pair.Client.Send(1, ENetDelivery.Reliable, Hello);
        }

        Assert.True(pair.RunUntil(() => pair.Client.Peer.IsIdle));
        pair.Run(100_000);
        Assert.Equal(320, pair.Server.Taken.Count(t => t.Channel == 1));
        Assert.InRange(pair.Server.Taken.Count(t => t.Channel == 0), 60, 110);
    }

    [Fact]
    public void A_host_shares_its_bandwidth()
    {
        ENetBandwidth.Share Of(long sent, uint takes, uint sends) => new() { Sent = sent, RemoteIncoming = takes, RemoteOutgoing = sends };
        var shares = new[] { Of(100_000, 0, 0), Of(100_000, 10_000, 3_000), Of(100_000, 0, 90_000) };
        ENetBandwidth.LimitThrottles(shares, 100_000, 1_000);
        Assert.Equal(3u, shares[1].ThrottleLimit);
        Assert.Equal(9u, shares[0].ThrottleLimit);
        ENetBandwidth.LimitSenders(shares, 60_000);
        Assert.Equal([28_500u, 3_000u, 28_500u], shares.Select(share => share.IncomingLimit));
        foreach (var share in shares)
            share.ThrottleLimit = 0;
        ENetBandwidth.LimitThrottles(shares, 0, 1_000);
        Assert.Equal([32u, 3u, 32u], shares.Select(share => share.ThrottleLimit));
    }
}
