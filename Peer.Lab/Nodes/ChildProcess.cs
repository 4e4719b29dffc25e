using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Peer.Lab.Nodes;

/// <summary>A process of the program, with what it prints. It does not outlive this object.</summary>
internal sealed partial class ChildProcess : IDisposable
{
    private const int Terminate = 15;
    private const int MostLines = 4_000;

    private readonly Process _process;
    private readonly List<string> _lines = [];
    private readonly StreamWriter _log;

    /// <param name="name">What it is called.</param>
    /// <param name="arguments">Its command line.</param>
    /// <param name="folder">Where all that it prints is kept; another process of its name goes on behind it.</param>
    public ChildProcess(string name, IEnumerable<string> arguments, string folder)
    {
        Name = name;
        _log = new StreamWriter(Path.Combine(folder, $"{name}.log"), append: true);

        // By the assembly beside this one: a test's own process hosts this code too.
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Peer.Node.dll"), .. arguments])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };

        // Many processes on few processors.
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_gcConcurrent"] = "0";
        _process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start");
        _process.OutputDataReceived += Take;
        _process.ErrorDataReceived += Take;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        _process.StandardInput.Close();
    }

    public string Name { get; }

    public bool HasExited => _process.HasExited;

    /// <summary>Once it has ended.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>The last lines that it printed.</summary>
    public string Tail
    {
        get
        {
            lock (_lines)
                return string.Join('\n', _lines.TakeLast(15).Select(line => $"    {Name}: {line}"));
        }
    }

    /// <summary>The newest line with that text; null when there is none yet.</summary>
    public string? Said(string text)
    {
        lock (_lines)
            return _lines.FindLast(line => line.Contains(text, StringComparison.Ordinal));
    }

    /// <summary>Asks it to end in good order: SIGTERM.</summary>
    public void AskToEnd()
    {
        if (!_process.HasExited)
            _ = Signal(_process.Id, Terminate);
    }

    /// <summary>SIGKILL: nothing that it could do.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            Kill();
        _process.Dispose();
        lock (_lines)
            _log.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Signal(int process, int signal);

    private void Take(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is not { } text)
            return;
        lock (_lines)
        {
            _lines.Add(text);
            if (_log.BaseStream is not null)
                _log.WriteLine(text);
            if (_lines.Count > MostLines)
                _lines.RemoveRange(0, MostLines / 2);
        }
    }
}
