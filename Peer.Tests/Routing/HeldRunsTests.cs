using Peer.Protocol;
using Peer.Protocol.Delivery;
using Peer.Protocol.Routing;

namespace Peer.Tests.Routing;

/// <summary>What is charged is what is held: a server that has much held and lets it go, peer after peer, must not leave the memory behind.</summary>
public sealed class HeldRunsTests
{
    private const int Runs = 10_000;

    [Fact]
    public void Memory_follows_what_is_held_down_to_nothing()
    {
        var held = new HeldRuns();
        for (var i = 0; i < Runs; i++)
            held.Add(Run(new SequenceKey((byte)(i % 3), TransferMode.Reliable), i));
        for (var i = 0; i < Runs; i++)
        {
            Assert.True(held.TryTake(null, out var run));
            Assert.Equal(i, run.Messages);
            Assert.InRange(held.Capacity, Runs - 1 - i, (5 * (Runs - 1 - i)) + 12);
        }

        Assert.True(held.IsEmpty);
        Assert.Equal(0, held.Capacity);
        Assert.False(held.TryTake(null, out _));
    }

    [Fact]
    public void What_is_not_reliable_leaves_nothing_behind_either()
    {
        var held = new HeldRuns();
        for (var i = 0; i < Runs; i++)
            held.Add(Run(new SequenceKey(1, TransferMode.Unreliable), i));
        held.Add(Run(new SequenceKey(1, TransferMode.Reliable), Runs));

        Assert.Equal(Enumerable.Range(0, Runs), held.TakeUnreliable().Select(run => run.Messages));
        Assert.False(held.TryTake([1], out _));
        Assert.InRange(held.Capacity, 1, 12);
        Assert.True(held.TryTake([2], out var last));
        Assert.Equal(Runs, last.Messages);
        Assert.True(held.IsEmpty);
    }

    private static DeliveredRun Run(SequenceKey key, int number) => new(key, 7, false, default, number, 0);
}
