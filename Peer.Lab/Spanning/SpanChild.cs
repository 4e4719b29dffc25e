using System.Globalization;
using Peer.Lab.Children;

namespace Peer.Lab.Spanning;

/// <summary>A process that answers every line with what it has used so far.</summary>
internal sealed class SpanChild : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ChildProcess _process;

    public SpanChild(params string[] arguments)
    {
        // It does not spin, as Peer.Node is configured to run.
        _process = new ChildProcess(
            ChildProcess.Program("Peer.Lab", arguments, ("DOTNET_gcConcurrent", "0"), ("DOTNET_ThreadPool_UnfairSemaphoreSpinLimit", "0")),
            TimeSpan.FromSeconds(10));
        Up = Answer("up");
    }

    /// <summary>What it said when it was ready.</summary>
    public string[] Up { get; }

    /// <summary>Tells it a word, and returns microseconds of its processor time and what else it counts.</summary>
    public long[] Usage(string word = "cpu")
    {
        _process.Say(word);
        return [.. Answer("cpu").Select(word => long.Parse(word, CultureInfo.InvariantCulture))];
    }

    public void Dispose() => _process.Dispose();

    private string[] Answer(string word)
    {
        _process.TryRead(out var line, Patience, CancellationToken.None);
        return line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var first, .. var rest] && first == word
            ? rest
            : throw new InvalidOperationException($"'{word}' was expected of a child, which said '{line}': {_process.Errors}");
    }
}
