using System.Collections.Concurrent;
using System.Diagnostics;

namespace Peer.Lab.Children;

/// <summary>
/// Another process as whoever started it sees it: it is told lines and says lines, and it does not outlive this object. The end of its input asks it to end; what does not is killed.
/// </summary>
internal sealed class ChildProcess : IDisposable
{
    private const int KeptErrorLines = 12;

    private readonly Process _process;
    private readonly TimeSpan _patience;
    private readonly BlockingCollection<string> _lines = [];
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly Task _reading;
    private int? _exitCode;

    /// <param name="start">What to run; its streams are redirected here.</param>
    /// <param name="patience">How long it may take to end by itself; zero kills it at once.</param>
    /// <param name="heard">Gets each line that it says, on a thread of the pool; without it they wait for <see cref="TryRead"/>.</param>
    /// <param name="complained">Gets each line of its standard error.</param>
    public ChildProcess(ProcessStartInfo start, TimeSpan patience, Action<string>? heard = null, Action<string>? complained = null)
    {
        _patience = patience;
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start");
        _reading = Task.WhenAll(Task.Run(() => ReadAsync(heard ?? _lines.Add)), Task.Run(() => ReadErrorsAsync(complained)));
    }

    public int Id => _process.Id;

    public bool HasExited => _exitCode is not null || _process.HasExited;

    /// <summary>Once it has ended.</summary>
    public int ExitCode => _exitCode ?? _process.ExitCode;

    /// <summary>Whether it will say nothing more, and all that it said has been read.</summary>
    public bool IsSilent => _lines.IsCompleted;

    /// <summary>The last lines of its standard error.</summary>
    public string Errors => string.Join(" / ", _errors);

    /// <summary>What runs one of this project's programs. By the assembly beside this one: a test's own process hosts this code too.</summary>
    /// <param name="program"><c>Peer.Lab</c>, say.</param>
    /// <param name="arguments">Its command line.</param>
    /// <param name="environment">How its runtime is to behave.</param>
    public static ProcessStartInfo Program(string program, IEnumerable<string> arguments, params ReadOnlySpan<(string Name, string Value)> environment)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, $"{program}.dll"), .. arguments]);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return start;
    }

    /// <summary>Tells it a line. One that has ended does not hear it; whoever waits for its answer will see that.</summary>
    public void Say(params ReadOnlySpan<string?> words)
    {
        try
        {
            _process.StandardInput.WriteLine(string.Join(' ', words));
            _process.StandardInput.Flush();
        }
        catch (IOException)
        {
        }
    }

    /// <summary>The next line that it says; false when none comes in that time, or ever.</summary>
    public bool TryRead(out string line, TimeSpan patience, CancellationToken cancellation)
    {
        var found = _lines.TryTake(out var read, (int)patience.TotalMilliseconds, cancellation);
        line = read ?? "";
        return found;
    }

    /// <summary>Tells it that nothing more will be said.</summary>
    public void CloseInput()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
        }
    }

    /// <summary>SIGKILL, and its end.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit(TimeSpan.FromSeconds(10));
    }

    /// <summary>Its end, in so long.</summary>
    public bool WaitForExit(TimeSpan patience) => _exitCode is not null || _process.WaitForExit(patience);

    /// <summary>The end of all that it says and complains of, in so long: its streams are read side by side, and one may be at its end while the other is not.</summary>
    public bool WaitForLastLine(TimeSpan patience) => _reading.Wait(patience);

    public void Dispose()
    {
        if (_exitCode is not null)
            return;
        CloseInput();
        if (!_process.WaitForExit(_patience))
            Kill();
        _exitCode = _process.HasExited ? _process.ExitCode : -1;
        _reading.Wait(TimeSpan.FromSeconds(10));
        _process.Dispose();
    }

    private async Task ReadAsync(Action<string> heard)
    {
        while (await _process.StandardOutput.ReadLineAsync().ConfigureAwait(false) is { } line)
            heard(line);
        _lines.CompleteAdding();
    }

    private async Task ReadErrorsAsync(Action<string>? complained)
    {
        while (await _process.StandardError.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            complained?.Invoke(line);
            if (!string.IsNullOrWhiteSpace(line))
                _errors.Enqueue(line);
            while (_errors.Count > KeptErrorLines)
                _errors.TryDequeue(out _);
        }
    }
}
