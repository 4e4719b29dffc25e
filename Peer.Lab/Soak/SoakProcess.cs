using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Peer.Lab.Children;

namespace Peer.Lab.Soak;

/// <summary>A child as the judge sees it. What it says goes into one queue with its name.</summary>
internal sealed class SoakProcess : IDisposable
{
    private readonly ChildProcess _process;

    public SoakProcess(string name, BlockingCollection<(SoakProcess From, SoakLine Line)> lines, params string[] arguments)
    {
        Name = name;

        // A small nursery: how much garbage lies about says nothing about what is kept.
        _process = new ChildProcess(
            ChildProcess.Program("Peer.Lab", arguments, ("DOTNET_GCgen0size", "400000"), ("DOTNET_gcConcurrent", "0"), ("DOTNET_TieredPGO", "0")),
            TimeSpan.FromSeconds(10),
            heard: text =>
            {
                // A child that is killed may leave half a line.
                if (SoakLine.Read(text) is { } line && !lines.IsAddingCompleted)
                    lines.Add((this, line));
            });
    }

    public string Name { get; }

    public bool HasExited => _process.HasExited;

    /// <summary>Whether it was meant to die.</summary>
    public bool IsCondemned { get; private set; }

    /// <summary>The last lines of its standard error.</summary>
    public string Errors => _process.Errors;

    public void Say(params ReadOnlySpan<string?> words) => _process.Say(words);

    /// <summary>SIGKILL.</summary>
    public void Kill()
    {
        IsCondemned = true;
        _process.Kill();
    }

    /// <summary>SIGSTOP, and SIGCONT after a while, by a shell of its own: whatever becomes of the judge, nobody stays frozen.</summary>
    public void Freeze(double seconds)
    {
        var id = _process.Id.ToString(CultureInfo.InvariantCulture);
        using var shell = Process.Start("/bin/sh", ["-c", $"kill -STOP {id}; sleep {seconds.ToString("0.0", CultureInfo.InvariantCulture)}; kill -CONT {id}"]);
    }

    public void Dispose() => _process.Dispose();
}
