using System.CommandLine;
using System.Globalization;
using System.Net;
using Peer.Node.Configuration;

namespace Peer.Node;

/// <summary>The options of <c>serve</c>, each of which is a key of the settings. None has a default of its own: what is not said is left to the environment and the file.</summary>
internal sealed class ServeFlags
{
    private readonly Option<int?> _port = Port("--port", "UDP port to listen on; 0 lets the system choose [default: 7777]");
    private readonly Option<string?> _bind = new("--bind") { Description = "Address to listen on; * is every address, IPv6 and IPv4 [default: *]", HelpName = "ADDR" };
    private readonly Option<int?> _maxPeers = new("--max-peers") { Description = "Most clients at a time, 1 .. 65536 [default: 4095]", HelpName = "N" };
    private readonly Option<string?> _name = new("--name") { Description = "Application name; peers meet only within one application [default: actorpeer]", HelpName = "APP" };
    private readonly Option<int?> _enet = Port("--enet", "UDP port for ENet, too: Godot 3's own clients join the same room; 0 lets the system choose");
    private readonly Option<int?> _http = Port("--http", "TCP port of the page, health and metrics; 0 lets the system choose [default: none]");
    private readonly Option<string?> _httpHost = new("--http-host") { Description = "Address for HTTP; * is every address. It has no lock: whoever reaches it reads it [default: 127.0.0.1]", HelpName = "ADDR" };
    private readonly Option<string?> _logFormat = new("--log-format") { Description = "text, or json: an object a line, what happens on standard output, the log on standard error [default: text]", HelpName = "FORMAT" };
    private readonly Option<bool> _quiet = new("--quiet") { Description = "Leave what clients say unprinted" };
    private readonly Option<string?> _config = new("--config") { Description = $"Settings in HOCON; {NodeConfiguration.FileVariable} names it too", HelpName = "FILE" };
    private readonly Option<bool> _cluster = new("--cluster") { Description = "Be a node of a cluster: rooms by name, and a door at --port" };
    private readonly Option<string[]> _seed = new("--seed") { Description = "A node of the cluster to join, by its --remote-host and --remote-port; any number of times, the same on all nodes. None: be the first", HelpName = "HOST:PORT" };
    private readonly Option<string?> _remoteHost = new("--remote-host") { Description = "Address by which the other nodes reach this one [default: 127.0.0.1]", HelpName = "ADDR" };
    private readonly Option<int?> _remotePort = Port("--remote-port", "TCP port for the other nodes; 0 lets the system choose [default: 0]");
    private readonly Option<string?> _roomsPorts = new("--rooms-ports") { Description = "UDP ports of rooms, each has one: 0, or a range such as 20000-29999 [default: 0]", HelpName = "RANGE" };
    private readonly Option<string?> _advertise = new("--advertise") { Description = "Address by which clients reach this node's rooms [default: --bind, or --remote-host]", HelpName = "ADDR" };
    private readonly Option<string[]> _set = new("--set") { Description = "A setting by its key, any number of times", HelpName = "KEY=VALUE" };

    public ServeFlags()
    {
        _maxPeers.Within(1, 65_536);
        _set.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
            {
                if (token.Value.IndexOf('=', StringComparison.Ordinal) <= 0)
                    result.AddError($"--set takes KEY=VALUE, not {token.Value}");
            }
        });
    }

    public IReadOnlyList<Option> All => [_port, _bind, _maxPeers, _name, _enet, _http, _httpHost, _logFormat, _quiet, _config, _cluster, _seed, _remoteHost, _remotePort, _roomsPorts, _advertise, _set];

    public string? File(ParseResult result) => result.GetValue(_config);

    /// <summary>What was said, as keys and values; a flag of its own wins over <c>--set</c>.</summary>
    public IEnumerable<KeyValuePair<string, string>> Pairs(ParseResult result)
    {
        foreach (var pair in result.GetValue(_set) ?? [])
            yield return NodeConfiguration.Pair(pair);

        (string Key, string? Value)[] said =
        [
            ("actorpeer.node.port", Text(result.GetValue(_port))),
            ("actorpeer.node.bind", result.GetValue(_bind)),
            ("actorpeer.server.max-peers", Text(result.GetValue(_maxPeers))),
            ("actorpeer.application", result.GetValue(_name)),
            ("actorpeer.node.enet-port", Text(result.GetValue(_enet))),
            ("actorpeer.node.http.port", Text(result.GetValue(_http))),
            ("actorpeer.node.http.host", result.GetValue(_httpHost)),
            ("actorpeer.node.log-format", result.GetValue(_logFormat)),
            ("actorpeer.node.quiet", result.GetValue(_quiet) ? "on" : null),
            (NodeOptions.ClusterKey, result.GetValue(_cluster) ? "on" : null),
            ("actorpeer.node.seeds", result.GetValue(_seed) is { Length: > 0 } seeds ? $"[{string.Join(", ", seeds.Select(NodeSettings.Quote))}]" : null),
            ("akka.remote.dot-netty.tcp.hostname", result.GetValue(_remoteHost)),
            ("akka.remote.dot-netty.tcp.port", Text(result.GetValue(_remotePort))),
            ("actorpeer.cluster.rooms.ports", result.GetValue(_roomsPorts)),
            ("actorpeer.cluster.advertise", result.GetValue(_advertise)),
        ];
        foreach (var (key, value) in said)
        {
            if (value is not null)
                yield return new(key, value);
        }
    }

    private static string? Text(int? number) => number?.ToString(CultureInfo.InvariantCulture);

    private static Option<int?> Port(string name, string description) => new Option<int?>(name) { Description = description, HelpName = "N" }.Within(0, IPEndPoint.MaxPort);
}
