using System.Collections.Immutable;
using System.Globalization;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Configuration;
using Peer.Cluster;
using Peer.Cluster.Hosts;
using Peer.Cluster.Messages;
using Peer.Cluster.Placement;
using Peer.Cluster.Settings;
using Peer.TestKit;

namespace Peer.Lab.Scale.Simulated;

/// <summary>
/// Which node has which room: the real lots of rooms and the real strategy that deals them. What Akka's coordinator and regions say to one another is a table and
/// some delays here.
/// </summary>
internal sealed class SimulatedCluster
{
    /// <summary>From node to node.</summary>
    public static readonly TimeSpan Trip = TimeSpan.FromMicroseconds(300);

    /// <summary>A claim, an offer, a request for the first piece, and the piece; states are smaller than one.</summary>
    public static readonly TimeSpan FetchTime = 4 * Trip;

    /// <summary>As <c>RoomHost</c> looks after what it keeps.</summary>
    public static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(250);

    private readonly Simulation _simulation;
    private readonly LoadAllocation _strategy;
    private readonly ClusterView _view = new();
    private readonly string[] _keys;
    private readonly Dictionary<string, int> _numbers;
    private readonly int[] _lots;
    private readonly SimulatedNode?[] _homes;

    /// <summary>Rooms of a lot that is handed over which have not left yet; questions for the lot are not answered before.</summary>
    private readonly Dictionary<int, int> _handedOff = [];
    private readonly TimeSpan _downAfter;

    public SimulatedCluster(Simulation simulation, ScalePlan plan, RoomLedger ledger)
    {
        _simulation = simulation;
        Ledger = ledger;
        var config = PeerCluster.DefaultConfig;
        Settings = PeerClusterSettings.Parse(ConfigurationFactory.ParseString("actorpeer.cluster.advertise = \"10.0.0.1\"").WithFallback(config), null);
        _downAfter = config.GetTimeSpan("akka.cluster.failure-detector.acceptable-heartbeat-pause") + config.GetTimeSpan("akka.cluster.split-brain-resolver.stable-after");
        _keys = [.. Enumerable.Range(0, plan.Rooms).Select(ScaleNode.RoomOf)];
        _numbers = _keys.Select((key, number) => (key, number)).ToDictionary(room => room.key, room => room.number);
        var extractor = RoomShards.Extractor(Settings.Shards);
        _lots = [.. _keys.Select(key => int.Parse(extractor.ShardId(key, null), CultureInfo.InvariantCulture))];
        _homes = new SimulatedNode?[Settings.Shards];
        Nodes = [.. Enumerable.Range(0, plan.Nodes).Select(number => new SimulatedNode(this, number, simulation.Host($"node{number}")))];
        _strategy = new LoadAllocation(_view, Nodes[0].Address);
        simulation.Every(Settings.ReportInterval, Report);
    }

    public PeerClusterSettings Settings { get; }

    public RoomLedger Ledger { get; }

    public IReadOnlyList<SimulatedNode> Nodes { get; }

    /// <summary>Doors of nodes that are not being emptied.</summary>
    public IReadOnlyList<string> Doors { get; private set; } = [];

    /// <summary>Bytes of each state that was written down.</summary>
    public List<long> HandedOver { get; } = [];

    public string KeyOf(int room) => _keys[room];

    public int LotOf(int room) => _lots[room];

    public void Start(SimulatedNode node)
    {
        node.Start();
        SpreadDoors();
        Report();
    }

    /// <summary>Where a room is, which opens if it is not open; null while that is not known.</summary>
    public string? Find(string key)
    {
        if (!_numbers.TryGetValue(key, out var number) || HomeOf(_lots[number]) is not { } home)
            return null;
        if (home.Find(number) is { } room)
            return room.IsServing ? home.EndpointOf(room) : null;
        return home.EndpointOf(home.Claim(number, null, default));
    }

    /// <summary>A room that was written down is asked for.</summary>
    public void Wake(int room, SimulatedNode before, ReadOnlyMemory<byte> state)
    {
        if (HomeOf(_lots[room]) is { } home && home.Find(room) is null)
            home.Claim(room, before, state);
    }

    /// <summary>The node leaves: the coordinator hands all its lots off, as its region asks for.</summary>
    public void Drain(SimulatedNode node)
    {
        node.BeginDraining();
        SpreadDoors();
        Report();
        var lots = Enumerable.Range(0, _homes.Length).Where(lot => _homes[lot] == node).ToHashSet();
        foreach (var lot in lots)
            _handedOff[lot] = 0;
        foreach (var room in node.Rooms)
            _handedOff[_lots[room.Number]]++;
        foreach (var lot in lots.Where(lot => _handedOff[lot] == 0))
            Deallocate(lot);
        node.Host.After(3 * Trip, () => node.HandOff(lots));
    }

    /// <summary>A room of a lot that is handed off has gone; the lot is anybody's when all have.</summary>
    public void HasLeft(int room, SimulatedNode node)
    {
        var lot = _lots[room];
        if (--_handedOff[lot] == 0)
            node.Host.After(Trip, () => Deallocate(lot));
    }

    /// <summary>The node is gone without a word; the others notice when their heartbeats have been missed, and act when that has not changed for a while.</summary>
    public void Crash(SimulatedNode node)
    {
        foreach (var room in node.Rooms)
            Ledger.Crashed(room.Number);
        node.Stop();
        _simulation.After(_downAfter, () => Forget(node));
    }

    public void Forget(SimulatedNode node)
    {
        node.Leave();
        _view.Nodes = _view.Nodes.Remove(node.Address);
        for (var lot = 0; lot < _homes.Length; lot++)
        {
            if (_homes[lot] == node)
                _homes[lot] = null;
        }

        SpreadDoors();
    }

    private void Deallocate(int lot)
    {
        _handedOff.Remove(lot);
        _homes[lot] = null;
    }

    private SimulatedNode? HomeOf(int lot)
    {
        if (_handedOff.ContainsKey(lot))
            return null;
        if (_homes[lot] is { } home)
            return home.Host.IsUp ? home : null;
        var lots = Nodes.Where(node => node.IsMember && node.Host.IsUp && !node.IsDraining).ToDictionary(node => node, _ => ImmutableList.CreateBuilder<string>());
        if (lots.Count == 0)
            return null;
        for (var other = 0; other < _homes.Length; other++)
        {
            if (_homes[other] is { } owner && lots.TryGetValue(owner, out var own))
                own.Add(Text(other));
        }

        var regions = lots.ToImmutableDictionary(pair => pair.Key.Region, IImmutableList<string> (pair) => pair.Value.ToImmutable());
        var chosen = _strategy.AllocateShard(lots.Keys.First().Region, Text(lot), regions).GetAwaiter().GetResult();
        return _homes[lot] = lots.Keys.Single(node => node.Region.Equals(chosen));
    }

    /// <summary>Every node tells the others how full it is, as <c>RoomHost</c> does.</summary>
    private bool Report()
    {
        foreach (var node in Nodes.Where(node => node.IsMember && node.Host.IsUp))
            _view.Nodes = _view.Nodes.SetItem(node.Address, new NodeReport(node.Door.ToString(), node.Rooms.Count, node.Players, Settings.Rooms.Max, node.IsDraining));
        return true;
    }

    private void SpreadDoors()
    {
        Doors = [.. Nodes.Where(node => node.IsMember && !node.IsDraining).Select(node => node.Door.ToString())];
        foreach (var node in Nodes.Where(node => node.Host.IsUp))
            node.TellDoors(Doors);
    }

    private static string Text(int lot) => lot.ToString(CultureInfo.InvariantCulture);
}
