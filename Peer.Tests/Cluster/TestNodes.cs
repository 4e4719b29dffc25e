using System.Net;
using Akka.Actor;
using Akka.Configuration;
using Peer.Actors;
using Peer.Cluster;
using Peer.Cluster.Rooms;

namespace Peer.Tests.Cluster;

/// <summary>Nodes of a cluster, each an actor system of its own in this process, on loopback; and players, who are real clients.</summary>
internal sealed class TestNodes : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);

    private readonly List<Player> _players = [];
    private readonly ActorSystem _clients;
    private readonly string _extra;
    private readonly RoomOptions _options;

    private TestNodes(string extra, Func<Ledger, RoomOptions>? options)
    {
        _extra = extra;
        _options = options?.Invoke(Ledger) ?? RoomOptions.Of(_ => new LedgerRoom(Ledger));
        _clients = ActorSystem.Create("players", ConfigurationFactory.ParseString("""
            akka { loglevel = WARNING, stdout-loglevel = OFF, log-dead-letters = off, coordinated-shutdown.run-by-clr-shutdown-hook = off }
            actorpeer.strands.count = 1
            actorpeer.connection { idle-timeout = 2s, keep-alive = 300ms }
            """).WithFallback(ActorPeer.DefaultConfig));
    }

    public List<Node> All { get; } = [];

    public IReadOnlyList<Player> Players => _players;

    public Ledger Ledger { get; } = new();

    public static async Task<TestNodes> StartAsync(int count, string extra = "", Func<Ledger, RoomOptions>? options = null)
    {
        var nodes = new TestNodes(extra, options);
        for (var i = 0; i < count; i++)
            await nodes.AddAsync();
        return nodes;
    }

    public async Task<Node> AddAsync()
    {
        var seed = All.Count == 0 ? "" : $"akka.cluster.seed-nodes = [\"{Akka.Cluster.Cluster.Get(All[0].System).SelfAddress}\"]";
        var system = ActorSystem.Create("rooms", ConfigurationFactory.ParseString(seed + "\n" + _extra).WithFallback(Quick).WithFallback(PeerCluster.DefaultConfig));
        var cluster = Akka.Cluster.Cluster.Get(system);
        var node = new Node(system, await PeerCluster.Get(system).StartAsync(_options).WaitAsync(Patience));
        if (All.Count == 0)
            await cluster.JoinAsync(cluster.SelfAddress);
        All.Add(node);
        await UntilAsync(
            () => All.TrueForAll(one => Akka.Cluster.Cluster.Get(one.System).State.Members.Count(member => member.Status == Akka.Cluster.MemberStatus.Up) == All.Count),
            "all nodes are up");
        return node;
    }

    /// <summary>A client that asks this node for a room.</summary>
    public Player Join(Node door, string room)
    {
        var player = new Player(new ActorMultiplayerPeer(_clients), door.Door, room);
        _players.Add(player);
        return player;
    }

    public async Task ConnectedAsync() => await UntilAsync(() => _players.TrueForAll(player => player.IsConnected), "all players are in");

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

    /// <summary>Everybody falls silent; then everything that was said must have been heard, once and in order.</summary>
    public async Task SettleAsync()
    {
        foreach (var player in _players)
            player.IsTalking = false;
        await UntilAsync(() => _players.TrueForAll(player => player.HasHeardAll(_players, Ledger)), "everything is heard");
        Assert.Empty(Ledger.Complaints);
        Assert.All(_players, player => Assert.Empty(player.Complaints));
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
          connection { idle-timeout = 2s, keep-alive = 300ms }
          transport { receive-buffer = 256KiB, send-buffer = 256KiB }
          cluster {
            bind = "127.0.0.1"
            shards = 20
            report-interval = 200ms
            door.port = 0
          }
        }
        """);
}

/// <summary>One of them.</summary>
internal sealed record Node(ActorSystem System, IPEndPoint Door)
{
    public NodeLog Log { get; } = NodeLogs.Of(System);

    public Akka.Cluster.Cluster Cluster => Akka.Cluster.Cluster.Get(System);
}
