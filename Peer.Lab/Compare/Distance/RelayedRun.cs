using System.Globalization;
using Peer.Lab.Relay;

namespace Peer.Lab.Compare.Distance;

/// <summary>A server, a relay and a client, each a process of its own.</summary>
internal sealed class RelayedRun : IDisposable
{
    public const long LinkBitsPerSecond = 100_000_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly CancellationToken _cancel;
    private readonly RelayProcess _relay;

    /// <param name="library">What is run.</param>
    /// <param name="work">The work that the ends know.</param>
    /// <param name="settings">What both ends are told; the client is told the relay's port as <c>relay</c>, too.</param>
    /// <param name="warmsUp">The client's first connection is to the server itself.</param>
    /// <param name="path">What the relay does, each way.</param>
    /// <param name="cancel">The user has had enough.</param>
    public RelayedRun(Library library, string work, IReadOnlyList<string> settings, bool warmsUp, RelayShape path, CancellationToken cancel)
    {
        _cancel = cancel;
        Server = library.Start("server", work, settings);
        var port = (int)Server.Await("ready", Patience, cancel)["port"];
        _relay = new RelayProcess(port, path, path);
        Client = library.Start("client", work, [.. settings, Text($"port={(warmsUp ? port : _relay.Port)}"), Text($"relay={_relay.Port}")]);
        Client.Await("ready", TimeSpan.FromSeconds(60), cancel);
        Server.Say("go");
        Client.Say("go");
    }

    public EndProcess Server { get; }

    public EndProcess Client { get; }

    /// <summary>A round trip in milliseconds, loss in percent each way, 100 Mbit/s, and a queue of 84 ms.</summary>
    public static RelayShape Path(int rtt, int loss) => new() { Delay = rtt * 500, Loss = loss / 100.0, BitsPerSecond = LinkBitsPerSecond, QueueBytes = 1 << 20 };

    /// <summary>What has passed the relay, and what both ends have counted so far.</summary>
    public RelayedMark Mark()
    {
        Server.Say("mark");
        Client.Say("mark");
        var client = Client.Await("mark", Patience, _cancel);
        Server.Await("mark", Patience, _cancel);
        var (there, back) = _relay.Count();
        return new RelayedMark(client["messages"], there, back);
    }

    public void Wait(TimeSpan time)
    {
        if (_cancel.WaitHandle.WaitOne(time))
            throw new OperationCanceledException(_cancel);
    }

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
        _relay.Dispose();
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A moment of a run.</summary>
internal readonly record struct RelayedMark(double Messages, RelayCounts There, RelayCounts Back);
