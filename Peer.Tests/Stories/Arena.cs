using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Akka.Actor;
using Akka.Configuration;
using Peer.Actors;
using Peer.Protocol;
using Xunit.Abstractions;

namespace Peer.Tests.Stories;

/// <summary>Peers of one test over real loopback sockets, polled in turn by the test's own thread until what the test waits for has happened.</summary>
internal sealed class Arena : IDisposable
{
    private readonly List<Player> _players = [];
    private readonly List<ActorSystem> _systems = [];
    private readonly ITestOutputHelper? _output;

    public Arena(ITestOutputHelper? output = null, string config = "", ActorPeerSetup? setup = null)
    {
        _output = output;
        System = NewSystem(config, setup);
    }

    public ActorSystem System { get; }

    public IReadOnlyList<Player> Players => _players;

    /// <summary>Another system, for peers with other settings or for an abrupt end.</summary>
    public ActorSystem NewSystem(string config, ActorPeerSetup? setup = null)
    {
        var all = ConfigurationFactory.ParseString(config)
            .WithFallback(ConfigurationFactory.ParseString("""
                akka.loglevel = WARNING
                akka.log-dead-letters = off
                akka.coordinated-shutdown.run-by-clr-shutdown-hook = off
                actorpeer.resume.grace = 0s
                actorpeer.client.connect-timeout = 60s
                actorpeer.connection.idle-timeout = 60s
                actorpeer.facade.start-timeout = 60s
                """))
            .WithFallback(ActorPeer.DefaultConfig);
        var system = ActorSystem.Create("arena", BootstrapSetup.Create().WithConfig(all).And(setup ?? ActorPeerSetup.Empty));
        _systems.Add(system);
        return system;
    }

    /// <summary>A UDP port of loopback on which nobody listens just now.</summary>
    public static int FreePort() => FreePorts.Next();

    /// <summary>A server that listens on a free port.</summary>
    public Player Serve(ServerOptions? options = null, int port = 0, ActorSystem? system = null)
    {
        var player = NewPlayer("server", system);
        Assert.True(player.Peer.CreateServer(port, options ?? new ServerOptions { BindAddress = "127.0.0.1" }) == Error.Ok, player.Peer.LastErrorText);
        return player;
    }

    /// <summary>A client that has begun to connect.</summary>
    public Player Dial(int port, ClientOptions? options = null, string host = "127.0.0.1", ActorSystem? system = null)
    {
        var player = NewPlayer($"client {_players.Count}", system);
        Assert.Equal(Error.Ok, player.Peer.CreateClient(host, port, options));
        return player;
    }

    /// <summary>A client that speaks ENet and has begun to connect.</summary>
    public Player DialENet(int port, string bind = "*", ActorSystem? system = null)
    {
        var peer = new ENetMultiplayerPeer(system ?? System);
        var player = new Player($"godot {_players.Count}", peer);
        _players.Add(player);
        peer.SetBindIp(bind);
        Assert.Equal(Error.Ok, peer.CreateClient("127.0.0.1", port));
        return player;
    }

    /// <summary>One whose attempt is refused, for that reason.</summary>
    public void FailENet(int port, DisconnectReason reason, string bind = "*")
    {
        var player = DialENet(port, bind);
        Until(() => player.Signals.Count > 0, $"{player.Name} is refused");
        Until(() => player.Any.GetConnectionStatus() == ConnectionStatus.Disconnected, $"{player.Name} is over");
        Assert.Equal(reason, player.Any.LastDisconnect.Reason);
    }

    /// <summary>A client that has connected.</summary>
    public Player Join(Player server, ClientOptions? options = null, string host = "127.0.0.1", ActorSystem? system = null)
    {
        var player = Dial(server.Peer.LocalPort, options, host, system);
        Until(() => player.IsConnected && server.Knows(player.Id), $"{player.Name} connects");
        return player;
    }

    /// <summary>Clients that have connected, all at once, and heard of each other.</summary>
    public Player[] JoinMany(Player server, int count, ActorSystem? system = null)
    {
        var players = new Player[count];
        for (var i = 0; i < count; i++)
            players[i] = Dial(server.Peer.LocalPort, system: system);
        Until(() => players.All(player => player.IsConnected), "all connect");
        Meet([server, .. players]);
        return players;
    }

    /// <summary>A client whose attempt has failed.</summary>
    public Player Fail(int port, ClientOptions? options = null, string host = "127.0.0.1", ActorSystem? system = null)
    {
        var player = Dial(port, options, host, system);
        Until(() => player.Signals.Count > 0, $"{player.Name} is refused");
        Assert.Equal(["failed"], player.Signals);
        Assert.Equal(ConnectionStatus.Disconnected, player.Peer.GetConnectionStatus());
        Assert.Equal(0, player.Id);
        return player;
    }

    /// <summary>Polls until everybody knows everybody.</summary>
    public void Meet(params Player[] players) =>
        Until(() => players.All(one => players.All(other => one == other || one.Knows(other.Id))), "everybody meets everybody");

    public Player NewPlayer(string name, ActorSystem? system = null)
    {
        var player = new Player(name, new ActorMultiplayerPeer(system ?? System));
        _players.Add(player);
        return player;
    }

    /// <summary>Polls everybody until the condition holds; fails, with everybody's story, when it does not within the bound.</summary>
    public void Until(Func<bool> condition, string what, double seconds = 60)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            if (watch.Elapsed.TotalSeconds > seconds)
                Assert.Fail($"did not happen within {seconds} s: {what}\n{Story()}");
            var wait = TimeSpan.FromMilliseconds(1);
            foreach (var player in _players)
            {
                if (player.IsOver || !player.Polls)
                    continue;
                player.Poll(wait);
                wait = TimeSpan.Zero;
            }

            if (wait != TimeSpan.Zero)
                Thread.Yield();
        }
    }

    /// <summary>Polls everybody for so long; for what must not happen.</summary>
    public void For(double seconds)
    {
        var watch = Stopwatch.StartNew();
        Until(() => watch.Elapsed.TotalSeconds >= seconds, "time passes", seconds + 60);
    }

    /// <summary>Shuts a system down under its peers.</summary>
    public static void Shut(ActorSystem system) => Assert.True(system.Terminate().Wait(TimeSpan.FromSeconds(60)), "the system ends");

    public string Story()
    {
        var story = new StringBuilder();
        foreach (var player in _players)
            story.Append(player.Name).Append(" [").Append(player.IsOver ? "over" : player.Any.GetConnectionStatus().ToString()).Append("]: ").AppendJoin(", ", player.Signals).Append(" | ").AppendJoin(", ", player.Reasons.Select(info => $"{info.Reason} {info.Text}")).Append(" | ").Append(player.Packets.Count).AppendLine(" packets");
        return story.ToString();
    }

    public void Dispose()
    {
        var story = Story();
        foreach (var player in _players)
            player.Any.Dispose();
        foreach (var system in _systems)
            Shut(system);
        _output?.WriteLine(story);
    }
}
