using System.Runtime.InteropServices;
using Peer.Lab.Children;

namespace Peer.Lab.Nodes;

/// <summary>A process of Peer.Node, with what it prints.</summary>
internal sealed partial class NodesProcess : IDisposable
{
    private const int Terminate = 15;
    private const int MostLines = 4_000;

    private readonly ChildProcess _process;
    private readonly List<string> _lines = [];
    private readonly StreamWriter _log;

    /// <param name="name">What it is called.</param>
    /// <param name="arguments">Its command line.</param>
    /// <param name="folder">Where all that it prints is kept; another process of its name goes on behind it.</param>
    public NodesProcess(string name, IEnumerable<string> arguments, string folder)
    {
        Name = name;
        _log = new StreamWriter(Path.Combine(folder, $"{name}.log"), append: true);

        // Many processes on few processors.
        _process = new ChildProcess(ChildProcess.Program("Peer.Node", arguments, ("DOTNET_TieredPGO", "0"), ("DOTNET_gcConcurrent", "0")), patience: TimeSpan.Zero, Take, Take);
        _process.CloseInput();
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
    public void Kill() => _process.Kill();

    public void Dispose()
    {
        _process.Dispose();
        lock (_lines)
            _log.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Signal(int process, int signal);

    private void Take(string line)
    {
        lock (_lines)
        {
            _lines.Add(line);
            if (_log.BaseStream is not null)
                _log.WriteLine(line);
            if (_lines.Count > MostLines)
                _lines.RemoveRange(0, MostLines / 2);
        }
    }
}
