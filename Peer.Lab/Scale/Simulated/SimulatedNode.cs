using System.Net;
using Akka.Actor;
using Peer.Actors;
using Peer.Cluster;
using Peer.TestKit;

namespace Peer.Lab.Scale.Simulated;

/// <summary>One node: its door, its rooms' real servers, and what it keeps of rooms that go elsewhere. In place of <c>RoomHost</c>, whose cluster is not simulated.</summary>
internal sealed class SimulatedNode
{
    private const int DoorPort = 7777;
    private const int FirstRoomPort = 10_000;

    private readonly SimulatedCluster _cluster;
    private readonly Dictionary<int, HeldRoom> _rooms = [];
    private readonly Dictionary<int, HeldRoom> _kept = [];

    /// <summary>Servers whose rooms have gone, until their last client has heard of it.</summary>
    private readonly HashSet<HeldRoom> _leaving = [];
    private int _ports;

    public SimulatedNode(SimulatedCluster cluster, int number, SimulatedHost host)
    {
        _cluster = cluster;
        Host = host;
        Address = new Address("akka.tcp", "game", host.Address.ToString(), 4001);
        Region = new RegionRef(Address);
        Traffic = new NodeTraffic(number, host);
    }

    public SimulatedHost Host { get; }

    public Address Address { get; }

    public IActorRef Region { get; }

    public NodeTraffic Traffic { get; }

    public IPEndPoint Door => new(Host.Address, DoorPort);

    public bool IsDraining { get; private set; }

    /// <summary>Whether the others count it among the nodes; a crashed one until it is downed.</summary>
    public bool IsMember { get; private set; }

    public IReadOnlyCollection<HeldRoom> Rooms => _rooms.Values;

    public int Players => _rooms.Values.Sum(room => room.Peers);

    /// <summary>A node that drains is empty when no room and no server of one is left.</summary>
    public bool IsEmpty => _rooms.Count == 0 && _kept.Count == 0 && _leaving.Count == 0;

    public void Start()
    {
        IsMember = true;
        IsDraining = false;
        _ports = 0;
        Host.Settings = _cluster.Settings.Door.Of;
        Host.UnheardManager(new PeerRole.Server(Door) { Admission = new Signpost(_cluster, this, ""), LeavesWithSystem = false });
        Host.Settings = null;
        Host.Every(SimulatedCluster.Beat, LookAfter);
    }

    /// <summary>The room is this node's from here on; its server is made at once, or when its state has come from another node.</summary>
    public HeldRoom Claim(int number, SimulatedNode? before, ReadOnlyMemory<byte> state)
    {
        var room = new HeldRoom(number, FirstRoomPort + _ports++) { Before = before };
        _rooms.Add(number, room);
        if (before is null)
            Open(room, default);
        else
            Host.After(SimulatedCluster.FetchTime, () => Open(room, state));
        return room;
    }

    public HeldRoom? Find(int room) => _rooms.GetValueOrDefault(room);

    public string EndpointOf(HeldRoom room) => new IPEndPoint(Host.Address, room.Port).ToString();

    public void TellDoors(IReadOnlyList<string> doors)
    {
        foreach (var room in _rooms.Values)
            room.Manager.Tell(new TellServers(doors));
    }

    public void Serves(HeldRoom room)
    {
        room.IsServing = true;
        if (room.Before is not { Host.IsUp: true } before)
            return;
        room.Before = null;
        before.Host.After(SimulatedCluster.Trip, () => before.Moved(room.Number, EndpointOf(room)));
    }

    /// <summary>All rooms of these lots are told to go.</summary>
    public void HandOff(ISet<int> lots)
    {
        foreach (var room in _rooms.Values)
        {
            if (lots.Contains(_cluster.LotOf(room.Number)))
                room.Logic.Tell(SimulatedRoom.GoElsewhere.Instance);
        }
    }

    public void BeginDraining() => IsDraining = true;

    /// <summary>The room is written down.</summary>
    public void Keeps(HeldRoom room, ReadOnlyMemory<byte> state)
    {
        room.State = state;
        _rooms.Remove(room.Number);
        _kept.Add(room.Number, room);
        _cluster.HandedOver.Add(state.Length);
        _cluster.HasLeft(room.Number, this);
    }

    public void Ended(HeldRoom room)
    {
        if (!Host.IsUp)
            return;
        if (!_leaving.Remove(room))
            _cluster.Ledger.Complain($"the server of room {room.Number} ended before its time");
    }

    /// <summary>The power goes, or the program has ended.</summary>
    public void Stop()
    {
        Host.Crash();
        _rooms.Clear();
        _kept.Clear();
        _leaving.Clear();
    }

    public void Leave() => IsMember = false;

    private void Open(HeldRoom room, ReadOnlyMemory<byte> state)
    {
        room.Logic = Host.ActorOf(SimulatedRoom.Props(this, room, _cluster.Ledger));
        var role = new PeerRole.Server(new IPEndPoint(Host.Address, room.Port))
        {
            Room = _cluster.KeyOf(room.Number),
            State = state,
            Adopt = state.IsEmpty,
            Admission = new Signpost(_cluster, this, _cluster.KeyOf(room.Number)),
            LeavesWithSystem = false,
        };
        room.Manager = Host.UnheardManager(role, room.Logic);
        room.Manager.Tell(new TellServers(_cluster.Doors));
    }

    private void Moved(int number, string endpoint)
    {
        if (!_kept.Remove(number, out var kept))
            return;
        kept.State = default;
        _leaving.Add(kept);
        kept.Manager.Tell(new Migrate(endpoint));
    }

    /// <summary>Rooms that wait for their next incarnation are asked for until they have opened.</summary>
    private bool LookAfter()
    {
        foreach (var kept in _kept.Values)
            _cluster.Wake(kept.Number, this, kept.State);
        return true;
    }
}

/// <summary>Where a node's shard region would be: its path says which node that is.</summary>
internal sealed class RegionRef(Address node) : MinimalActorRef
{
    public override ActorPath Path { get; } = new RootActorPath(node) / "system" / "sharding" / PeerCluster.TypeName;

    public override IActorRefProvider Provider => throw new NotSupportedException("nobody is made by a region that is not there");
}
