using System.Globalization;
using Peer.Lab.Children;

namespace Peer.Lab.Relay;

/// <summary>A relay in a process of its own, so that no library shares a heap or a scheduler with it.</summary>
internal sealed class RelayProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ChildProcess _process;

    /// <summary>Starts it between clients and a server's port; returns once it listens.</summary>
    public RelayProcess(int serverPort, RelayShape there, RelayShape back)
    {
        string[] arguments =
        [
            "relay", "--to", Text(serverPort), "--seed", there.Seed.ToString(CultureInfo.InvariantCulture),
            "--delay", Text(there.Delay / 1e3), Text(back.Delay / 1e3), "--jitter", Text(there.Jitter / 1e3), Text(back.Jitter / 1e3),
            "--loss", Text(there.Loss), Text(back.Loss), "--duplicate", Text(there.Duplicate), Text(back.Duplicate),
            "--rate", Text(there.BitsPerSecond / 1e6), Text(back.BitsPerSecond / 1e6), "--queue", Text(there.QueueBytes / 1024.0), Text(back.QueueBytes / 1024.0),
            "--longest", Text(there.LongestDatagram), Text(back.LongestDatagram),
        ];

        // Compiled once and well: a method that is compiled again in the middle of a run would show as delay.
        _process = new ChildProcess(ChildProcess.Program("Peer.Lab", arguments, ("DOTNET_TieredCompilation", "0"), ("DOTNET_gcConcurrent", "0")), TimeSpan.FromSeconds(5));
        _process.TryRead(out var line, Patience, CancellationToken.None);
        if (!int.TryParse(line, CultureInfo.InvariantCulture, out var port))
            throw new InvalidOperationException($"the relay did not start: {line}{_process.Errors}");
        Port = port;
    }

    /// <summary>Where clients find the server.</summary>
    public int Port { get; }

    /// <summary>What has passed each way.</summary>
    public (RelayCounts There, RelayCounts Back) Count()
    {
        _process.Say(RelayCommand.Count);
        if (!_process.TryRead(out var line, Patience, CancellationToken.None))
            throw new InvalidOperationException($"the relay does not answer: {_process.Errors}");
        var slash = line.IndexOf(" / ", StringComparison.Ordinal);
        return (RelayCounts.Parse(line.AsSpan(0, slash)), RelayCounts.Parse(line.AsSpan(slash + 3)));
    }

    public void Dispose() => _process.Dispose();

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}
