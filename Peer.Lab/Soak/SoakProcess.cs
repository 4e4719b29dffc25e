using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Peer.Lab.Soak;

/// <summary>A child as the judge sees it. What it says goes into one queue with its name; closing its input asks it to end, and what does not is killed.</summary>
internal sealed class SoakProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Process _process;
    private readonly Task _reading;
    private readonly Task _errors;
    private readonly ConcurrentQueue<string> _lastErrors = new();

    public SoakProcess(string name, BlockingCollection<(SoakProcess From, SoakLine Line)> lines, params string[] arguments)
    {
        Name = name;

        // By the assembly: a test's own process hosts this code too.
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Peer.Lab.dll"), .. arguments])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };

        // A small nursery: how much garbage lies about says nothing about what is kept.
        start.Environment["DOTNET_GCgen0size"] = "400000";
        start.Environment["DOTNET_gcConcurrent"] = "0";
        start.Environment["DOTNET_TieredPGO"] = "0";
        _process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start");
        _reading = Task.Run(() => ReadAsync(lines));
        _errors = Task.Run(ReadErrorsAsync);
    }

    public string Name { get; }

    public bool HasExited => _process.HasExited;

    /// <summary>Whether it was meant to die.</summary>
    public bool IsCondemned { get; private set; }

    /// <summary>The last lines of its standard error.</summary>
    public string Errors => string.Join(" / ", _lastErrors);

    public void Say(params string[] word)
    {
        try
        {
            _process.StandardInput.WriteLine(string.Join(' ', word));
            _process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // It has ended; whoever waits for its answer will see that.
        }
    }

    /// <summary>SIGKILL.</summary>
    public void Kill()
    {
        IsCondemned = true;
        _process.Kill();
        _process.WaitForExit(Patience);
    }

    /// <summary>SIGSTOP, and SIGCONT after a while, by a shell of its own: whatever becomes of the judge, nobody stays frozen.</summary>
    public void Freeze(double seconds)
    {
        var id = _process.Id.ToString(CultureInfo.InvariantCulture);
        using var shell = Process.Start("/bin/sh", ["-c", $"kill -STOP {id}; sleep {seconds.ToString("0.0", CultureInfo.InvariantCulture)}; kill -CONT {id}"]);
    }

    public void Dispose()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
        }

        if (!_process.WaitForExit(Patience))
            _process.Kill();
        Task.WaitAll([_reading, _errors], Patience);
        _process.Dispose();
    }

    private async Task ReadAsync(BlockingCollection<(SoakProcess From, SoakLine Line)> lines)
    {
        while (await _process.StandardOutput.ReadLineAsync().ConfigureAwait(false) is { } text)
        {
            // A child that is killed may leave half a line.
            if (SoakLine.Read(text) is { } line && !lines.IsAddingCompleted)
                lines.Add((this, line));
        }
    }

    private async Task ReadErrorsAsync()
    {
        while (await _process.StandardError.ReadLineAsync().ConfigureAwait(false) is { } text)
        {
            _lastErrors.Enqueue(text);
            while (_lastErrors.Count > 12)
                _lastErrors.TryDequeue(out _);
        }
    }
}
