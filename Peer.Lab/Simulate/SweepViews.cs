using System.Globalization;
using Spectre.Console;

namespace Peer.Lab.Simulate;

/// <summary>A plain line every few seconds, where there is no terminal to draw on.</summary>
internal sealed class SweepLines(TextWriter output) : ISweepView
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    private TimeSpan _next = Interval;

    public void Show(SweepProgress progress)
    {
        if (progress.Wall < _next)
            return;
        _next = progress.Wall + Interval;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{progress.Wall.TotalSeconds,6:0.0} s  {progress}"));
    }
}

/// <summary>A bar on a terminal.</summary>
internal sealed class SweepBar : ISweepView
{
    private readonly ProgressTask _task;

    private SweepBar(ProgressTask task) => _task = task;

    /// <summary>Shows the bar while the sweep runs.</summary>
    public static SweepReport Around(IAnsiConsole terminal, Func<ISweepView, SweepReport> run) => terminal.Progress()
        .AutoClear(true)
        .Columns(new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
        .Start(context => run(new SweepBar(context.AddTask("starting"))));

    public void Show(SweepProgress progress)
    {
        _task.MaxValue = progress.Total;
        _task.Value = progress.Done;
        _task.Description = Markup.Escape(progress.ToString());
    }
}
