using System.Collections.Concurrent;
using System.Diagnostics;
using Peer.Node;

namespace Peer.Lab.Children;

/// <summary>The end of a process that an experiment has started: words come in, lines go out, and when the parent is gone it ends by itself.</summary>
internal abstract class ChildEnd : IDisposable
{
    private const int MostWaiting = 256;

    private readonly BlockingCollection<string> _words = new(MostWaiting);
    private readonly TerminationSignals _signals = new(ignoreInterrupt: true);

    protected ChildEnd()
    {
        // A thread, since a read of standard input can be neither cancelled nor awaited.
        new Thread(Read) { IsBackground = true, Name = "words" }.Start();
    }

    /// <summary>The parent is gone, or has asked to end.</summary>
    public bool IsOver => _words.IsCompleted || _signals.Raised;

    protected Process Self { get; } = Process.GetCurrentProcess();

    /// <summary>The next word with what belongs to it; empty when none has come in that time.</summary>
    public string[] Next(TimeSpan patience) => _words.TryTake(out var line, patience) ? line.Split(' ') : [];

    public void Dispose()
    {
        _signals.Dispose();
        Self.Dispose();
    }

    protected static void Write(string line)
    {
        try
        {
            Console.Out.WriteLine(line);
            Console.Out.Flush();
        }
        catch (IOException)
        {
            // Nobody reads any more; the end of the input says so, too.
        }
    }

    private void Read()
    {
        try
        {
            while (Console.In.ReadLine() is { } line)
                _words.Add(line);
        }
        catch (IOException)
        {
            // A broken pipe ends the input as its end does.
        }

        _words.CompleteAdding();
    }
}
