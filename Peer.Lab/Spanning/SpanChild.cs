using System.Diagnostics;
using System.Globalization;

namespace Peer.Lab.Spanning;

/// <summary>A process that answers every line with what it has used so far.</summary>
internal sealed class SpanChild : IDisposable
{
    private readonly Process _process;

    public SpanChild(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Peer.Lab.dll"), .. arguments])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
        };
        start.Environment["DOTNET_gcConcurrent"] = "0";
        _process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start");
        Up = Answer("up");
    }

    /// <summary>What it said when it was ready.</summary>
    public string[] Up { get; }

    /// <summary>Microseconds of processor time, and what else it counts.</summary>
    public long[] Usage()
    {
        _process.StandardInput.WriteLine("cpu");
        _process.StandardInput.Flush();
        return [.. Answer("cpu").Select(word => long.Parse(word, CultureInfo.InvariantCulture))];
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(10)))
            _process.Kill();
        _process.Dispose();
    }

    private string[] Answer(string word)
    {
        var words = _process.StandardOutput.ReadLine()?.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words is [var first, .. var rest] && first == word ? rest : throw new InvalidOperationException($"'{word}' was expected of a child, which said {string.Join(' ', words ?? ["nothing"])}");
    }
}
