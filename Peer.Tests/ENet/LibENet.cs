using System.Diagnostics;
using System.Collections.Concurrent;
using Peer.Lab.Compare;

namespace Peer.Tests.ENet;

/// <summary>A process in which the real libenet plays one end.</summary>
internal sealed class LibENet : IDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();

    private LibENet(params string[] arguments)
    {
        var program = NativeBuild.TryBuild("enet-native", "interop", out var problem) ?? throw new InvalidOperationException(problem);
        _process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        _process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is { } text)
                _lines.Enqueue(text);
        };
        _process.BeginOutputReadLine();
    }

    public static LibENet Server(int channels = 255, bool checksum = false, bool compress = false, int clients = 8) =>
        new("server", $"{channels}", checksum ? "1" : "0", compress ? "1" : "0", $"{clients}");

    public static LibENet Client(
        int port, int count, int size, string flags, int channels = 2, bool checksum = false, bool compress = false, uint data = 42, int flight = 200, string farewell = "close") =>
        new("client", $"{port}", $"{channels}", checksum ? "1" : "0", compress ? "1" : "0", $"{data}", $"{count}", $"{size}", flags, $"{flight}", farewell);

    public string[] Lines => [.. _lines];

    /// <summary>The numbers of the first line that begins with a word, null while there is none.</summary>
    public long[]? Find(string word) =>
        _lines.FirstOrDefault(line => line.StartsWith(word + " ", StringComparison.Ordinal)) is { } line ? [.. line.Split(' ').Skip(1).Select(long.Parse)] : null;

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit(2_000);
        _process.Dispose();
    }
}

/// <summary>A fact about a machine that has libenet and a C compiler; elsewhere the run says what to install.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LibENetFactAttribute : FactAttribute
{
    public LibENetFactAttribute()
    {
        if (Missing is { } reason)
            Skip = reason;
    }

    public static string? Missing => NativeBuild.TryBuild("enet-native", "interop", out var problem) is null ? $"{problem}; {NativeBuild.Remedy}" : null;
}

/// <summary>The same for several cases.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LibENetTheoryAttribute : TheoryAttribute
{
    public LibENetTheoryAttribute()
    {
        if (LibENetFactAttribute.Missing is { } reason)
            Skip = reason;
    }
}
