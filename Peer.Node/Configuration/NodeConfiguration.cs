using Akka.Configuration;
using Peer.Actors;
using Peer.Cluster;

namespace Peer.Node.Configuration;

/// <summary>Where settings come from, the strongest first: flags, the environment, a file, the defaults that are built in.</summary>
internal static class NodeConfiguration
{
    /// <summary>Names the file, as <c>--config</c> does.</summary>
    public const string FileVariable = "ACTORPEER_CONFIG";

    public static Config Defaults { get; } = ConfigurationFactory.ParseString(Embedded()).WithFallback(ActorPeer.DefaultConfig);

    /// <summary>Without it a node of a cluster would have a second scheduler, which wakes threads three times as often.</summary>
    private static Config Clustered { get; } = ConfigurationFactory.ParseString("akka.cluster.scheduler.tick-duration = 100ms").WithFallback(Defaults).WithFallback(PeerCluster.DefaultConfig);

    /// <summary>All of them together.</summary>
    /// <param name="flags">Keys and values of the command line.</param>
    /// <param name="file">The file that the command line names, or null.</param>
    /// <param name="environment">The environment.</param>
    /// <exception cref="ConfigurationException">A file cannot be read, or a key does not exist; the message says which.</exception>
    public static Config Read(IEnumerable<KeyValuePair<string, string>> flags, string? file, IReadOnlyDictionary<string, string> environment)
    {
        file ??= environment.GetValueOrDefault(FileVariable);
        Config[] sources =
        [
            FromPairs(flags, pair => $"--set {pair.Key}"),
            FromPairs(Variables(environment), pair => EnvironmentKeys.NameOf(pair.Key)),
            string.IsNullOrEmpty(file) ? Config.Empty : FromFile(file),
            Defaults,
        ];

        // The empty one is one object, which refuses to be its own fallback.
        var all = sources.Where(source => !source.IsEmpty).Aggregate((stronger, weaker) => stronger.WithFallback(weaker));
        return NodeOptions.FlagAt(all, NodeOptions.ClusterKey) ? AsClustered(sources) : all;
    }

    /// <summary>Where a single server listens, a node of a cluster has its door; whichever name the stronger source says it by wins.</summary>
    private static Config AsClustered(IEnumerable<Config> sources) =>
        sources.SelectMany(source => (Config[])[source, DoorOf(source)]).Append(Clustered).Where(source => !source.IsEmpty).Aggregate((stronger, weaker) => stronger.WithFallback(weaker));

    private static Config DoorOf(Config source)
    {
        var door = Config.Empty;
        if (source.HasPath("actorpeer.node.port"))
            door = Parse($"actorpeer.cluster.door.port = {Value(source.GetString("actorpeer.node.port"))}", "actorpeer.node.port").WithFallback(door);
        if (source.HasPath("actorpeer.node.bind"))
            door = Parse($"actorpeer.cluster.bind = {Value(source.GetString("actorpeer.node.bind") is "*" ? "0.0.0.0" : source.GetString("actorpeer.node.bind"))}", "actorpeer.node.bind").WithFallback(door);
        return door;
    }

    /// <summary>What <c>--set</c> says, alone.</summary>
    /// <exception cref="ConfigurationException">A key does not exist, or one of the texts is no <c>KEY=VALUE</c>.</exception>
    public static Config Settings(IEnumerable<string> set) => FromPairs(set.Select(Pair), pair => $"--set {pair.Key}");

    /// <summary><c>KEY=VALUE</c> as the two.</summary>
    public static KeyValuePair<string, string> Pair(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 ? new(text[..equals].Trim(), text[(equals + 1)..]) : throw new ConfigurationException($"--set takes KEY=VALUE, not {text}");
    }

    private static IEnumerable<KeyValuePair<string, string>> Variables(IReadOnlyDictionary<string, string> environment) =>
        environment
            .Where(variable => EnvironmentKeys.IsKey(variable.Key))
            .OrderBy(variable => variable.Key, StringComparer.Ordinal)
            .Select(variable => KeyValuePair.Create(EnvironmentKeys.KeyOf(variable.Key), variable.Value));

    private static Config FromPairs(IEnumerable<KeyValuePair<string, string>> pairs, Func<KeyValuePair<string, string>, string> source)
    {
        var config = Config.Empty;
        foreach (var pair in pairs)
        {
            if (!Exists(pair.Key))
                throw new ConfigurationException($"{source(pair)}: there is no key {pair.Key}");
            config = Parse($"{pair.Key} = {Value(pair.Value)}", source(pair)).WithFallback(config);
        }

        return config;
    }

    private static Config FromFile(string file)
    {
        try
        {
            return Parse(File.ReadAllText(file), file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new ConfigurationException($"cannot read {file}: {e.Message}");
        }
    }

    private static Config Parse(string text, string source)
    {
        try
        {
            return ConfigurationFactory.ParseString(text);
        }
        catch (Exception e) when (e is not ConfigurationException)
        {
            throw new ConfigurationException($"{source} is no HOCON: {e.Message}");
        }
    }

    /// <summary>A mistyped name must not be taken in silence. Below a section that is empty by default, keys are the user's to choose; Akka's own are not all written down.</summary>
    private static bool Exists(string key)
    {
        if (!key.StartsWith("actorpeer.", StringComparison.Ordinal))
            return true;
        if (Clustered.HasPath(key))
            return true;
        var parent = key[..key.LastIndexOf('.')];
        return parent != "actorpeer" && Defaults.HasPath(parent) && Defaults.GetConfig(parent) is null or { IsEmpty: true };
    }

    // Lists and objects as they are; everything else is one text, whatever is in it.
    private static string Value(string text) => text.TrimStart() is ['[' or '{', ..] ? text : NodeSettings.Quote(text);

    private static string Embedded()
    {
        using var stream = typeof(NodeConfiguration).Assembly.GetManifestResourceStream("node.conf")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
