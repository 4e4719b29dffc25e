using System.Text;
using Peer.Protocol;
using Peer.Protocol.Delivery;
using Peer.Protocol.Links;
using Peer.Tests.Delivery;

namespace Peer.Tests.Links;

/// <summary>Who may send how much, and who goes first.</summary>
public sealed class FlowTests
{
    private const long Second = 1_000_000;

    [Fact]
    public void A_receiver_that_does_not_consume_stops_the_sender_at_the_window_and_starts_it_again()
    {
        using var pair = new LinkPair(settings: new LinkSettings { ReceiveWindow = 200_000 }).Settle();
        pair.Server.Consumes = false;
        for (var i = 0; i < 500; i++)
            pair.Client.Submit(Messages.Reliable, Messages.Numbered(i, 1_000));
        pair.Work();
        pair.RunFor(5 * Second);
        Assert.InRange(pair.Server.Taken.Sum(taken => taken.Bytes.Length), 190_000, 200_000);
        Assert.Equal(LinkState.Open, pair.Server.Link.State);
        // What the window lets through is unread, not unacknowledged.
        Assert.InRange(pair.Client.QueuedBytes, 300_000, 315_000);

        pair.Server.Consumes = true;
        pair.Server.ReturnCredit();
        pair.Work();
        pair.Settle();
        Assert.Equal(500, pair.Server.Taken.Count);
        pair.AssertHonest();
        pair.Client.AssertReleased();
        pair.Server.AssertReleased();
    }

    // Frames fit a base datagram of 1 200 bytes, so these paths leave room in each.
    [Theory]
    [InlineData(1_200)]
    [InlineData(1_472)]
    [InlineData(2_200)]
    [InlineData(9_000)]
    public void Bulk_leaves_in_batches_whatever_the_path_carries(int pathSize)
    {
        using var pair = new LinkPair(settings: new LinkSettings { Recovery = new() { MaxDatagramSize = pathSize } }).Settle();
        pair.RunUntil(() => pair.Client.Link.Statistics().DatagramSize > pathSize * 9 / 10);
        pair.Client.Submit(Messages.Reliable, [.. Enumerable.Range(0, 200).Select(i => Messages.Numbered(i, 1_000))]);
        pair.Work();
        pair.Settle();
        Assert.Equal(200, pair.Server.Taken.Count);
        Assert.InRange(pair.Client.LargestBatch, 3, 200);
    }

    [Fact]
    public void Credit_that_is_lost_is_granted_again()
    {
        using var pair = new LinkPair(settings: new LinkSettings { ReceiveWindow = 100_000, IdleTimeout = 60 * Second }).Settle();
        pair.ToClient.Weather = new Weather { Loss = 0.7 };
        for (var i = 0; i < 500; i++)
            pair.Client.Submit(Messages.Reliable, Messages.Numbered(i, 1_000));
        pair.Work();
        pair.Settle();
        Assert.Equal(500, pair.Server.Taken.Count);
    }

    [Fact]
    public void Neither_unreliable_nor_control_messages_wait_for_credit()
    {
        using var pair = new LinkPair(settings: new LinkSettings { ReceiveWindow = 50_000 }).Settle();
        pair.Server.Consumes = false;
        for (var i = 0; i < 200; i++)
            pair.Client.Submit(Messages.Reliable, Messages.Numbered(i, 1_000));
        pair.Work();
        pair.RunFor(2 * Second);
        pair.Client.Submit(SequenceKey.Control, [1, 2, 3]);
        pair.Client.Submit(new SequenceKey(3, TransferMode.Unreliable), [4]);
        pair.Client.Submit(new SequenceKey(3, TransferMode.UnreliableOrdered), [5]);
        pair.Work();
        pair.RunFor(100_000);
        Assert.Contains(pair.Server.Taken, taken => taken.Key.IsControl);
        Assert.Contains(pair.Server.Taken, taken => taken.Key.Mode == TransferMode.Unreliable);
        Assert.Contains(pair.Server.Taken, taken => taken.Key.Mode == TransferMode.UnreliableOrdered);
    }

    [Fact]
    public void Bulk_does_not_delay_input()
    {
        var settings = new LinkSettings { Lanes = channel => new LaneSettings(channel == 9 ? 1 : 0, 1) };
        using var pair = new LinkPair(settings: settings).Settle();
        pair.Weather = new Weather { Rate = 3_000_000 };
        for (var i = 0; i < 40; i++)
            pair.Client.Submit(Messages.Reliable, Messages.Numbered(i, 200_000));
        pair.Work();
        pair.RunFor(500_000);
        var input = new SequenceKey(9, TransferMode.Reliable);
        var sentAt = new List<long>();
        for (var i = 0; i < 40; i++)
        {
            pair.Client.Submit(input, Messages.Numbered(i, 40));
            sentAt.Add(pair.Now);
            pair.Work();
            pair.RunFor(10_000);
        }

        Assert.True(pair.Client.QueuedBytes > 1_000_000, "the bulk is still under way");
        pair.Settle();
        var arrivedAt = pair.Server.Taken.Zip(pair.Server.TakenAt).Where(both => both.First.Key == input).Select(both => both.Second).ToArray();
        Assert.Equal(40, arrivedAt.Length);
        for (var i = 0; i < arrivedAt.Length; i++)
            Assert.InRange(arrivedAt[i] - sentAt[i], 20_000, 60_000);
        pair.AssertHonest();
    }

    [Fact]
    public void Acknowledgements_of_one_way_traffic_stay_short_on_a_lossy_path()
    {
        using var pair = new LinkPair(settings: new LinkSettings { IdleTimeout = 60 * Second });
        pair.Settle();
        pair.ToServer.Weather = new Weather { Loss = 0.2 };
        for (var round = 0; round < 100; round++)
        {
            for (var i = 0; i < 20; i++)
                pair.Client.Submit(new SequenceKey(1, TransferMode.Unreliable), Messages.Numbered(i, 1_000));
            pair.Work();
            pair.RunFor(50_000);
        }

        // 2 000 datagrams with 400 holes; what the other end has confirmed need not be said again.
        Assert.InRange(pair.Server.Watch.MostRanges, 10, 64);
        Assert.InRange(pair.ToClient.SentBytes, 0, pair.ToServer.SentBytes / 8);
        pair.AssertHonest();
    }

    [Fact]
    public void No_datagram_shows_what_it_carries()
    {
        var secret = Encoding.ASCII.GetBytes("the quick brown fox jumps over the lazy dog. ");
        byte[] message = [.. Enumerable.Repeat(secret, 60).SelectMany(bytes => bytes)];
        using var pair = new LinkPair().Settle();
        foreach (var mode in Enum.GetValues<TransferMode>())
            pair.Client.Submit(new SequenceKey(0, mode), secret, message);
        pair.Server.Link.Close(new DisconnectInfo(DisconnectReason.Kicked, Encoding.ASCII.GetString(secret), secret), pair.Now);
        pair.Work();
        pair.RunFor(3 * Second);

        Assert.Equal(LinkState.Closed, pair.Client.Link.State);
        var probe = secret.AsSpan(4, 8).ToArray();
        Assert.All(pair.ToServer.Recorded.Concat(pair.ToClient.Recorded), datagram => Assert.Equal(-1, datagram.AsSpan().IndexOf(probe)));
    }

    [Fact]
    public void Every_buffer_size_yields_datagrams_of_one_size_but_the_last()
    {
        foreach (var length in new[] { 1, 60, 150, 300, 900, 1_150, 1_160, 1_170, 2_400, 9_000 })
        {
            using var pair = new LinkPair(settings: new LinkSettings { Recovery = new() { MaxDatagramSize = 9_000 } }).Settle();
            for (var i = 0; i < 600; i++)
            {
                pair.Client.Submit(Messages.Reliable, Messages.Numbered(i, length));
                if (i % 3 == 0)
                    pair.Work();
            }

            pair.Work();
            pair.Settle();
            Assert.Equal(600, pair.Server.Taken.Count);
            pair.AssertHonest();
        }
    }
}
