using System.Globalization;
using Spectre.Console;

namespace Peer.Node.Load;

/// <summary>Shows a load while it runs.</summary>
internal interface ILoadView
{
    /// <summary>Called a few times a second.</summary>
    void Show(string phase, TimeSpan elapsed, LoadOptions options, LoadCounters counters);
}

/// <summary>One plain line a second, where there is no terminal to draw on.</summary>
internal sealed class LoadLines(TextWriter output) : ILoadView
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private TimeSpan _next;

    public void Show(string phase, TimeSpan elapsed, LoadOptions options, LoadCounters counters)
    {
        if (elapsed < _next)
            return;
        _next = elapsed + Interval;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{elapsed.TotalSeconds,5:0.0} s  {phase}: {counters.ConnectedCount - counters.Lost} of {options.Bots} bots in, {counters.Interrupted - counters.Resumed - counters.Restarted} away, {counters.Sent} sent, {counters.HeardCount} heard, p99 {LoadReport.At(counters.Latency, 99):0.0} ms"));
    }
}

/// <summary>A bar that fills, and figures beside it.</summary>
internal sealed class LoadBar : ILoadView
{
    private readonly ProgressTask _joining;
    private readonly ProgressTask _talking;
    private readonly ProgressTask _figures;

    public LoadBar(ProgressContext context, LoadOptions options)
    {
        _joining = context.AddTask("joining", maxValue: options.Bots);
        _talking = context.AddTask("talking", autoStart: false, maxValue: options.Duration.TotalSeconds);
        _figures = context.AddTask("-", maxValue: 1);
    }

    private TimeSpan _began;

    public void Show(string phase, TimeSpan elapsed, LoadOptions options, LoadCounters counters)
    {
        _joining.Value = Math.Min(options.Bots, counters.ConnectedCount);
        if (phase == "talking" && !_talking.IsStarted)
        {
            _began = elapsed;
            _talking.StartTask();
        }

        _talking.Value = phase switch { "joining" => 0, "talking" => (elapsed - _began).TotalSeconds, _ => _talking.MaxValue };
        _figures.IsIndeterminate = phase == "listening";
        _figures.Description = string.Create(
            CultureInfo.InvariantCulture, $"{counters.Sent} sent, {counters.HeardCount} heard, p50 {LoadReport.At(counters.Latency, 50):0.0} ms, p99 {LoadReport.At(counters.Latency, 99):0.0} ms");
    }
}
