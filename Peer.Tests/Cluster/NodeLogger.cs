using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Akka.Actor;
using Akka.Event;

namespace Peer.Tests.Cluster;

/// <summary>What a node complains of.</summary>
internal sealed class NodeLog
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IEnumerable<string> Lines => _lines;

    public void Add(LogEvent entry) => _lines.Enqueue($"{entry.LogLevel()} {entry.LogSource}: {entry.Message} {entry.Cause?.Message}");
}

internal static class NodeLogs
{
    private static readonly ConditionalWeakTable<ActorSystem, NodeLog> Logs = [];

    public static NodeLog Of(ActorSystem system) => Logs.GetValue(system, _ => new NodeLog());
}

/// <summary>Keeps the log of its system in memory.</summary>
internal sealed class NodeLogger : UntypedActor
{
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case InitializeLogger:
                Sender.Tell(new LoggerInitialized());
                break;

            case LogEvent entry:
                NodeLogs.Of(Context.System).Add(entry);
                break;
        }
    }
}
