namespace Peer.TestKit.Time;

/// <summary>What is due when; events of one instant happen in the order in which they were planned.</summary>
internal sealed class EventQueue(VirtualTime time)
{
    private readonly PriorityQueue<Action, (long Due, long Order)> _events = new();
    private long _order;

    public VirtualTime Time => time;

    /// <summary>Events that happened.</summary>
    public long Happened { get; private set; }

    /// <summary>When the next event is due; <see cref="long.MaxValue"/> when there is none.</summary>
    public long NextDue => _events.TryPeek(out _, out var next) ? next.Due : long.MaxValue;

    /// <summary>Plans an event. One planned for the past happens next.</summary>
    public void At(long due, Action happen) => _events.Enqueue(happen, (Math.Max(due, time.Now), _order++));

    public void In(long delay, Action happen) => At(time.Now + delay, happen);

    /// <summary>Lets the next event happen, unless it is due later than the limit; false when nothing happened.</summary>
    public bool Step(long limit)
    {
        if (NextDue > limit)
            return false;
        var happen = _events.Dequeue();
        Happened++;
        happen();
        return true;
    }

    /// <summary>Moves the clock to the next event, or to the limit.</summary>
    public void Advance(long limit) => time.MoveTo(Math.Min(NextDue, limit));
}
