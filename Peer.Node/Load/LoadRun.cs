using System.Diagnostics;
using Akka.Actor;
using Akka.Configuration;
using Peer.Actors;

namespace Peer.Node.Load;

/// <summary>Bots join, talk, listen until all has arrived, leave and hand in their books.</summary>
internal sealed class LoadRun(LoadOptions options, ILoadView view, TerminationSignals signals)
{
    private const double JoinsPerSecond = 200;

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan JoinPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LeastQuiet = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan SettlePatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LeavePatience = TimeSpan.FromSeconds(20);

    private readonly LoadCounters _counters = new();
    private readonly Stopwatch _watch = Stopwatch.StartNew();

    public LoadReport Run()
    {
        var done = new TaskCompletionSource<IReadOnlyList<BotBook>>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var system = ActorSystem.Create("load", options.Config.WithFallback(Own).WithFallback(ActorPeer.DefaultConfig));

        // Akka starts its scheduler when it is first used, with the help of the thread pool: bots that use it first, all at once, would take all its threads to wait there.
        system.Scheduler.Advanced.ScheduleOnce(TimeSpan.Zero, () => { });
        var quiet = QuietOf(system);
        var crowd = system.ActorOf(Props.Create(() => new LoadCrowd(Plans(), _counters, done)), "crowd");

        var ramp = TimeSpan.FromSeconds(options.Bots / JoinsPerSecond);
        Pass("joining", ramp + JoinPatience, () => signals.Raised || _counters.ConnectedCount >= options.Bots);
        var joined = _counters.ConnectedCount;
        var began = _watch.Elapsed;
        Pass("talking", options.Duration, () => signals.Raised);
        var talked = _watch.Elapsed - began;
        crowd.Tell(Bot.FallSilent.Instance);
        Settle(quiet);
        crowd.Tell(Bot.GoHome.Instance);
        var books = done.Task.Wait(LeavePatience) ? done.Task.Result : [];
        system.Terminate().Wait(LeavePatience);
        if (options.Books is { } file)
            LoadBooks.Write(file, books);
        return new LoadReport(options, joined, talked, _counters, books, LedgerCheck.Of(books), Environment.CpuUsage.TotalTime);
    }

    private static Config Own => ConfigurationFactory.ParseString("""
        akka.scheduler.tick-duration = 10ms
        akka.coordinated-shutdown.run-by-clr-shutdown-hook = off
        """);

    private List<BotPlan> Plans() =>
    [
        .. Enumerable.Range(0, options.Bots).Select(at => new BotPlan(
            options.FirstBot + at,
            options.RoomOf(options.FirstBot + at),
            options.Servers,
            options.Rate,
            options.Size,
            options.Mix,
            HashCode.Combine(options.Seed, options.FirstBot + at),
            TimeSpan.FromSeconds(at / JoinsPerSecond))),
    ];

    /// <summary>A server that says nothing for less than its clients' idle time-out may go on where it was; after that they say that they are away.</summary>
    private static TimeSpan QuietOf(ActorSystem system)
    {
        // What is wrong with a setting is said there.
        _ = ActorPeer.Get(system);
        var idle = system.Settings.Config.GetTimeSpan("actorpeer.connection.idle-timeout");
        return idle > LeastQuiet ? idle : LeastQuiet;
    }

    /// <summary>Until nothing has arrived for a while, and nobody is on the way back.</summary>
    private void Settle(TimeSpan quiet)
    {
        var (heard, since) = (_counters.HeardCount, _watch.Elapsed);
        Pass("listening", SettlePatience, () =>
        {
            var away = Interlocked.Read(ref _counters.Interrupted) - Interlocked.Read(ref _counters.Resumed) - Interlocked.Read(ref _counters.Restarted) - Interlocked.Read(ref _counters.Lost);
            if (_counters.HeardCount != heard || away > 0)
                (heard, since) = (_counters.HeardCount, _watch.Elapsed);
            return _watch.Elapsed - since > quiet;
        });
    }

    private void Pass(string phase, TimeSpan atMost, Func<bool> isOver)
    {
        var until = _watch.Elapsed + atMost;
        while (_watch.Elapsed < until && !isOver())
        {
            view.Show(phase, _watch.Elapsed, options, _counters);
            Thread.Sleep(Step);
        }
    }
}
