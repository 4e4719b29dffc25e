using System.Globalization;
using System.Security.Cryptography;

namespace Peer.Lab.Nodes;

/// <summary>What is played, and where: ports of loopback that nobody has.</summary>
internal sealed record NodesPlan
{
    /// <summary>Processes of bots; those of one room are in all of them.</summary>
    public const int BotProcesses = 3;

    public int Bots { get; init; } = 300;

    public int Rooms { get; init; } = 30;

    /// <summary>Messages a second of each bot.</summary>
    public double Rate { get; init; } = 2;

    /// <summary>Seconds of quiet play between two events.</summary>
    public double Pause { get; init; } = 4;

    /// <summary>After a node was killed, its players are back within so long.</summary>
    public TimeSpan ReturnLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>What multiplies the times after which a silent node or server is given up: where processes may be without a processor for seconds, it is not 1.</summary>
    public required int Patience { get; init; }

    public required IReadOnlyList<NodePlan> Nodes { get; init; }

    /// <summary>Settings that all nodes share.</summary>
    public required string ConfigFile { get; init; }

    /// <summary>Where books and settings are.</summary>
    public required string Folder { get; init; }

    public static NodesPlan Prepare(string folder, int patience)
    {
        int[] ports = [.. Enumerable.Range(0, 9).Select(_ => FreePorts.Next())];
        var nodes = Enumerable.Range(0, 3).Select(at => new NodePlan($"node{at + 1}", ports[at], ports[3 + at], ports[6 + at])).ToArray();
        var config = Path.Combine(folder, "cluster.conf");
        File.WriteAllText(config, $$"""
            # Made for one run; the key has never been anywhere else.
            actorpeer {
              application = "nodes"
              resume { grace = 60s, adopt = on, ticket-keys = ["{{Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}}"] }
              connection.idle-timeout = {{IdleTimeout(patience)}}
              connection.keep-alive = 500ms
              cluster.rooms.claim-timeout = {{ClaimTimeout(patience)}}
              node.bind = "127.0.0.1"
            }

            # Nodes of one machine notice soon that one is gone; over a network they are given more time.
            akka.cluster {
              failure-detector { heartbeat-interval = 500ms, acceptable-heartbeat-pause = {{2 * patience}}s, expected-response-after = 500ms }
              split-brain-resolver.stable-after = {{patience}}s
              leader-actions-interval = 500ms
              gossip-interval = 500ms
              unreachable-nodes-reaper-interval = 500ms
            }
            """);
        return new NodesPlan { Patience = patience, Nodes = nodes, ConfigFile = config, Folder = folder };
    }

    /// <summary>The command line of a node. The first one that is named as seed founds the cluster when nobody is there; the others are asked first.</summary>
    public IEnumerable<string> ArgumentsOf(NodePlan node) =>
    [
        "serve", "--cluster", "--config", ConfigFile, "--quiet", "--log-format", "json",
        "--port", Text(node.DoorPort), "--http", Text(node.HttpPort), "--remote-port", Text(node.ClusterPort),
        .. Nodes.SelectMany(one => (string[])["--seed", $"127.0.0.1:{one.ClusterPort}"]),
    ];

    /// <summary>The command line of a process of bots; each asks the nodes in another order.</summary>
    public IEnumerable<string> ArgumentsOf(int process)
    {
        var each = Bots / BotProcesses;
        var doors = Nodes.Select(node => $"127.0.0.1:{node.DoorPort}").ToArray();
        return
        [
            "load", .. doors[process..], .. doors[..process],
            "--name", "nodes", "--bots", Text(each), "--first-bot", Text(1 + (process * each)), "--rooms", Text(Rooms), "--room-prefix", "room",
            "--rate", Rate.ToString(CultureInfo.InvariantCulture), "--seconds", "600", "--seed", Text(process + 1), "--books", BooksOf(process), "--json",
            "--set", $"actorpeer.connection.idle-timeout={IdleTimeout(Patience)}", "--set", "actorpeer.connection.keep-alive=500ms",
            "--set", $"actorpeer.client.connect-timeout={IdleTimeout(Patience)}", "--set", "actorpeer.resume.grace=60s",
        ];
    }

    public string BooksOf(int process) => Path.Combine(Folder, $"books{process + 1}.jsonl");

    /// <summary>A client that hears nothing for so long looks for its room, or asks another node for it.</summary>
    private static string IdleTimeout(int patience) => $"{Text(2 * patience)}s";

    /// <summary>A node that is silent for so long is not waited for when a room opens; well below the time that a room has for it.</summary>
    private static string ClaimTimeout(int patience) => $"{Text(Math.Min(3 * patience, 15))}s";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>One node.</summary>
internal sealed record NodePlan(string Name, int DoorPort, int ClusterPort, int HttpPort);
