using Peer.Protocol.Links;
using Peer.Protocol.Recovery;
using Peer.Tests.Delivery;

namespace Peer.Tests.Links;

/// <summary>Sixty reliable messages of 100 B a second over 50 ms: what a player feels, and what it costs.</summary>
public sealed class ThinStreamTests
{
    private const int Count = 4_000;
    private const long Interval = 16_667;
    private const long OneWay = 25_000;

    [Theory]
    [InlineData(0.0, 26, 156)]
    [InlineData(0.01, 94, 162)]
    [InlineData(0.05, 110, 176)]
    [InlineData(0.2, 200, 240)]
    public void Losses_cost_one_round_trip_and_few_bytes(double loss, int worstOfHundredMs, int bytes)
    {
        var (ages, sent) = Play(loss, Count, Interval);

        Assert.InRange(ages[Count * 99 / 100], OneWay, worstOfHundredMs * 1_000);
        Assert.InRange(sent / (double)Count, 100, bytes);
    }

    [Fact]
    public void A_message_whose_repetition_is_lost_too_does_not_wait_for_another_round_trip()
    {
        // 1 in 100 is lost twice at this loss; without a second copy each of them would take 160 ms, and those behind it wait.
        var (ages, _) = Play(0.1, Count, Interval);

        Assert.InRange(ages[Count * 98 / 100], OneWay, 110_000);
    }

    [Fact]
    public void Slow_streams_are_acknowledged_as_soon_as_ever()
    {
        // Ten a second: nobody will come along within the patience that a fast one has, so there is none.
        var (_, sent) = Play(0, 100, 100_000);

        Assert.InRange(sent / 100.0, 170, 185);
    }

    private static (List<long> Ages, long Bytes) Play(double loss, int count, long interval)
    {
        using var pair = new LinkPair(3, new LinkSettings { IdleTimeout = 60_000_000 });
        pair.Weather = new Weather { Delay = OneWay, Loss = loss, Rate = 12_500_000 };
        pair.RunUntil(() => pair.Client.Link.IsConfirmed);

        // Credit is returned in large pieces by an application; here it is not needed at all.
        pair.Server.Consumes = false;
        pair.RunFor(15_000_000);
        var before = pair.ToServer.SentBytes + pair.ToClient.SentBytes;
        var sentAt = new List<long>();
        for (var i = 0; i < count; i++)
        {
            sentAt.Add(pair.Now);
            pair.Client.Submit(Messages.Reliable, Messages.Numbered(i, 100));
            pair.Work();
            pair.RunFor(interval);
        }

        var bytes = pair.ToServer.SentBytes + pair.ToClient.SentBytes - before;
        pair.RunUntil(() => pair.Server.Taken.Count == count);
        pair.AssertHonest();
        return ([.. sentAt.Select((sent, i) => pair.Server.TakenAt[i] - sent).Order()], bytes);
    }
}
