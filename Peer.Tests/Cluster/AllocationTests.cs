using System.Collections.Immutable;
using Akka.Actor;
using Peer.Cluster.Hosts;
using Peer.Cluster.Placement;

namespace Peer.Tests.Cluster;

/// <summary>When lots of rooms move.</summary>
public sealed class AllocationTests : Akka.TestKit.Xunit2.TestKit
{
    private static readonly IImmutableSet<string> None = ImmutableHashSet<string>.Empty;

    private readonly LoadAllocation _allocation = new(new ClusterView(), Address.Parse("akka.tcp://game@127.0.0.1:1"));

    [Fact]
    public async Task Lots_move_from_the_region_that_has_most_when_another_has_clearly_fewer()
    {
        var (most, other, least) = (Region(), Region(), Region());
        var moves = None;

        // On a machine that stands still for a second they look like nodes that do not answer; the coordinator asks again and again, too.
        for (var times = 0; moves.Count == 0 && times < 20; times++)
            moves = await _allocation.Rebalance(Lots((most, 20), (other, 18), (least, 4)), None);

        Assert.Equal(4, moves.Count);
        Assert.All(moves, lot => Assert.StartsWith($"{most.Path.Name}-", lot, StringComparison.Ordinal));
        Assert.Empty(await _allocation.Rebalance(Lots((most, 20), (least, 19)), None));
    }

    [Fact]
    public async Task Nothing_moves_while_a_move_is_under_way()
    {
        Assert.Empty(await _allocation.Rebalance(Lots((Region(), 20), (Region(), 0)), None.Add("7")));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(0, true)]
    [InlineData(2, true)]
    public async Task Nothing_moves_while_a_region_does_not_answer(int dead, bool isNoticed)
    {
        IActorRef[] regions = [Region(), Region(), Region()];
        regions[dead] = new DeadRef(regions[dead], isNoticed ? Sys.DeadLetters : ActorRefs.NoSender);

        Assert.Empty(await _allocation.Rebalance(Lots((regions[0], 20), (regions[1], 10), (regions[2], 0)), None));
    }

    [Fact]
    public async Task Nothing_moves_from_a_region_that_has_ended()
    {
        var ended = Region();
        Watch(ended);
        Sys.Stop(ended);
        ExpectTerminated(ended);

        Assert.Empty(await _allocation.Rebalance(Lots((ended, 20), (Region(), 0)), None));
    }

    private IActorRef Region() => CreateTestProbe().Ref;

    private static ImmutableDictionary<IActorRef, IImmutableList<string>> Lots(params (IActorRef Region, int Count)[] regions) => regions.ToImmutableDictionary(
        region => region.Region,
        region => (IImmutableList<string>)ImmutableList.CreateRange(Enumerable.Range(0, region.Count).Select(lot => $"{region.Region.Path.Name}-{lot}")));

    /// <summary>Somebody on a node that has died.</summary>
    /// <param name="place">Where it was.</param>
    /// <param name="deadLetters">Who gets its messages once the connection is known to have broken.</param>
    private sealed class DeadRef(IActorRef place, IActorRef? deadLetters) : MinimalActorRef
    {
        public override ActorPath Path => place.Path;

        public override IActorRefProvider Provider => ((IInternalActorRef)place).Provider;

        protected override void TellInternal(object message, IActorRef sender) => deadLetters?.Tell(message, sender);
    }
}
