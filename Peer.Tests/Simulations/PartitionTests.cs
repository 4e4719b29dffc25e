using Peer.Actors;
using Peer.Protocol;
using Peer.TestKit;
using Peer.TestKit.Network;

namespace Peer.Tests.Simulations;

public sealed class PartitionTests : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly Simulation _simulation = new(6);
    private readonly SimulatedHost _a;
    private readonly SimulatedHost _b;
    private readonly SimulatedHost _c;

    public PartitionTests() => (_a, _b, _c) = (_simulation.Host("a"), _simulation.Host("b"), _simulation.Host("c"));

    [Fact]
    public void A_partition_cuts_both_ways_between_its_sides_and_nothing_within()
    {
        _simulation.Network.Partition([_a], [_b, _c]);
        Assert.True(_simulation.Network.IsCut(_a, _b) && _simulation.Network.IsCut(_b, _a));
        Assert.True(_simulation.Network.IsCut(_a, _c) && _simulation.Network.IsCut(_c, _a));
        Assert.False(_simulation.Network.IsCut(_b, _c) || _simulation.Network.IsCut(_c, _b));
    }

    [Fact]
    public void Partitions_add_up_and_one_heal_ends_them_all()
    {
        _simulation.Network.Partition([_a], [_b], oneWay: true);
        _simulation.Network.Partition([_b], [_c]);
        Assert.True(_simulation.Network.IsCut(_a, _b) && _simulation.Network.IsCut(_c, _b));
        Assert.False(_simulation.Network.IsCut(_b, _a));
        _simulation.Network.Heal();
        Assert.False(_simulation.Network.IsCut(_a, _b) || _simulation.Network.IsCut(_b, _c) || _simulation.Network.IsCut(_c, _b));
    }

    [Fact]
    public void Conditions_outlive_a_partition_and_may_change_during_it()
    {
        var slow = new LinkConditions { Latency = Second };
        var lossy = new LinkConditions { Loss = 0.5 };
        _simulation.Network.Set(_a, _b, slow);
        _simulation.Network.Partition([_a], [_b]);
        Assert.Same(slow, _simulation.Network.ConditionsOf(_a, _b));
        _simulation.Network.SetBoth(_a, _b, lossy);
        _simulation.Network.Heal();
        Assert.Same(lossy, _simulation.Network.ConditionsOf(_a, _b));
        Assert.Same(lossy, _simulation.Network.ConditionsOf(_b, _a));
    }

    [Fact]
    public void A_link_about_which_nothing_was_said_follows_the_default()
    {
        Assert.Same(LinkConditions.Lan, _simulation.Network.ConditionsOf(_a, _b));
        var slow = new LinkConditions { Latency = Second };
        _simulation.Network.Default = slow;
        Assert.Same(slow, _simulation.Network.ConditionsOf(_a, _b));
        _simulation.Network.Set(_a, _b, LinkConditions.Lan);
        Assert.Same(LinkConditions.Lan, _simulation.Network.ConditionsOf(_a, _b));
        _simulation.Network.Set(_a, _b, null);
        Assert.Same(slow, _simulation.Network.ConditionsOf(_a, _b));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, false)]
    public void A_partition_that_lasts_times_both_ends_out_even_if_one_way_is_open(bool oneWay, bool clientIsMute)
    {
        var (server, client) = Connected();
        if (clientIsMute)
            _simulation.Network.Partition([client.Host], [server.Host], oneWay);
        else
            _simulation.Network.Partition([server.Host], [client.Host], oneWay);
        client.Count(MultiplayerPeer.TargetPeerServer, 1_000, TimeSpan.FromMilliseconds(50));
        _simulation.RunFor(60 * Second);
        Assert.False(client.IsConnected);
        Assert.StartsWith("out ", client.Told[^1], StringComparison.Ordinal);
        Assert.StartsWith("-", server.Told[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_partition_that_heals_in_time_costs_nothing()
    {
        var (server, client) = Connected();
        client.Count(MultiplayerPeer.TargetPeerServer, 100, TimeSpan.FromMilliseconds(50));
        _simulation.RunFor(Second);
        _simulation.Network.Partition([client.Host], [server.Host]);
        _simulation.RunFor(4 * Second);
        _simulation.Network.Heal();
        _simulation.RunFor(20 * Second);
        Assert.Equal(Enumerable.Range(0, 100), server.Got);
        Assert.True(client.IsConnected);
    }

    [Fact]
    public void A_path_that_swallows_large_datagrams_carries_large_messages_all_the_same()
    {
        var (server, client) = Connected();
        _simulation.Network.SetBoth(server.Host, client.Host, new LinkConditions { Latency = TimeSpan.FromMilliseconds(20), Mtu = 1_252 });
        var swallowed = 0;
        _simulation.Network.Carried += transit => swallowed += transit.Fate == Fate.TooLarge ? 1 : 0;
        client.Peer.SetTargetPeer(MultiplayerPeer.TargetPeerServer);
        Assert.Equal(Error.Ok, client.Peer.PutPacket(new byte[100_000]));
        _simulation.RunFor(20 * Second);
        Assert.Single(server.Got);
        Assert.True(client.IsConnected);
        Assert.InRange(swallowed, 0, 100);
    }

    public void Dispose() => _simulation.Dispose();

    private (Player Server, Player Client) Connected()
    {
        var server = Player.Serve(_a);
        var client = Player.Join(_b, _a);
        Assert.True(_simulation.RunUntil(() => client.IsConnected && server.Told.Count == 1, 5 * Second));
        return (server, client);
    }
}
