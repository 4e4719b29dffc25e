using System.Collections.Immutable;
using System.Globalization;
using Akka.Actor;
using Peer.Cluster.Hosts;
using Peer.Cluster.Messages;
using Peer.Cluster.Placement;
using Peer.Lab.Scale.Simulated;

namespace Peer.Tests.Cluster;

/// <summary>Which node gets a lot of rooms.</summary>
public sealed class PlacementTests
{
    private static readonly Address[] Nodes = [.. Enumerable.Range(1, 3).Select(node => new Address("akka.tcp", "game", $"10.0.0.{node}", 4001))];
    private static readonly RegionRef[] Regions = [.. Nodes.Select(node => new RegionRef(node))];

    private readonly ClusterView _view = new();
    private readonly List<string>[] _lots = [[], [], []];

    [Fact]
    public void All_lots_of_a_node_that_leaves_between_two_reports_are_shared_by_the_others()
    {
        Report(0, rooms: 3_300, players: 6_600);
        Report(1, rooms: 3_360, players: 6_720);
        Own(0, 85);
        Own(1, 86);

        var given = Enumerable.Range(0, 85).Select(lot => Give($"more-{lot}", among: 2)).ToArray();

        Assert.InRange(given.Count(node => node == 0), 40, 46);
    }

    [Fact]
    public void An_empty_node_gets_lots_until_it_has_as_many_as_the_others()
    {
        Report(0, rooms: 5_000, players: 10_000);
        Report(1, rooms: 0, players: 0);
        Own(0, 128);

        var given = Enumerable.Range(0, 128).Select(lot => Give($"more-{lot}", among: 2)).ToArray();

        Assert.InRange(given.Count(node => node == 1), 120, 128);
    }

    [Fact]
    public void The_node_with_fewer_players_gets_the_next_lot_and_a_node_that_is_emptied_none()
    {
        Report(0, rooms: 100, players: 400);
        Report(1, rooms: 100, players: 100);
        Report(2, rooms: 0, players: 0, isDraining: true);
        Own(0, 10);
        Own(1, 10);

        Assert.Equal(1, Give("more", among: 3));
    }

    private void Report(int node, int rooms, int players, bool isDraining = false) =>
        _view.Nodes = _view.Nodes.SetItem(Nodes[node], new NodeReport("10.0.0.1:7777", rooms, players, 10_000, isDraining));

    private void Own(int node, int lots)
    {
        for (var lot = 0; lot < lots; lot++)
            _lots[node].Add(string.Create(CultureInfo.InvariantCulture, $"{node}-{lot}"));
    }

    private int Give(string lot, int among)
    {
        var now = Enumerable.Range(0, among).ToImmutableDictionary(IActorRef (node) => Regions[node], IImmutableList<string> (node) => _lots[node].ToImmutableList());
        var chosen = new LoadAllocation(_view, Nodes[0]).AllocateShard(Regions[0], lot, now).GetAwaiter().GetResult();
        var place = Array.FindIndex(Regions, region => region.Equals(chosen));
        _lots[place].Add(lot);
        return place;
    }
}
