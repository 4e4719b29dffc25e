using System.Diagnostics;
using System.Text.Json;
using Peer.Lab.Children;

namespace Peer.Lab.Compare;

/// <summary>
/// One end of a workload as the judge sees it: a process that reads words from its standard input and answers in lines.
/// It says <c>ready {"port":n}</c>, and answers <c>go</c> (traffic begins) with nothing, <c>mark</c> with <c>mark {figures}</c>, what it has used and counted
/// so far, <c>stop</c> (nothing more is sent; what is on the way may arrive) with <c>done {figures}</c>, and <c>quit</c>, or the end of its input (its judge has died), by ending.
/// A line <c>failed text</c> says that it cannot go on.
/// </summary>
internal sealed class EndProcess : IDisposable
{
    /// <summary>One that says nothing more is about to end, and has this long for it.</summary>
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(10);

    private readonly string _name;
    private readonly ChildProcess _process;

    public EndProcess(string name, ProcessStartInfo start)
    {
        _name = name;

        // What it had to say it has said when it is ended, and nobody waits for a thousand good-byes.
        _process = new ChildProcess(start, patience: TimeSpan.Zero);
    }

    /// <summary>Says a word: <c>go</c>, <c>mark</c>, <c>stop 1000</c>, <c>quit</c>.</summary>
    public void Say(string word) => _process.Say(word);

    /// <summary>Waits for the answer that begins with a word.</summary>
    /// <exception cref="EndFailedException">It died, gave up, or did not answer in time.</exception>
    public IReadOnlyDictionary<string, double> Await(string word, TimeSpan patience, CancellationToken cancel)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var left = patience - Stopwatch.GetElapsedTime(started);
            if (left <= TimeSpan.Zero || !_process.TryRead(out var line, left, cancel))
                throw new EndFailedException(_process.IsSilent ? $"{_name} died: {Why()}" : $"{_name} did not say '{word}' within {patience.TotalSeconds:0.#} s");
            if (line.StartsWith("failed", StringComparison.Ordinal))
                throw new EndFailedException($"{_name}: {line}");
            if (line.StartsWith(word + " ", StringComparison.Ordinal))
                return Figures(line[word.Length..]);
        }
    }

    public void Dispose() => _process.Dispose();

    private Dictionary<string, double> Figures(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, double>>(json) ?? [];
        }
        catch (JsonException)
        {
            throw new EndFailedException($"{_name} wrote what cannot be read: {json}");
        }
    }

    private string Why()
    {
        var code = _process.WaitForExit(EndPatience) ? $"exit code {_process.ExitCode}" : "its output ended";
        _process.WaitForLastLine(EndPatience);
        return _process.Errors is { Length: > 0 } errors ? $"{code}; {errors}" : code;
    }
}

/// <summary>An end died, gave up or fell silent: the run has no figures.</summary>
internal sealed class EndFailedException(string message) : Exception(message);
