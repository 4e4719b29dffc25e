using System.Diagnostics;
using System.Globalization;

namespace Peer.Lab.Relay;

/// <summary>A relay in a process of its own, so that no library shares a heap or a scheduler with it.</summary>
internal sealed class RelayProcess : IDisposable
{
    private readonly Process _process;

    /// <summary>Starts it between clients and a server's port; returns once it listens.</summary>
    public RelayProcess(int serverPort, RelayShape there, RelayShape back)
    {
        // By the assembly: a test's own process hosts this code too.
        var dll = Path.Combine(AppContext.BaseDirectory, "Peer.Lab.dll");
        string[] arguments =
        [
            dll, "relay", "--to", Text(serverPort), "--seed", there.Seed.ToString(CultureInfo.InvariantCulture),
            "--delay", Text(there.Delay / 1e3), Text(back.Delay / 1e3), "--jitter", Text(there.Jitter / 1e3), Text(back.Jitter / 1e3),
            "--loss", Text(there.Loss), Text(back.Loss), "--duplicate", Text(there.Duplicate), Text(back.Duplicate),
            "--rate", Text(there.BitsPerSecond / 1e6), Text(back.BitsPerSecond / 1e6), "--queue", Text(there.QueueBytes / 1024.0), Text(back.QueueBytes / 1024.0),
            "--longest", Text(there.LongestDatagram), Text(back.LongestDatagram),
        ];
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };

        // Compiled once and well: a method that is compiled again in the middle of a run would show as delay.
        start.Environment["DOTNET_TieredCompilation"] = "0";
        start.Environment["DOTNET_gcConcurrent"] = "0";
        _process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start");
        var line = _process.StandardOutput.ReadLine();
        if (!int.TryParse(line, CultureInfo.InvariantCulture, out var port))
            throw new InvalidOperationException($"the relay did not start: {line}");
        Port = port;
    }

    /// <summary>Where clients find the server.</summary>
    public int Port { get; }

    /// <summary>What has passed each way.</summary>
    public (RelayCounts There, RelayCounts Back) Count()
    {
        _process.StandardInput.WriteLine(RelayCommand.Count);
        _process.StandardInput.Flush();
        var line = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("the relay has ended");
        var slash = line.IndexOf(" / ", StringComparison.Ordinal);
        return (RelayCounts.Parse(line.AsSpan(0, slash)), RelayCounts.Parse(line.AsSpan(slash + 3)));
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(5_000))
            _process.Kill();
        _process.Dispose();
    }

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);
}
