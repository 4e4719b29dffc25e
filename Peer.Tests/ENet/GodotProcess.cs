using System.Collections.Concurrent;
using System.Diagnostics;

namespace Peer.Tests.ENet;

/// <summary>A process of the real Godot 3, without a window, that runs a script of the samples.</summary>
internal sealed class GodotProcess : IDisposable
{
    public const string Remedy = "apt-get update && apt-get install -y godot3-server";

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly string _home = Directory.CreateTempSubdirectory("godot").FullName;

    public GodotProcess(string script, int port, int compression = 0)
    {
        var start = new ProcessStartInfo(Program!, ["--no-window", "-s", Path.Combine(AppContext.BaseDirectory, "godot", script)])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = _home,
        };
        start.Environment["HOME"] = _home;
        start.Environment["PEER_PORT"] = $"{port}";
        start.Environment["PEER_COMPRESSION"] = $"{compression}";
        _process = Process.Start(start)!;
        _process.OutputDataReceived += Take;
        _process.ErrorDataReceived += Take;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public static string? Program { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Select(folder => Path.Combine(folder, "godot3-server")).FirstOrDefault(File.Exists);

    public string[] Lines => [.. _lines];

    public int Count(string line) => _lines.Count(said => said == line);

    public bool Has(string line) => _lines.Contains(line);

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_home, recursive: true);
    }

    private void Take(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is { } text)
            _lines.Enqueue(text);
    }
}

/// <summary>A fact about a machine that has Godot 3; elsewhere the run says what to install.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class GodotFactAttribute : FactAttribute
{
    public GodotFactAttribute()
    {
        if (GodotProcess.Program is null)
            Skip = $"there is no godot3-server on the PATH; {GodotProcess.Remedy}";
    }
}

/// <summary>The same for several cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class GodotTheoryAttribute : TheoryAttribute
{
    public GodotTheoryAttribute()
    {
        if (GodotProcess.Program is null)
            Skip = $"there is no godot3-server on the PATH; {GodotProcess.Remedy}";
    }
}
