namespace Peer.TestKit;

// Time, and the end of it.
public sealed partial class Simulation
{
    /// <summary>Lets virtual time pass.</summary>
    public void RunFor(TimeSpan time) => RunUntil(static () => false, time);

    /// <summary>Lets virtual time pass until the condition holds; false when it does not within the limit.</summary>
    /// <param name="condition">Asked after each event; it may poll facades.</param>
    /// <param name="limit">Most virtual time to pass.</param>
    public bool RunUntil(Func<bool> condition, TimeSpan limit)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var end = Time.Now + (limit.Ticks / TimeSpan.TicksPerMicrosecond);
        var entered = Work.Enter();
        try
        {
            Work.RunWaiting();
            while (!condition())
            {
                if (Time.Now >= end && _events.NextDue > end)
                    return false;
                _events.Advance(end);
                while (_events.Step(Time.Now))
                    Work.RunWaiting();
            }

            return true;
        }
        finally
        {
            if (entered)
                Work.Leave();
        }
    }

    /// <summary>Plans something for a moment from now.</summary>
    public void After(TimeSpan delay, Action happen) => _events.In(delay.Ticks / TimeSpan.TicksPerMicrosecond, () =>
    {
        if (!_isOver)
            happen();
    });

    /// <summary>Repeats something, first one interval from now, until it returns false.</summary>
    public void Every(TimeSpan interval, Func<bool> happen)
    {
        CheckInterval(interval);
        After(interval, () =>
        {
            if (happen())
                Every(interval, happen);
        });
    }

    /// <summary>An interval of nothing would keep the clock where it is for ever.</summary>
    internal static void CheckInterval(TimeSpan interval) => ArgumentOutOfRangeException.ThrowIfLessThan(interval, TimeSpan.FromMicroseconds(1));

    /// <summary>Pulls the plug: all hosts crash, and the actor system ends. Takes a few seconds of real time at the very most, whatever state things are in.</summary>
    public void Dispose()
    {
        if (_isOver)
            return;
        _isOver = true;
        foreach (var host in _hosts.Values)
            host.Crash();
        var end = System.Terminate();
        for (var tries = 0; tries < 200 && !end.IsCompleted; tries++)
        {
            RunUntil(() => end.IsCompleted, TimeSpan.FromSeconds(1));

            // Akka hands the last steps to the pool.
            end.Wait(TimeSpan.FromMilliseconds(10));
        }
    }
}
