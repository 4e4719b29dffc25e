using Peer.Protocol.Links;
using Peer.Tests.Delivery;

namespace Peer.Tests.Links;

/// <summary>The end of a bulk transfer.</summary>
public sealed class TailTests
{
    private const int Count = 320;
    private const int Size = 16_384;
    private const long Rate = 12_500_000;
    private const long OneWay = 50_000;

    [Fact]
    public void On_a_lossy_path_the_end_of_a_transfer_is_not_a_round_trip_late()
    {
        long late = 0;
        const int seeds = 6;
        for (var seed = 1; seed <= seeds; seed++)
        {
            var (took, _) = Transfer(seed, 0.02);
            var (clean, _) = Transfer(seed, 0);
            late += took - clean;
        }

        // Some twenty of the last thousand are lost; the one that is noticed last would always be nearly a round trip late, and often lost again.
        Assert.InRange(late / seeds, 0, OneWay * 9 / 5);
    }

    [Fact]
    public void On_a_clean_path_nothing_is_sent_twice()
    {
        var (_, bytes) = Transfer(1, 0);
        Assert.InRange(bytes, (long)Count * Size, (long)Count * Size * 104 / 100);
    }

    private static (long Took, long Bytes) Transfer(int seed, double loss)
    {
        using var pair = new LinkPair(seed, new LinkSettings { Recovery = new() { MaxDatagramSize = 1_200 } });
        pair.Weather = new Weather { Delay = OneWay, Loss = loss, Rate = Rate };
        pair.RunUntil(() => pair.Client.Link.IsConfirmed);
        pair.RunFor(15_000_000);
        var (began, bytes) = (pair.Now, pair.ToServer.SentBytes);
        for (var i = 0; i < Count; i++)
            pair.Client.Submit(Messages.Reliable, Messages.Numbered(i, Size));
        pair.Work();
        pair.RunUntil(() => pair.Server.Taken.Count == Count);
        var took = pair.Now - began;
        pair.Settle();
        pair.AssertHonest();
        return (took, pair.ToServer.SentBytes - bytes);
    }
}
