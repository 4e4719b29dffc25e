using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Peer.Node.Demo;

/// <summary>The parent's side of a demo: starts the processes, leads them through it, and never waits beyond the deadline.</summary>
internal sealed class DemoRun : IDisposable
{
    /// <summary>The whole demo may take so much longer than its duration: most of it is for a machine with no time for so many cold processes.</summary>
    private static readonly TimeSpan Overhead = TimeSpan.FromSeconds(120);

    private static readonly TimeSpan ReportReserve = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan LeaveReserve = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ExitTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan CalmDownTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RefreshInterval = TimeSpan.FromMilliseconds(250);

    private readonly DemoOptions _options;
    private readonly IDemoView _view;
    private readonly BlockingCollection<DemoEvent> _events = [];
    private readonly List<DemoProcess> _processes = [];
    private readonly List<string> _problems = [];
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly TimeSpan _deadline;
    private TimeSpan _nextRefresh;
    private string _phase = "starting";
    private bool _aborted;

    public DemoRun(DemoOptions options, IDemoView view)
    {
        _options = options;
        _view = view;
        _deadline = options.Duration + Overhead;
    }

    /// <summary>Ends the demo early, from any thread.</summary>
    public void Interrupt() => _events.TryAdd(default);

    /// <summary>Runs the whole demo.</summary>
    public DemoReport Run()
    {
        if (Join())
            Send();
        if (_aborted)
            CalmDown();
        Collect();
        Leave();
        return DemoReport.Of(_options, _processes, _problems, Environment.CpuUsage.TotalTime.TotalSeconds);
    }

    /// <summary>The last lines of every child's log.</summary>
    public void WriteLogs(TextWriter error)
    {
        foreach (var process in _processes)
        {
            foreach (var line in process.Errors)
                error.WriteLine($"{process.Name}| {line}");
        }
    }

    /// <summary>Ends every child that is still there.</summary>
    public void Dispose()
    {
        foreach (var process in _processes)
            process.Dispose();
    }

    private bool Join()
    {
        var server = StartProcess("server", DemoChildCommands.ServerArguments(_options));
        if (!WaitFor(child => child.Port != 0, "did not listen", _deadline - ReportReserve))
            return false;
        _phase = "joining";
        for (var index = 1; index <= _options.Clients; index++)
            StartProcess($"client {index}", DemoChildCommands.ClientArguments(_options, server.Port, index));
        return WaitFor(child => child.IsReady, $"did not see all {_options.Clients} others", _deadline - _options.Duration - ReportReserve);
    }

    private void Send()
    {
        _phase = "sending";
        TellAll(ParentWord.Go);
        var end = _clock.Elapsed + _options.Duration;
        while (!_aborted && _clock.Elapsed < end)
            TakeEvent(end);
        if (_aborted)
            return;
        _phase = "waiting for the last";
        TellAll(ParentWord.Stop);
        WaitFor(child => child.IsSettled, "did not get everything reliable", _deadline - ReportReserve);
    }

    // After an early end too, what is on its way arrives, so that the ledgers tell of losses and not of an interruption.
    private void CalmDown()
    {
        _aborted = false;
        TellAll(ParentWord.Stop);
        TakeEventsUntil(child => child.IsSettled || child.HasEnded || !child.IsReady, Earlier(_clock.Elapsed + CalmDownTimeout, _deadline - LeaveReserve));
    }

    private void Collect()
    {
        _phase = "reporting";
        _aborted = false;
        TellAll(ParentWord.Report);
        WaitFor(child => child.Report is not null || child.HasEnded, "did not report", _deadline - LeaveReserve);
    }

    private void Leave()
    {
        _phase = "leaving";
        _aborted = false;
        if (_problems.Count > 0)
        {
            // All at once; who cannot is ended by Dispose.
            TellAll(ParentWord.Leave);
            TakeEventsUntil(child => child.HasEnded, Earlier(_clock.Elapsed + ExitTimeout, _deadline));
            return;
        }

        // Clients first and one after another, so that those who stay hear of each.
        foreach (var process in _processes.Skip(1).Concat(_processes.Take(1)))
        {
            process.Tell(ParentWord.Leave);
            var limit = _clock.Elapsed + ExitTimeout;
            while (!process.HasEnded && _clock.Elapsed < Earlier(limit, _deadline))
                TakeEvent(Earlier(limit, _deadline));
            var code = process.WaitForExit(process.HasEnded ? ExitTimeout : TimeSpan.Zero);
            if (code is null)
                _problems.Add($"{process.Name} did not end");
            else if (code != ExitCode.Ok && process.Failure is null)
                _problems.Add($"{process.Name} ended with exit code {code}");
        }
    }

    private DemoProcess StartProcess(string name, string[] arguments)
    {
        var process = new DemoProcess(name, SelfProcess.Start(arguments), said => _events.TryAdd(said));
        _processes.Add(process);
        return process;
    }

    private void TellAll(ParentWord word)
    {
        foreach (var process in _processes)
            process.Tell(word);
    }

    /// <summary>Waits until every child is that far; at the limit, names those that are not.</summary>
    private bool WaitFor(Func<DemoProcess, bool> isDone, string complaint, TimeSpan limit)
    {
        TakeEventsUntil(isDone, limit);
        if (_aborted)
            return false;
        var late = _processes.FindAll(child => !isDone(child));
        foreach (var process in late)
        {
            var detail = process.Progress is not { } progress ? ""
                : progress.Waiting.Length > 0 ? $" (waits for {progress.Waiting})"
                : process.IsReady ? "" : $" (knows {progress.Known})";
            _problems.Add($"{process.Name} {complaint} within {limit.TotalSeconds:0} s{detail}");
        }

        return late.Count == 0;
    }

    private void TakeEventsUntil(Func<DemoProcess, bool> isDone, TimeSpan limit)
    {
        while (!_aborted && _clock.Elapsed < limit && !_processes.TrueForAll(child => isDone(child)))
            TakeEvent(limit);
    }

    private void TakeEvent(TimeSpan limit)
    {
        var now = _clock.Elapsed;
        var wake = _nextRefresh < limit ? _nextRefresh : limit;
        var wait = (int)Math.Ceiling(Math.Max(0, (wake - now).TotalMilliseconds));
        if (_events.TryTake(out var taken, wait))
            Apply(taken);
        if (_clock.Elapsed < _nextRefresh)
            return;
        _nextRefresh = _clock.Elapsed + RefreshInterval;
        _view.Show(_phase, _clock.Elapsed, _processes);
    }

    private void Apply(DemoEvent taken)
    {
        if (taken.Child is not { } child)
        {
            _problems.Add("interrupted");
            _aborted = true;
            return;
        }

        child.Apply(taken.Line);
        if (taken.Line is ChildLine.Failed failed)
        {
            _problems.Add($"{child.Name}: {failed.Why}");
            _aborted = true;
        }
        else if (taken.Line is null && child.Left is null)
        {
            if (child.Failure is null)
                _problems.Add($"{child.Name} ended too early, with exit code {child.WaitForExit(ExitTimeout)?.ToString(CultureInfo.InvariantCulture) ?? "unknown"}");
            _aborted = true;
        }
    }

    private static TimeSpan Earlier(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
