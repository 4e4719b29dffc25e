using Akka.Configuration;

namespace Peer.Actors.Settings;

/// <summary>Reads one section of a configuration; each error names the key, the value and what would be legal.</summary>
internal sealed class SettingsReader(Config root, string section)
{
    public SettingsReader Section(string name) => new(root, Path(name));

    public string Text(string key) => Require(key).GetString(Path(key)) ?? "";

    public bool Flag(string key) => Try(key, c => c.GetBoolean(Path(key)), "on or off");

    public int Number(string key, int minimum, int maximum)
    {
        var value = Try(key, c => c.GetInt(Path(key)), $"a whole number from {minimum} to {maximum}");
        return value >= minimum && value <= maximum ? value : throw Illegal(key, value, $"a whole number from {minimum} to {maximum}");
    }

    /// <summary>A size such as 32MiB, in bytes.</summary>
    public long Bytes(string key, long minimum, long maximum)
    {
        var value = Try(key, c => c.GetByteSize(Path(key)) ?? -1, "a size such as 32MiB");
        return value >= minimum && value <= maximum ? value : throw Illegal(key, value, $"a size from {minimum} to {maximum} bytes");
    }

    /// <summary>A length of time such as 250ms.</summary>
    public TimeSpan Duration(string key, TimeSpan minimum, TimeSpan maximum)
    {
        var value = Try(key, c => c.GetTimeSpan(Path(key), allowInfinite: false), "a length of time such as 250ms");
        return value >= minimum && value <= maximum ? value : throw Illegal(key, value, $"a length of time from {minimum} to {maximum}");
    }

    public TimeSpan Duration(string key) => Duration(key, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1));

    public IReadOnlyList<string> Texts(string key) => [.. Require(key).GetStringList(Path(key))];

    /// <summary>The keys and texts of a section whose keys the user chooses.</summary>
    public IEnumerable<string> Keys(string key)
    {
        var config = Require(key).GetConfig(Path(key));
        return config is null || config.IsEmpty ? [] : config.AsEnumerable().Select(pair => pair.Key).Distinct().ToArray();
    }

    public ConfigurationException Illegal(string key, object value, string legal) =>
        new($"{Path(key)} = {value} is not legal: it must be {legal}");

    private T Try<T>(string key, Func<Config, T> read, string legal)
    {
        var config = Require(key);
        try
        {
            return read(config);
        }
        catch (Exception e) when (e is not ConfigurationException)
        {
            throw new ConfigurationException($"{Path(key)} = {config.GetString(Path(key))} is not legal: it must be {legal}", e);
        }
    }

    private Config Require(string key) =>
        root.HasPath(Path(key)) ? root : throw new ConfigurationException($"{Path(key)} is missing: is ActorPeer's reference.conf loaded?");

    private string Path(string key) => $"{section}.{key}";
}
