using Peer.Actors.Facade;

namespace Peer.Tests.Facade;

/// <summary>A clock that stands still until it is moved.</summary>
internal sealed class ManualTime : TimeProvider
{
    private long _ticks;

    public int Reads { get; private set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp()
    {
        Reads++;
        return _ticks;
    }

    public void Advance(TimeSpan by) => _ticks += by.Ticks;
}

/// <summary>Waits by moving the clock, as a simulation does, and lets a script act in the meantime.</summary>
internal sealed class ManualWaiter(ManualTime time) : IPollWaiter
{
    public List<TimeSpan> Waits { get; } = [];

    public Action<Inbox>? Meanwhile { get; set; }

    public bool Wait(Inbox inbox, TimeSpan timeout)
    {
        Waits.Add(timeout);
        Meanwhile?.Invoke(inbox);
        if (inbox.Count > 0)
            return true;
        time.Advance(timeout);
        return false;
    }
}
