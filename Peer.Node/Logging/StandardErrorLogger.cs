using Akka.Actor;
using Akka.Event;

namespace Peer.Node.Logging;

/// <summary>Akka's log on standard error, one line an event; the one that comes with Akka writes to standard output, which others parse.</summary>
internal class StandardErrorLogger : UntypedActor
{
    // What it has to say, such as that a port is taken, the transport above it says in words of its own.
    private const string SocketLayer = "/system/IO-UDP";

    /// <summary>The name for <c>akka.loggers</c>.</summary>
    public static string NameOf<T>()
        where T : StandardErrorLogger => $"{typeof(T).FullName}, {typeof(T).Assembly.GetName().Name}";

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case InitializeLogger:
                Sender.Tell(new LoggerInitialized());
                break;
            case LogEvent entry when !entry.LogSource.Contains(SocketLayer, StringComparison.Ordinal):
                Console.Error.WriteLine(Format(entry, Name(entry.LogLevel())));
                break;
        }
    }

    protected virtual string Format(LogEvent entry, string level) => LogLine.Text(level, $"{entry.Message}", entry.Cause);

    private static string Name(LogLevel level) => level switch
    {
        LogLevel.ErrorLevel => "error",
        LogLevel.WarningLevel => "warning",
        LogLevel.InfoLevel => "info",
        _ => "debug",
    };
}

/// <summary>The same as JSON.</summary>
internal sealed class JsonErrorLogger : StandardErrorLogger
{
    protected override string Format(LogEvent entry, string level) =>
        LogLine.Json(new DateTimeOffset(entry.Timestamp), level, entry.LogSource, $"{entry.Message}", entry.Cause);
}
