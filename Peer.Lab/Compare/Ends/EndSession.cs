using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Peer.Lab.Compare.Ends;

/// <summary>The end's side of the line protocol that <see cref="EndProcess"/> describes. A thread reads the judge's words; the work looks at the phase.</summary>
internal sealed class EndSession
{
    private readonly TextReader _input;
    private readonly TextWriter _output;
    private volatile EndPhase _phase;
    private long _messages;
    private long _expected = long.MaxValue;

    public EndSession(TextReader input, TextWriter output)
    {
        (_input, _output) = (input, output);
        new Thread(Listen) { IsBackground = true, Name = "judge" }.Start();
    }

    public EndPhase Phase => _phase;

    /// <summary>Traffic may be made.</summary>
    public bool Running => _phase is EndPhase.Warming or EndPhase.Counting;

    /// <summary>The window is open: what is measured now counts.</summary>
    public bool Counting => _phase == EndPhase.Counting;

    /// <summary>What this end has counted; in the marks.</summary>
    public long Messages
    {
        get => Volatile.Read(ref _messages);
        set => Volatile.Write(ref _messages, value);
    }

    /// <summary>How many messages the other end has sent in all, once that is known.</summary>
    public long Expected => Volatile.Read(ref _expected);

    /// <summary>More figures for the marks, read on another thread.</summary>
    public Func<IEnumerable<KeyValuePair<string, double>>>? Extra { get; set; }

    /// <summary>Says that this end listens, or that all its clients are in.</summary>
    public void Ready(int port) => Write("ready", new Dictionary<string, double> { ["port"] = port });

    public void Done(IReadOnlyDictionary<string, double> figures) => Write("done", figures);

    public void Failed(string why)
    {
        lock (_output)
        {
            _output.WriteLine($"failed {why.ReplaceLineEndings(" ")}");
            _output.Flush();
        }
    }

    private void Listen()
    {
        while (_input.ReadLine() is { } line && line != "quit")
        {
            switch (line.Split(' '))
            {
                case ["go"]:
                    _phase = EndPhase.Warming;
                    break;
                case ["mark"]:
                    Write("mark", Mark());
                    _phase = _phase == EndPhase.Warming ? EndPhase.Counting : EndPhase.Counted;
                    break;
                case ["stop", .. var rest]:
                    if (rest is [var expected])
                        Volatile.Write(ref _expected, long.Parse(expected, CultureInfo.InvariantCulture));
                    _phase = EndPhase.Stopping;
                    break;
            }
        }

        _phase = EndPhase.Quitting;
    }

    private Dictionary<string, double> Mark()
    {
        var figures = new Dictionary<string, double>
        {
            ["t"] = Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency,
            ["cpu"] = Environment.CpuUsage.TotalTime.TotalSeconds,
            ["alloc"] = GC.GetTotalAllocatedBytes(),
            ["messages"] = Messages,
        };
        foreach (var (name, value) in Extra?.Invoke() ?? [])
            figures[name] = value;
        return figures;
    }

    private void Write(string word, IReadOnlyDictionary<string, double> figures)
    {
        lock (_output)
        {
            _output.WriteLine($"{word} {JsonSerializer.Serialize(figures)}");
            _output.Flush();
        }
    }
}

/// <summary>Where a run is.</summary>
internal enum EndPhase
{
    Waiting,
    Warming,
    Counting,
    Counted,
    Stopping,
    Quitting,
}
