using Akka.Actor;
using Akka.Event;

namespace Peer.Actors.Transport;

/// <summary>How long a lost socket waits for its next attempt: doubling, and anew after one that has lived for a while.</summary>
internal sealed class RebindPause(TransportSettings settings, IScheduler scheduler)
{
    private TimeSpan _wait = settings.RebindMin;
    private TimeSpan _upSince;

    /// <summary>A socket is up.</summary>
    public void Opened() => _upSince = scheduler.MonotonicClock;

    /// <summary>The socket was lost. One that dies young again and again must not be rebuilt in a tight circle.</summary>
    public void Lost()
    {
        if (scheduler.MonotonicClock - _upSince >= settings.RebindMax) _wait = settings.RebindMin;
    }

    /// <summary>The wait before the next attempt.</summary>
    public TimeSpan Next()
    {
        var wait = _wait;
        _wait = wait + wait < settings.RebindMax ? wait + wait : settings.RebindMax;
        return wait;
    }
}

/// <summary>To a transport, from its timer: try to bind again.</summary>
internal sealed record RebindDue : ITransportMessage, IDeadLetterSuppression
{
    public static RebindDue Instance { get; } = new();
}
