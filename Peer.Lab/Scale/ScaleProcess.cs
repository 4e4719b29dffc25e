using System.Collections.Concurrent;
using System.Diagnostics;

namespace Peer.Lab.Scale;

/// <summary>A child as the parent sees it: it is told words and answers with lines. Closing its input ends it, and what does not end is killed.</summary>
internal sealed class ScaleProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly Process _process;
    private readonly BlockingCollection<ScaleLine> _lines = [];
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly Task _reading;

    public ScaleProcess(params string[] arguments)
    {
        // By the assembly: a test's own process hosts this code too.
        _process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Peer.Lab.dll"), .. arguments])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        }) ?? throw new InvalidOperationException("dotnet did not start");
        _reading = Task.WhenAll(Task.Run(ReadAsync), Task.Run(ReadErrorsAsync));
    }

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

    /// <summary>Its next line.</summary>
    /// <exception cref="ScaleFailure">It has none: it has ended, says that something is wrong, or takes too long.</exception>
    public T Await<T>(TimeSpan patience, CancellationToken cancellation)
        where T : ScaleLine
    {
        if (!_lines.TryTake(out var line, (int)patience.TotalMilliseconds, cancellation))
            throw new ScaleFailure($"a process of the experiment {(_process.HasExited ? $"has ended with {_process.ExitCode}" : $"has not answered in {patience.TotalSeconds:0} s")}: {string.Join(" / ", _errors)}");
        return line switch
        {
            T expected => expected,
            ScaleLine.Fault fault => throw new ScaleFailure(fault.What),
            _ => throw new ScaleFailure($"a process of the experiment said {line}, where {typeof(T).Name} was expected"),
        };
    }

    public ScaleLine.Sample Sample(CancellationToken cancellation)
    {
        Say(ScaleWord.Sample);
        return Await<ScaleLine.Sample>(TimeSpan.FromSeconds(60), cancellation);
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
        _reading.Wait(Patience);
        _process.Dispose();
        _lines.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync().ConfigureAwait(false) is { } text)
        {
            if (ScaleLine.Read(text) is { } line)
                _lines.Add(line);
        }

        _lines.CompleteAdding();
    }

    private async Task ReadErrorsAsync()
    {
        while (await _process.StandardError.ReadLineAsync().ConfigureAwait(false) is { } text)
        {
            _errors.Enqueue(text);
            while (_errors.Count > 12)
                _errors.TryDequeue(out _);
        }
    }
}

/// <summary>The experiment cannot go on.</summary>
internal sealed class ScaleFailure(string message) : Exception(message);
