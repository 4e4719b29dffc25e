using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace Peer.Lab.Compare;

/// <summary>
/// One end of a workload as the judge sees it: a process that reads words from its standard input and answers in lines.
/// It says <c>ready {"port":n}</c>, and answers <c>go</c> (traffic begins) with nothing, <c>mark</c> with <c>mark {figures}</c>, what it has used and counted
/// so far, <c>stop</c> (nothing more is sent; what is on the way may arrive) with <c>done {figures}</c>, and <c>quit</c>, or the end of its input (its judge has died), by ending.
/// A line <c>failed text</c> says that it cannot go on.
/// </summary>
internal sealed class EndProcess : IDisposable
{
    private const int KeptErrorLines = 12;

    private readonly string _name;
    private readonly Process _process;
    private readonly BlockingCollection<string> _lines = [];
    private readonly ConcurrentQueue<string> _errors = new();

    public EndProcess(string name, ProcessStartInfo start)
    {
        _name = name;
        _process = Process.Start(start) ?? throw new EndFailedException($"{start.FileName} did not start");
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Says a word: <c>go</c>, <c>mark</c>, <c>stop 1000</c>, <c>quit</c>.</summary>
    public void Say(string word)
    {
        try
        {
            _process.StandardInput.WriteLine(word);
            _process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // It has ended; the next wait for its answer says so.
        }
    }

    /// <summary>Waits for the answer that begins with a word.</summary>
    /// <exception cref="EndFailedException">It died, gave up, or did not answer in time.</exception>
    public IReadOnlyDictionary<string, double> Await(string word, TimeSpan patience, CancellationToken cancel)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var left = patience - Stopwatch.GetElapsedTime(started);
            string? line;
            try
            {
                if (left <= TimeSpan.Zero || !_lines.TryTake(out line, (int)left.TotalMilliseconds, cancel))
                    throw new EndFailedException(_lines.IsCompleted ? $"{_name} died: {Why()}" : $"{_name} did not say '{word}' within {patience.TotalSeconds:0.#} s");
            }
            catch (ObjectDisposedException)
            {
                throw new EndFailedException($"{_name} was ended");
            }

            if (line.StartsWith("failed", StringComparison.Ordinal))
                throw new EndFailedException($"{_name}: {line}");
            if (line.StartsWith(word + " ", StringComparison.Ordinal))
                return Figures(line[word.Length..]);
        }
    }

    /// <summary>Ends it: what it had to say it has said, and nobody waits for a thousand good-byes.</summary>
    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit(TimeSpan.FromSeconds(2));
        _process.Dispose();
    }

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
        _process.WaitForExit(TimeSpan.FromSeconds(1));
        var code = _process.HasExited ? $"exit code {_process.ExitCode}" : "its output ended";
        return _errors.IsEmpty ? code : $"{code}; {string.Join(" / ", _errors)}";
    }

    private void Take(string? line)
    {
        if (line is null)
            _lines.CompleteAdding();
        else
            _lines.Add(line);
    }

    private void Keep(string? line)
    {
        if (!string.IsNullOrWhiteSpace(line))
            _errors.Enqueue(line);
        while (_errors.Count > KeptErrorLines)
            _errors.TryDequeue(out _);
    }
}

/// <summary>An end died, gave up or fell silent: the run has no figures.</summary>
internal sealed class EndFailedException(string message) : Exception(message);
