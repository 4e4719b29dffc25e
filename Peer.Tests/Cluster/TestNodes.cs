using System.Net;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Configuration;
using Peer.Actors;
using Peer.Actors.Settings;
using Peer.Actors.Transport;
using Peer.Cluster;
using Peer.Cluster.Listing;
using Peer.Cluster.Rooms;

namespace Peer.Tests.Cluster;

/// <summary>Nodes of a cluster, each an actor system of its own in this process, on loopback; and players, who are real clients.</summary>
internal sealed class TestNodes : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly List<Player> _players = [];
    private readonly ActorSystem _clients;
    private readonly string _extra;
    private readonly RoomOptions _options;

    private TestNodes(string extra, Func<Ledger, RoomOptions>? options)
    {
        _extra = extra;
        _options = options?.Invoke(Ledger) ?? RoomOptions.Of(_ => new LedgerRoom(Ledger));
        _clients = ActorSystem.Create("players", ConfigurationFactory.ParseString(extra).WithFallback(ConfigurationFactory.ParseString("""
            akka { loglevel = WARNING, stdout-loglevel = OFF, log-dead-letters = off, coordinated-shutdown.run-by-clr-shutdown-hook = off }
            actorpeer.strands.count = 1
            actorpeer.client.connect-timeout = 20s
            actorpeer.connection { idle-timeout = 2s, keep-alive = 300ms }
            """)).WithFallback(ActorPeer.DefaultConfig));
    }

    public List<Node> All { get; } = [];

    public IEnumerable<Node> Alive => All.Where(node => !node.System.WhenTerminated.IsCompleted);

    public IReadOnlyList<Player> Players => _players;

    public Ledger Ledger { get; } = new();

    /// <param name="count">Nodes.</param>
    /// <param name="extra">Settings of nodes and players alike.</param>
    /// <param name="options">What the rooms are.</param>
    public static async Task<TestNodes> StartAsync(int count, string extra = "", Func<Ledger, RoomOptions>? options = null)
    {
        var nodes = new TestNodes(extra, options);
        for (var i = 0; i < count; i++)
            await nodes.AddAsync();
        return nodes;
    }

    public async Task<Node> AddAsync()
    {
        var seed = All.Count == 0 ? "" : $"akka.cluster.seed-nodes = [\"{Alive.First().Cluster.SelfAddress}\"]";
        var muffler = new Muffler();
        var config = ConfigurationFactory.ParseString(seed + "\n" + _extra).WithFallback(Quick).WithFallback(PeerCluster.DefaultConfig);
        var system = ActorSystem.Create("rooms", BootstrapSetup.Create().WithConfig(config).And(new ActorPeerSetup
        {
            Seams = new PeerSeams
            {
                Transport = (bind, counters, strangers, _) => muffler.Wrap(UdpTransport.Props(ActorPeerSettings.Parse(config).Transport, bind, counters, strangers)),
            },
        }));
        var cluster = Akka.Cluster.Cluster.Get(system);
        var node = new Node(system, await PeerCluster.Get(system).StartAsync(_options).WaitAsync(Patience), muffler);
        if (All.Count == 0)
            await cluster.JoinAsync(cluster.SelfAddress);
        All.Add(node);
        await UntilAsync(
            () => Alive.All(one => Akka.Cluster.Cluster.Get(one.System).State.Members.Count(member => member.Status == Akka.Cluster.MemberStatus.Up) == Alive.Count()),
            "all nodes are up");
        await AllRegionsKnownAsync();

        // Whoever looks for rooms asks the nodes that it has heard of, and clients are sent to doors that their node has heard of.
        await UntilAsync(() => Alive.All(one => PeerCluster.Get(one.System).Nodes.Count(known => known.Door.Length > 0) == Alive.Count()), "all nodes know all doors");
        return node;
    }

    /// <summary>Rooms are dealt to nodes that the coordinator, on the oldest of them, knows; a node is up a little before.</summary>
    private async Task AllRegionsKnownAsync()
    {
        var region = ClusterSharding.Get(Alive.First().System).ShardRegion(PeerCluster.TypeName);
        using var bound = new CancellationTokenSource(Patience);
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var known = 0;
        while (known < Alive.Count())
        {
            Assert.False(bound.IsCancellationRequested, $"the coordinator knows {known} regions after {Patience}; log: {string.Join(" | ", Log())}");
            await pause.WaitForNextTickAsync();
            try
            {
                known = (await region.Ask<CurrentRegions>(GetCurrentRegions.Instance, TimeSpan.FromSeconds(1))).Regions.Count;
            }
            catch (AskTimeoutException)
            {
                // Nobody is the coordinator yet.
            }
        }
    }

    /// <summary>The only room of a node, as soon as clients may come: the node's reports count it from its claim on.</summary>
    public static async Task<RoomInfo> OnlyRoomAsync(Node node)
    {
        using var bound = new CancellationTokenSource(Patience);
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var rooms = await node.ListAsync();
        while (rooms.Count == 0)
        {
            Assert.False(bound.IsCancellationRequested, $"no room is open after {Patience}; log: {string.Join(" | ", node.Log.Lines)}");
            await pause.WaitForNextTickAsync();
            rooms = await node.ListAsync();
        }

        return Assert.Single(rooms);
    }

    /// <summary>A client that asks this node for a room.</summary>
    public Player Join(Node door, string room) => Join(door.Door, room);

    /// <summary>A client that asks there for a room.</summary>
    public Player Join(IPEndPoint door, string room)
    {
        var player = new Player(new ActorMultiplayerPeer(_clients), door, room) { IsLate = _players.Exists(other => other.IsTalking) };
        _players.Add(player);
        return player;
    }

    /// <summary>A client is connected before its server has heard so: who is to hear the first word must be known to the others.</summary>
    public async Task ConnectedAsync() => await UntilAsync(
        () => _players.TrueForAll(player => player.IsConnected && player.Told.Count(told => told[0] == '+') == _players.Count(other => other.Room == player.Room)), "all players are in");

    /// <summary>Lets all players play until something has happened.</summary>
    public async Task UntilAsync(Func<bool> happened, string what)
    {
        using var bound = new CancellationTokenSource(Patience);
        using var frame = new PeriodicTimer(TimeSpan.FromMilliseconds(4));
        while (!happened())
        {
            Assert.False(bound.IsCancellationRequested, $"{what}: not in {Patience}. {string.Join("; ", _players.Select(player => player.ToString()))}; {Ledger}; log: {string.Join(" | ", Log())}");
            foreach (var player in _players)
                player.Play();
            await frame.WaitForNextTickAsync();
        }
    }

    public void Talk()
    {
        foreach (var player in _players)
            player.IsTalking = true;
    }

    /// <summary>All players have so many more answers than now.</summary>
    public async Task AnsweredAsync(int more = 20)
    {
        var answers = _players.Select(player => player.Answers).ToArray();
        await UntilAsync(() => _players.Zip(answers).All(pair => pair.First.Answers >= pair.Second + more), "all are answered");
    }

    /// <summary>Everybody falls silent; then everything that was said must have been heard, once and in order. Rooms whose node was lost may have missed something.</summary>
    public async Task SettleAsync(params IReadOnlyCollection<string> lost)
    {
        foreach (var player in _players)
            player.IsTalking = false;
        await UntilAsync(() => _players.TrueForAll(player => player.HasHeardAll(_players, Ledger)), "everything is heard");
        Assert.Empty(Ledger.Complaints);
        Assert.DoesNotContain(Ledger.Gaps, room => !lost.Contains(room));
        Assert.All(_players, player => Assert.Empty(player.Complaints));
        Assert.All(_players.Where(player => !lost.Contains(player.Room)), player => Assert.Equal(0, player.Gaps));
        Assert.Distinct(_players.Select(player => (player.Room, player.Id)));
    }

    public IEnumerable<string> Log() => All.SelectMany(node => node.Log.Lines);

    public async ValueTask DisposeAsync()
    {
        foreach (var player in _players)
            player.Dispose();
        await _clients.Terminate();
        await Task.WhenAll(All.Select(node => node.System.Terminate()));
    }

    private static Config Quick { get; } = ConfigurationFactory.ParseString("""
        akka {
          loglevel = WARNING
          stdout-loglevel = OFF
          log-dead-letters = off
          log-dead-letters-during-shutdown = off
          loggers = ["Peer.Tests.Cluster.NodeLogger, Peer.Tests"]
          remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
          coordinated-shutdown { run-by-clr-shutdown-hook = off, run-by-actor-system-terminate = off, exit-clr = off }
          cluster {
            gossip-interval = 100ms
            leader-actions-interval = 100ms
            unreachable-nodes-reaper-interval = 200ms
            seed-node-timeout = 1s
            retry-unsuccessful-join-after = 1s
            shutdown-after-unsuccessful-join-seed-nodes = off
            failure-detector { heartbeat-interval = 200ms, acceptable-heartbeat-pause = 2s, expected-response-after = 500ms }
            split-brain-resolver.stable-after = 1s
            distributed-data { gossip-interval = 100ms, notify-subscribers-interval = 50ms }
            sharding { retry-interval = 200ms, rebalance-interval = 500ms, waiting-for-state-timeout = 1s, updating-state-timeout = 1s, shard-region-query-timeout = 2s }
            singleton { hand-over-retry-interval = 200ms }
          }
        }
        actorpeer {
          strands.count = 1
          resume { grace = 20s, ticket-keys = ["AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="] }
          server.admission-timeout = 15s
          connection { idle-timeout = 2s, keep-alive = 300ms }
          transport { receive-buffer = 256KiB, send-buffer = 256KiB }
          cluster {
            bind = "127.0.0.1"
            shards = 20
            report-interval = 200ms
            door { port = 0, timeout = 15s }
          }
        }
        """);
}

/// <summary>One of them.</summary>
internal sealed record Node(ActorSystem System, IPEndPoint Door, Muffler Muffler)
{
    /// <summary>It dies as if by SIGKILL: nobody hears of it.</summary>
    public async Task KillAsync()
    {
        Muffler.Close();
        await System.Terminate();
    }

    public NodeLog Log { get; } = NodeLogs.Of(System);

    public Akka.Cluster.Cluster Cluster => Akka.Cluster.Cluster.Get(System);

    /// <summary>The rooms that are open here.</summary>
    public async Task<IReadOnlyList<RoomInfo>> ListAsync() =>
        (await PeerCluster.Get(System).World.Host.Ask<RoomsFound>(new RoomsWanted(new RoomQuery { Order = RoomOrder.Key }), TimeSpan.FromSeconds(60))).Rooms;

    /// <summary>How many it has, by its own last report.</summary>
    public int Rooms => PeerCluster.Get(System).Nodes.Where(node => node.IsSelf).Sum(node => node.Rooms);
}
