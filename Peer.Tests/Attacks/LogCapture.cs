using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Event;

namespace Peer.Tests.Attacks;

/// <summary>Everything that a system logs at warning or above, and all the rest when asked for.</summary>
internal sealed class LogCapture : IDisposable
{
    private readonly ActorSystem _system;
    private readonly IActorRef _ears;
    private readonly ConcurrentQueue<string> _lines = new();

    public LogCapture(ActorSystem system, bool all = false)
    {
        _system = system;
        var lines = _lines;
        _ears = system.ActorOf(Props.Create(() => new Listener(lines)));
        system.EventStream.Subscribe(_ears, all ? typeof(LogEvent) : typeof(Warning));
        system.EventStream.Subscribe(_ears, typeof(Error));
    }

    public IReadOnlyCollection<string> Lines => _lines;

    public void Dispose() => _system.EventStream.Unsubscribe(_ears);

    private sealed class Listener : UntypedActor
    {
        private readonly ConcurrentQueue<string> _lines;

        public Listener(ConcurrentQueue<string> lines) => _lines = lines;

        protected override void OnReceive(object message) => _lines.Enqueue(message.ToString()!);
    }
}
