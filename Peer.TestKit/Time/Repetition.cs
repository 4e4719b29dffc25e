namespace Peer.TestKit.Time;

/// <summary>Something that happens again and again until it says that it is done; one object for all its beats, for there are many.</summary>
internal sealed class Repetition
{
    private readonly EventQueue _events;
    private readonly long _interval;
    private readonly Func<bool> _happen;
    private readonly Action<Action> _guard;
    private readonly Action _due;
    private readonly Action _beat;

    /// <summary>Begins one interval from now.</summary>
    /// <param name="events">The queue.</param>
    /// <param name="interval">A microsecond or more: nothing at all would keep the clock where it is for ever.</param>
    /// <param name="happen">What happens; false ends it.</param>
    /// <param name="guard">Lets a beat happen, now, later or never.</param>
    public Repetition(EventQueue events, TimeSpan interval, Func<bool> happen, Action<Action> guard)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(interval, TimeSpan.FromMicroseconds(1));
        ArgumentNullException.ThrowIfNull(happen);
        _events = events;
        _interval = interval.Ticks / TimeSpan.TicksPerMicrosecond;
        _happen = happen;
        _guard = guard;
        _due = () => _guard(_beat!);
        _beat = Beat;
        _events.In(_interval, _due);
    }

    private void Beat()
    {
        if (_happen())
            _events.In(_interval, _due);
    }
}
