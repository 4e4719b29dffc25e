using Peer.TestKit.Time;

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
    public void After(TimeSpan delay, Action happen) => Plan(delay, () => UnlessOver(happen));

    /// <summary>Repeats something, first one interval from now, until it returns false.</summary>
    /// <param name="interval">A microsecond or more.</param>
    /// <param name="happen">What happens; false ends it.</param>
    public void Every(TimeSpan interval, Func<bool> happen) => Repeat(interval, happen, UnlessOver);

    internal void Plan(TimeSpan delay, Action happen) => _events.In(delay.Ticks / TimeSpan.TicksPerMicrosecond, happen);

    internal void Repeat(TimeSpan interval, Func<bool> happen, Action<Action> guard) => _ = new Repetition(_events, interval, happen, guard);

    private void UnlessOver(Action happen)
    {
        if (!_isOver)
            happen();
    }

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
            RunOut(end);

            // Akka hands the last steps to the pool.
            end.Wait(TimeSpan.FromMilliseconds(10));
        }
    }

    private void RunOut(Task end)
    {
        try
        {
            RunUntil(() => end.IsCompleted, TimeSpan.FromSeconds(1));
        }
        catch (Exception) when (_isOver)
        {
            // A timer of the user's own that throws, after the test has had its say: it must not keep the rest from ending, nor hide why the test failed.
        }
    }
}
