using System.Diagnostics;
using Peer.TestKit;

namespace Peer.Lab.Fuzz;

/// <summary>One target's loop: pick an input, change it, run it, keep it when it went where none had gone. It has a thread of its own, so that an input that never comes back can be told.</summary>
internal sealed class FuzzSession
{
    private const int MostFindings = 10;
    private const int BytesPerInputByte = 64;
    private const long AllowedGrowth = 16 << 20;
    private const long InputsBetweenLooks = 256;
    private const long FewestToTellGrowth = 1_000_000;
    private static readonly TimeSpan LongestExecution = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    private readonly IFuzzTarget _target;
    private readonly FuzzPlan _plan;
    private readonly Coverage _coverage = new();
    private readonly Corpus _corpus;
    private readonly SeededSource _random;
    private readonly FindingFiles _files;
    private readonly HashSet<string> _known = [];
    private readonly List<Finding> _findings = [];
    private readonly Stopwatch _watch = new();
    private byte[] _buffer;
    private int _length;
    private long _inputs;
    private long _heapEarly;
    private long _heapLate;
    private volatile bool _isOver;
    private volatile bool _stopping;

    public FuzzSession(IFuzzTarget target, FuzzPlan plan)
    {
        _target = target;
        _plan = plan;
        _corpus = new Corpus(target, plan.Corpus);
        _random = new SeededSource(plan.Seed);
        _files = new FindingFiles(plan, target);
        _buffer = new byte[target.MaxBytes];
    }

    /// <summary>Until the plan is done, somebody cancels, or too much has broken.</summary>
    public TargetReport Run(FuzzProgress progress, CancellationToken cancel)
    {
        _watch.Start();
        var thread = new Thread(Loop) { IsBackground = true, Name = "fuzz" };
        thread.Start();
        var (last, since) = (-1L, TimeSpan.Zero);
        while (!thread.Join(200))
        {
            _stopping |= cancel.IsCancellationRequested;
            var inputs = Interlocked.Read(ref _inputs);
            progress(_target.Name, inputs, inputs / _watch.Elapsed.TotalSeconds, _corpus.Count, _coverage.Edges, _findings.Count);
            if (inputs != last)
                (last, since) = (inputs, _watch.Elapsed);
            else if (_watch.Elapsed - since > LongestExecution && !_isOver)
            {
                Report("it does not come back", _buffer.AsSpan(0, _length).ToArray(), minimise: false);
                break;
            }
        }

        var seconds = _watch.Elapsed.TotalSeconds;
        return new TargetReport(_target.Name, _inputs, seconds, _inputs / seconds, _corpus.Count, _coverage.Edges, _heapEarly, _heapLate, _findings);
    }

    private void Loop()
    {
        foreach (var input in _corpus.Beginning)
            Try(input, alwaysKeep: true);
        while (!_stopping && !IsDone() && _findings.Count < MostFindings)
        {
            Change();
            Try(_buffer.AsSpan(0, _length), alwaysKeep: false);
            if (_inputs % InputsBetweenLooks == 0)
                LookAtHeap(isLast: false);
        }

        _isOver = true;
        LookAtHeap(isLast: true);
        if (_heapEarly > 0 && _heapLate - _heapEarly > AllowedGrowth)
            _findings.Add(new Finding($"the heap grew from {_heapEarly} to {_heapLate} bytes", _inputs, 0, ""));
        if (_plan.Distil.Length > 0)
            _corpus.Distil(_plan.Distil, _coverage, Execute);
    }

    private bool IsDone() => (_plan.Inputs > 0 && _inputs >= _plan.Inputs) || (_plan.Seconds > 0 && _inputs % 64 == 0 && _watch.Elapsed.TotalSeconds >= _plan.Seconds);

    private void Change()
    {
        _length = _corpus.Pick(_random, _buffer);
        for (var changes = 1 << _random.Below(4); changes > 0; changes--)
        {
            _length = _random.Below(16) switch
            {
                0 => Havoc.Splice(_buffer, _length, _corpus.Any(_random), _random),
                < 9 => _target.Mutate(_buffer, _length, _random),
                _ => Havoc.Mutate(_buffer, _length, _random),
            };
        }
    }

    private void Try(ReadOnlySpan<byte> input, bool alwaysKeep)
    {
        if (!alwaysKeep)
        {
            _coverage.Clear();
            var problem = Execute(_buffer.AsMemory(0, _length));
            Interlocked.Increment(ref _inputs);
            if (problem is not null)
                Report(problem, input.ToArray(), minimise: true);
            else if (_coverage.Learn())
                _corpus.Keep(input);
            return;
        }

        input.CopyTo(_buffer);
        _length = input.Length;
        _coverage.Clear();
        if (Execute(_buffer.AsMemory(0, _length)) is { } broken)
            Report(broken, input.ToArray(), minimise: true);
        _coverage.Learn();
        _corpus.Keep(input);
        Interlocked.Increment(ref _inputs);
    }

    /// <summary>Null, or what broke.</summary>
    private string? Execute(ReadOnlyMemory<byte> input)
    {
        if (Once(input, out var allocated) is { } problem)
            return problem;

        // What the runtime itself allocates when code runs for the first time is not the input's.
        var allowed = _target.AllowedBytes + ((long)BytesPerInputByte * input.Length);
        for (var again = 0; allocated > allowed; again++)
        {
            if (again == 3)
                return $"{input.Length} bytes cost more than {allowed} bytes of memory";
            if (Once(input, out allocated) is { } later)
                return later;
        }

        return null;
    }

    private string? Once(ReadOnlyMemory<byte> input, out long allocated)
    {
        allocated = -GC.GetAllocatedBytesForCurrentThread();
        try
        {
            _target.Execute(input);
            allocated += GC.GetAllocatedBytesForCurrentThread();
            return null;
        }
        catch (BrokenLawException law)
        {
            return law.Message;
        }
        catch (Exception exception)
        {
            return exception.ToString();
        }
    }

    private void Report(string problem, byte[] input, bool minimise)
    {
        var kind = Kind(problem);
        if (!_known.Add(kind))
            return;
        if (minimise)
            input = Minimizer.Shrink(input, candidate => Execute(candidate) is { } found && Kind(found) == kind);
        _findings.Add(_files.Write(problem, _inputs, input));
    }

    /// <summary>Two problems are one when the words are the same, and the place in the library, where there is one.</summary>
    private static string Kind(string problem)
    {
        var lines = problem.Split('\n');
        var place = Array.Find(lines, line => line.Contains(" at Peer.Protocol.", StringComparison.Ordinal));
        return $"{string.Concat(lines[0].Where(letter => !char.IsAsciiDigit(letter)))} {place?.Trim()}";
    }

    /// <summary>The heap is the whole process's, and a few inputs say nothing about it, however long a busy machine takes for them.</summary>
    private bool TellsGrowth => _plan.Seconds > 0 || _plan.Inputs >= FewestToTellGrowth;

    private void LookAtHeap(bool isLast)
    {
        if (!TellsGrowth)
            return;
        var elapsed = _watch.Elapsed;
        var planned = _plan.Seconds > 0 ? _plan.Seconds : double.PositiveInfinity;
        var isEarly = _heapEarly == 0 && elapsed > WarmUp && (elapsed.TotalSeconds > planned / 10 || (_plan.Inputs > 0 && _inputs > _plan.Inputs / 10));
        if (!isEarly && (!isLast || _heapEarly == 0))
            return;
        var heap = GC.GetTotalMemory(forceFullCollection: true) - _corpus.Bytes;
        if (isEarly)
            _heapEarly = heap;
        _heapLate = heap;
    }
}
