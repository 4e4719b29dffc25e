using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Peer.Node;

namespace Peer.Lab.Soak;

/// <summary>A child's end: words come in, lines go out, and when the judge is gone the child ends by itself.</summary>
internal sealed class SoakChild : IDisposable
{
    private const int MostWaiting = 256;

    private readonly BlockingCollection<string> _words = new(MostWaiting);
    private readonly TerminationSignals _signals = new(ignoreInterrupt: true);
    private readonly Process _self = Process.GetCurrentProcess();

    public SoakChild()
    {
        // A thread, since a read of standard input can be neither cancelled nor awaited.
        new Thread(Read) { IsBackground = true, Name = "words" }.Start();
    }

    /// <summary>The judge is gone, or has asked to end.</summary>
    public bool IsOver => _words.IsCompleted || _signals.Raised;

    public long Sent { get; set; }

    public long Received { get; set; }

    public bool TryTake(out string[] word)
    {
        word = _words.TryTake(out var line) ? line.Split(' ') : [];
        return word.Length > 0;
    }

    public static void Tell(SoakLine line)
    {
        try
        {
            Console.Out.WriteLine(SoakLine.Write(line));
            Console.Out.Flush();
        }
        catch (IOException)
        {
            // Nobody reads any more; the end of the input says so, too.
        }
    }

    /// <summary>What the process uses after a collection: what it keeps, not what it has not yet given back.</summary>
    public void TellSample(int peers)
    {
        GC.Collect();
        _self.Refresh();
        Tell(new SoakLine.Sample(
            GC.GetTotalMemory(forceFullCollection: false),
            _self.WorkingSet64,
            Directory.GetFiles("/proc/self/fd").Length,
            int.Parse(File.ReadLines("/proc/self/status").First(line => line.StartsWith("Threads:", StringComparison.Ordinal)).AsSpan(8), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture),
            _self.TotalProcessorTime.TotalSeconds,
            Sent,
            Received,
            peers));
    }

    public void Dispose()
    {
        _signals.Dispose();
        _self.Dispose();
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
