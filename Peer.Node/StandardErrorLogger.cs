using Akka.Actor;
using Akka.Event;

namespace Peer.Node;

/// <summary>Akka's log on standard error, one line an event; the one that comes with Akka writes to standard output, which others parse.</summary>
internal sealed class StandardErrorLogger : UntypedActor
{
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case InitializeLogger:
                Sender.Tell(new LoggerInitialized());
                break;
            case LogEvent entry:
                var cause = entry.Cause is { } exception ? $": {exception.GetType().Name}: {exception.Message}" : "";
                Console.Error.WriteLine($"{entry.LogLevel()}: {entry.Message}{cause}");
                break;
        }
    }
}
