namespace Peer.Lab.Compare;

/// <summary>A server and a client, each a process of its own, taken through warm-up, window and end.</summary>
internal static class PairRun
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <param name="library">What is run.</param>
    /// <param name="work">The work that the ends know.</param>
    /// <param name="settings">What both ends are told, as <c>key=value</c>.</param>
    /// <param name="plan">Warm-up and window.</param>
    /// <param name="cancel">The user has had enough.</param>
    /// <param name="through">The port that the client is told, given the server's; a relay stands between them so. Null: they talk directly.</param>
    /// <exception cref="EndFailedException">An end died, gave up or fell silent.</exception>
    public static PairOutcome Run(Library library, string work, IReadOnlyList<string> settings, RunPlan plan, CancellationToken cancel, Func<int, int>? through = null) =>
        Run(library, library, work, settings, plan, cancel, through);

    /// <summary>The same with a server of one library and a client of another that speaks its protocol.</summary>
    public static PairOutcome Run(
        Library library, Library clients, string work, IReadOnlyList<string> settings, RunPlan plan, CancellationToken cancel, Func<int, int>? through = null)
    {
        using var server = library.Start("server", work, settings);
        var port = (int)server.Await("ready", Patience, cancel)["port"];
        using var client = clients.Start("client", work, [.. settings, $"port={through?.Invoke(port) ?? port}"]);

        // Thousands of handshakes may come before this.
        client.Await("ready", TimeSpan.FromSeconds(60), cancel);
        server.Say("go");
        client.Say("go");
        Wait(plan.WarmUpOf(library), cancel);
        var opened = Mark(server, client, cancel);
        Wait(plan.Window, cancel);
        var closed = Mark(server, client, cancel);
        client.Say("stop");
        var sent = client.Await("done", Patience, cancel);
        server.Say($"stop {sent.GetValueOrDefault("sent"):0}");
        var received = server.Await("done", Patience, cancel);
        return new PairOutcome(new EndWindow(opened.Client, closed.Client, sent), new EndWindow(opened.Server, closed.Server, received), plan.Window);
    }

    private static (IReadOnlyDictionary<string, double> Server, IReadOnlyDictionary<string, double> Client) Mark(EndProcess server, EndProcess client, CancellationToken cancel)
    {
        server.Say("mark");
        client.Say("mark");
        return (server.Await("mark", Patience, cancel), client.Await("mark", Patience, cancel));
    }

    private static void Wait(TimeSpan time, CancellationToken cancel)
    {
        if (cancel.WaitHandle.WaitOne(time))
            throw new OperationCanceledException(cancel);
    }
}

/// <summary>What both ends of a run had to say.</summary>
internal sealed record PairOutcome(EndWindow Client, EndWindow Server, TimeSpan Planned)
{
    /// <summary>How far a window may be longer than planned before its figures are those of a machine that had no time for it.</summary>
    private const double Tolerance = 1.25;

    /// <summary>The figures of every workload that moves messages, which one end has counted.</summary>
    public Dictionary<string, double> Costs(EndWindow counted)
    {
        var rate = counted.PerSecond("messages");
        var figures = new Dictionary<string, double>
        {
            [Figure.MessagesPerSecond] = rate,
            [Figure.ClientCpuPerMessage] = Client.PerSecond("cpu") / rate * 1e9,
            [Figure.ServerCpuPerMessage] = Server.PerSecond("cpu") / rate * 1e9,
        };
        figures[Figure.CpuPerMessage] = figures[Figure.ClientCpuPerMessage] + figures[Figure.ServerCpuPerMessage];
        if (Client.Has("alloc") && Server.Has("alloc"))
        {
            figures[Figure.ClientAllocatedPerMessage] = Client.PerSecond("alloc") / rate;
            figures[Figure.ServerAllocatedPerMessage] = Server.PerSecond("alloc") / rate;
            figures[Figure.AllocatedPerMessage] = figures[Figure.ClientAllocatedPerMessage] + figures[Figure.ServerAllocatedPerMessage];
        }

        return figures;
    }

    /// <summary>Why the figures cannot be believed, whatever the workload; null when there is no reason.</summary>
    public string? Problem(EndWindow? counted)
    {
        if (counted?.Difference("messages") <= 0)
            return "starved: nothing was delivered within the window";
        return Client.Seconds > Planned.TotalSeconds * Tolerance + 0.1 || Server.Seconds > Planned.TotalSeconds * Tolerance + 0.1
            ? $"starved: a window of {Planned.TotalSeconds:0.##} s took {Math.Max(Client.Seconds, Server.Seconds):0.##} s"
            : null;
    }
}

/// <summary>What one end said at the beginning and the end of the window, and when it was done.</summary>
internal sealed record EndWindow(IReadOnlyDictionary<string, double> Opened, IReadOnlyDictionary<string, double> Closed, IReadOnlyDictionary<string, double> Done)
{
    public double Seconds => Difference("t");

    public bool Has(string figure) => Closed.ContainsKey(figure);

    public double Difference(string figure) => Closed.GetValueOrDefault(figure) - Opened.GetValueOrDefault(figure);

    public double PerSecond(string figure) => Difference(figure) / Seconds;
}
