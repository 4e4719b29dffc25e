using Akka.Actor;
using Akka.Event;

namespace Peer.Node;

/// <summary>Akka's log on standard error, one line an event; the one that comes with Akka writes to standard output, which others parse.</summary>
internal sealed class StandardErrorLogger : UntypedActor
{
    // What it has to say, such as that a port is taken, the transport above it says in words of its own.
    private const string SocketLayer = "/system/IO-UDP";

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case InitializeLogger:
                Sender.Tell(new LoggerInitialized());
                break;
            case LogEvent entry when !entry.LogSource.Contains(SocketLayer, StringComparison.Ordinal):
                var cause = entry.Cause is { } exception ? $": {exception.GetType().Name}: {exception.Message}" : "";
                Console.Error.WriteLine($"{Name(entry.LogLevel())}: {entry.Message}{cause}");
                break;
        }
    }

    private static string Name(LogLevel level) => level switch
    {
        LogLevel.ErrorLevel => "error",
        LogLevel.WarningLevel => "warning",
        LogLevel.InfoLevel => "info",
        _ => "debug",
    };
}
