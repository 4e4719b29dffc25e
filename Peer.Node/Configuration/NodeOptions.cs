using System.Globalization;
using System.Net;
using Akka.Configuration;

namespace Peer.Node.Configuration;

/// <summary>What the program itself needs of the settings; the rest is for its actor system.</summary>
internal sealed record NodeOptions
{
    public required int Port { get; init; }

    public required string Bind { get; init; }

    /// <summary>Null: no ENet.</summary>
    public required int? ENetPort { get; init; }

    /// <summary>Null: no HTTP.</summary>
    public required int? HttpPort { get; init; }

    public required string HttpHost { get; init; }

    public required bool LogsJson { get; init; }

    /// <summary>Whether packets are not printed.</summary>
    public required bool Quiet { get; init; }

    /// <summary>Everything.</summary>
    public required Config Config { get; init; }

    public string Application => Config.GetString("actorpeer.application");

    /// <exception cref="ConfigurationException">A value is not legal; the message names the key.</exception>
    public static NodeOptions Parse(Config config) => new()
    {
        Port = PortAt(config, "actorpeer.node.port") ?? throw Illegal(config, "actorpeer.node.port", $"0 .. {IPEndPoint.MaxPort}"),
        Bind = config.GetString("actorpeer.node.bind"),
        ENetPort = PortAt(config, "actorpeer.node.enet-port"),
        HttpPort = PortAt(config, "actorpeer.node.http.port"),
        HttpHost = HostAt(config, "actorpeer.node.http.host"),
        LogsJson = config.GetString("actorpeer.node.log-format") switch
        {
            "json" => true,
            "text" => false,
            _ => throw Illegal(config, "actorpeer.node.log-format", "text or json"),
        },
        Quiet = config.GetString("actorpeer.node.quiet") switch
        {
            "on" or "true" or "yes" => true,
            "off" or "false" or "no" => false,
            _ => throw Illegal(config, "actorpeer.node.quiet", "on or off"),
        },
        Config = config,
    };

    private static int? PortAt(Config config, string key)
    {
        var text = config.GetString(key);
        if (text is "off" or "false" or "no")
            return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= IPEndPoint.MaxPort
            ? port
            : throw Illegal(config, key, $"0 .. {IPEndPoint.MaxPort}, or off");
    }

    private static string HostAt(Config config, string key)
    {
        var text = config.GetString(key);
        return text is "*" or "localhost" || IPAddress.TryParse(text, out _) ? text : throw Illegal(config, key, "an address, localhost, or *");
    }

    private static ConfigurationException Illegal(Config config, string key, string legal) =>
        new($"{key} = {config.GetString(key)} is not legal: it must be {legal}");
}
