using System.Collections.Concurrent;

namespace Peer.Node;

/// <summary>Lines of a reader that may block, for a loop that must not: a thread of its own reads ahead, a bounded number of lines.</summary>
internal sealed class LineSource : IDisposable
{
    private const int ReadAhead = 256;

    private readonly BlockingCollection<string> _lines = new(ReadAhead);

    public LineSource(TextReader reader)
    {
        // A thread, since a read of standard input can be neither cancelled nor awaited; in the background, so that it keeps nobody alive.
        new Thread(() => Read(reader)) { IsBackground = true, Name = "lines" }.Start();
    }

    /// <summary>The input has ended and every line has been taken.</summary>
    public bool Ended => _lines.IsCompleted;

    /// <summary>Takes a line if there is one now.</summary>
    public bool TryTake(out string line) => _lines.TryTake(out line!);

    /// <summary>Takes no more lines.</summary>
    public void Dispose() => _lines.CompleteAdding();

    private void Read(TextReader reader)
    {
        try
        {
            while (reader.ReadLine() is { } line)
                _lines.Add(line);
        }
        catch (Exception failure) when (failure is IOException or InvalidOperationException)
        {
            // A broken pipe ends the input as its end does, and so does a loop that has stopped taking.
        }

        _lines.CompleteAdding();
    }
}
