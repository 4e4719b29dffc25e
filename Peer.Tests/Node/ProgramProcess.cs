using System.Diagnostics;
using System.Text;

namespace Peer.Tests.Node;

/// <summary>The built program as a process of its own, with its output at hand and every wait bounded.</summary>
internal sealed class ProgramProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly LineLog _output;
    private readonly LineLog _error;

    public ProgramProcess(params string[] arguments)
        : this(arguments, "Peer.Node.dll")
    {
    }

    private ProgramProcess(string[] arguments, string program, params ReadOnlySpan<(string Name, string Value)> environment)
    {
        // The executable that the build leaves beside the tests, through the dotnet that runs them.
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, program));
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        _process = Process.Start(start)!;
        _output = new LineLog(_process.StandardOutput);
        _error = new LineLog(_process.StandardError);
    }

    /// <summary>Another program of the build.</summary>
    public static ProgramProcess Of(string program, params string[] arguments) => new(arguments, program);

    /// <summary>With no more than so many threads in its pool.</summary>
    public static ProgramProcess OnThreads(int count, params string[] arguments) => new(arguments, "Peer.Node.dll", ("DOTNET_ThreadPool_ForceMaxWorkerThreads", $"{count:X}"));

    public void Type(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    public void EndInput() => _process.StandardInput.Close();

    /// <summary>Waits for a line of standard output that contains the text.</summary>
    public string Expect(string text) => _output.WaitFor(text, Patience) ?? throw new TimeoutException($"never printed '{text}', but:\n{_output}\n{_error}");

    /// <summary>Waits for a line of standard error that contains the text.</summary>
    public string ExpectError(string text) => _error.WaitFor(text, Patience) ?? throw new TimeoutException($"never printed '{text}', but:\n{_output}\n{_error}");

    /// <summary>Sends a signal by its name without SIG.</summary>
    public void Signal(string name)
    {
        using var kill = Process.Start("/bin/sh", ["-c", $"kill -{name} {_process.Id}"]);
        kill.WaitForExit();
    }

    /// <summary>Waits for the end.</summary>
    public (int Code, string Output, string Error) End(TimeSpan? patience = null)
    {
        if (!_process.WaitForExit(patience ?? Patience))
            throw new TimeoutException($"did not end; it printed:\n{_output}\n{_error}");
        return (_process.ExitCode, _output.All(), _error.All());
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private sealed class LineLog
    {
        private readonly StringBuilder _text = new();
        private readonly List<string> _lines = [];
        private readonly Task _reading;

        public LineLog(StreamReader reader) => _reading = Task.Run(() => ReadAsync(reader));

        public string? WaitFor(string text, TimeSpan patience)
        {
            var waited = Stopwatch.StartNew();
            lock (_lines)
            {
                while (true)
                {
                    if (_lines.Find(line => line.Contains(text, StringComparison.Ordinal)) is { } found)
                        return found;
                    var left = patience - waited.Elapsed;
                    if (left <= TimeSpan.Zero || _reading.IsCompleted || !Monitor.Wait(_lines, left))
                        return null;
                }
            }
        }

        /// <summary>Everything, of a process that has ended.</summary>
        public string All()
        {
            _reading.Wait(Patience);
            return ToString();
        }

        public override string ToString()
        {
            lock (_lines)
                return _text.ToString();
        }

        private async Task ReadAsync(StreamReader reader)
        {
            while (await reader.ReadLineAsync() is { } line)
            {
                lock (_lines)
                {
                    _text.Append(line).Append('\n');
                    _lines.Add(line);
                    Monitor.PulseAll(_lines);
                }
            }

            lock (_lines)
                Monitor.PulseAll(_lines);
        }
    }
}
