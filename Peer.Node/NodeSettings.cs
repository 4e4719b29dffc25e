using Akka.Configuration;
using Peer.Node.Logging;

namespace Peer.Node;

/// <summary>The configuration of the program's actor systems: standard output belongs to the commands, so the log goes to standard error.</summary>
internal static class NodeSettings
{
    public const string DefaultApplication = "actorpeer";

    /// <summary>Settings for peers of one application; peers of another are refused.</summary>
    public static Config For(string application) => ConfigurationFactory.ParseString($$"""
        akka {
          loglevel = WARNING
          stdout-loglevel = OFF
          log-dead-letters = off
          loggers = ["{{StandardErrorLogger.NameOf<StandardErrorLogger>()}}"]
        }
        actorpeer.application = {{Quote(application)}}
        """);

    /// <summary>Any text as one HOCON string.</summary>
    public static string Quote(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";
}
