using Peer.Protocol;
using Peer.Protocol.Delivery;
using Peer.Protocol.Links;
using Peer.Protocol.Wire;
using Peer.Tests.Delivery;

namespace Peer.Tests.Links;

/// <summary>How a connection stays up, ends, and how rarely it wants its timer.</summary>
public sealed class LinkLifeTests
{
    private const long Second = 1_000_000;

    [Fact]
    public void An_idle_link_stays_up_for_few_bytes_and_few_wake_ups()
    {
        using var pair = new LinkPair().Settle();
        pair.RunFor(2 * Second);
        var (bytes, wakeups) = (pair.ToServer.SentBytes + pair.ToClient.SentBytes, pair.Client.Wakeups + pair.Server.Wakeups);
        pair.RunFor(600 * Second);

        Assert.Equal((LinkState.Open, LinkState.Open), (pair.Client.Link.State, pair.Server.Link.State));
        Assert.InRange(pair.ToServer.SentBytes + pair.ToClient.SentBytes - bytes, 1, 600 * 100);
        Assert.InRange(pair.Client.Wakeups + pair.Server.Wakeups - wakeups, 1, 600 * 4);
        pair.AssertHonest();
    }

    [Fact]
    public void A_silent_peer_times_out_at_the_idle_time_out()
    {
        using var pair = new LinkPair().Settle();
        pair.RunFor(100_000);
        var heard = pair.Now;
        pair.Weather = new Weather { Loss = 1 };
        pair.RunUntil(() => pair.Client.Link.State == LinkState.Closed && pair.Server.Link.State == LinkState.Closed, 20 * Second);

        Assert.Equal(DisconnectReason.Timeout, pair.Client.Link.End.Reason);
        Assert.Equal(DisconnectReason.Timeout, pair.Server.Link.End.Reason);
        Assert.InRange(pair.Now - heard, 9 * Second, 10 * Second);
        Assert.InRange(pair.Client.Wakeups, 1, 200);
        Assert.Equal(long.MaxValue, pair.Client.NextTimeout(pair.Now));
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("bye", 1_024)]
    [InlineData("the longest text that fits, and more than that: äöü €", 7)]
    public void Both_ends_end_with_the_same_reason_text_and_payload(string text, int payload)
    {
        var said = new DisconnectInfo(DisconnectReason.Kicked, text, new SeededRandom(3).Take(payload));
        using var pair = new LinkPair().Settle();
        pair.Server.Link.Close(said, pair.Now);
        pair.Work();
        pair.RunUntil(() => pair.Client.Link.State == LinkState.Closed && pair.Server.Link.State == LinkState.Closed, 5 * Second);

        foreach (var end in new[] { pair.Client.Link.End, pair.Server.Link.End })
        {
            Assert.Equal((said.Reason, said.Text), (end.Reason, end.Text));
            Assert.Equal(said.Payload.ToArray(), end.Payload.ToArray());
        }

        Assert.Equal(1, pair.Server.Watch.FrameTypes.Count(type => type == FrameType.Close));
        pair.AssertHonest();
    }

    [Fact]
    public void The_longest_payload_arrives_whatever_the_length_of_the_text()
    {
        var said = new DisconnectInfo(DisconnectReason.Kicked, string.Concat(Enumerable.Repeat("é", 100)), new SeededRandom(3).Take(1_024));
        using var pair = new LinkPair().Settle();
        pair.Server.Link.Close(said, pair.Now);
        pair.Work();
        pair.RunUntil(() => pair.Client.Link.State == LinkState.Closed, 5 * Second);
        Assert.Equal(said.Payload.ToArray(), pair.Client.Link.End.Payload.ToArray());
        Assert.StartsWith(pair.Client.Link.End.Text, said.Text, StringComparison.Ordinal);
        Assert.InRange(pair.Client.Link.End.Text.Length, 65, 70);
    }

    [Fact]
    public void A_close_is_repeated_until_it_is_answered()
    {
        using var pair = new LinkPair().Settle();
        pair.Server.Link.Close(DisconnectInfo.Of(DisconnectReason.Closed, "over"), pair.Now);
        pair.ToClient.Weather = new Weather { Loss = 1 };
        pair.Work();
        pair.RunFor(400_000);
        Assert.Equal(LinkState.Open, pair.Client.Link.State);
        var closes = pair.Server.Watch.FrameTypes.Count(type => type == FrameType.Close);
        Assert.InRange(closes, 3, 9);

        pair.ToClient.Weather = Weather.Fine;
        pair.RunUntil(() => pair.Server.Link.State == LinkState.Closed, Second);
        Assert.Equal("over", pair.Client.Link.End.Text);
        pair.AssertHonest();
    }

    [Fact]
    public void A_close_that_nobody_answers_is_given_up()
    {
        using var pair = new LinkPair().Settle();
        pair.Weather = new Weather { Loss = 1 };
        pair.Server.Link.Close(DisconnectInfo.Of(DisconnectReason.Kicked), pair.Now);
        var (began, wakeups) = (pair.Now, pair.Server.Wakeups);
        pair.Work();
        pair.RunUntil(() => pair.Server.Link.State == LinkState.Closed, 5 * Second);

        Assert.Equal(DisconnectReason.Kicked, pair.Server.Link.End.Reason);
        Assert.InRange(pair.Now - began, Second, Second + 1_000);
        Assert.InRange(pair.Server.Wakeups - wakeups, 2, 25);
    }

    [Fact]
    public void A_lost_answer_is_given_again()
    {
        using var pair = new LinkPair().Settle();
        pair.ToServer.Weather = new Weather { Loss = 1 };
        pair.Server.Link.Close(DisconnectInfo.Of(DisconnectReason.Kicked), pair.Now);
        pair.Work();
        pair.RunUntil(() => pair.Client.Link.State == LinkState.Lingering, Second);
        pair.ToServer.Weather = Weather.Fine;
        pair.RunUntil(() => pair.Server.Link.State == LinkState.Closed, 300_000);
        Assert.InRange(pair.Client.Watch.FrameTypes.Count(type => type == FrameType.CloseAck), 2, 8);
    }

    [Fact]
    public void Two_ends_that_close_at_once_both_end_with_their_own_words()
    {
        using var pair = new LinkPair().Settle();
        pair.Client.Link.Close(DisconnectInfo.Of(DisconnectReason.Closed, "client"), pair.Now);
        pair.Server.Link.Close(DisconnectInfo.Of(DisconnectReason.Closed, "server"), pair.Now);
        pair.Work();
        pair.RunUntil(() => pair.Client.Link.State == LinkState.Closed && pair.Server.Link.State == LinkState.Closed, 2 * Second);
        Assert.Equal(("client", "server"), (pair.Client.Link.End.Text, pair.Server.Link.End.Text));
    }

    [Fact]
    public void A_closed_link_is_deaf_and_dumb()
    {
        using var pair = new LinkPair().Settle();
        pair.Client.Link.Close(DisconnectInfo.Of(DisconnectReason.Closed), pair.Now);
        pair.Work();
        pair.RunUntil(() => pair.Client.Link.State == LinkState.Closed && pair.Server.Link.State == LinkState.Closed, 2 * Second);
        var sent = pair.ToClient.Recorded.Count;
        foreach (var datagram in pair.ToServer.Recorded.ToArray())
            pair.ToServer.Inject([.. datagram], pair.Now);
        pair.RunFor(Second);
        Assert.Equal(sent, pair.ToClient.Recorded.Count);
        Assert.Equal(long.MaxValue, pair.Server.NextTimeout(pair.Now));
    }

    /// <summary>What each state costs in wake-ups of one end's timer per second when nothing comes of it.</summary>
    [Theory]
    [InlineData("blocked by credit", 20)]
    [InlineData("blocked by the window of a silent peer", 40)]
    [InlineData("a ping owed behind a full window", 40)]
    [InlineData("closing", 25)]
    [InlineData("lingering", 25)]
    public void The_timer_is_never_wanted_for_nothing(string state, int wakeupsPerSecond)
    {
        var settings = state switch
        {
            "blocked by credit" => new LinkSettings { ReceiveWindow = 100_000 },
            "a ping owed behind a full window" => new LinkSettings { KeepAlive = 20_000 },
            _ => new LinkSettings(),
        };
        using var pair = new LinkPair(settings: settings);
        pair.RunFor(Second);
        switch (state)
        {
            case "blocked by credit":
                pair.Server.Consumes = false;
                Fill(pair, 400);
                break;
            case "closing":
                pair.Weather = new Weather { Loss = 1 };
                pair.Client.Link.Close(DisconnectInfo.Of(DisconnectReason.Closed), pair.Now);
                break;
            case "lingering":
                pair.Server.Link.Close(DisconnectInfo.Of(DisconnectReason.Closed), pair.Now);
                pair.Work();
                pair.RunUntil(() => pair.Client.Link.State == LinkState.Lingering, Second);
                break;
            default:
                pair.Weather = new Weather { Loss = 1 };
                Fill(pair, 4_000);
                break;
        }

        pair.Work();
        pair.RunFor(Second);
        var wakeups = pair.Client.Wakeups;
        pair.RunFor(3 * Second);
        Assert.InRange(pair.Client.Wakeups - wakeups, 0, 3 * wakeupsPerSecond);
    }

    private static void Fill(LinkPair pair, int messages)
    {
        for (var i = 0; i < messages; i++)
            pair.Client.Submit(Messages.Reliable, Messages.Numbered(i, 1_000));
    }
}
