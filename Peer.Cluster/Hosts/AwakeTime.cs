using Peer.Actors;

namespace Peer.Cluster.Hosts;

/// <summary>
/// The time for which a host has been awake, by which it keeps its deadlines: from one beat to the next no more than an interval passes. After a pause of the process the beat comes before the
/// answers that have waited meanwhile, and Akka makes up for all beats that were missed, at once: so neither the clock nor a count of beats tells who was silent.
/// </summary>
/// <param name="clock">The real time.</param>
/// <param name="interval">How often the host has a beat.</param>
internal sealed class AwakeTime(Clock clock, TimeSpan interval)
{
    private readonly long _most = Clock.Micros(interval);
    private long _before;
    private long _lastBeat = clock.Now;

    /// <summary>Microseconds.</summary>
    public long Now => At(clock.Now);

    /// <summary>The host has a beat.</summary>
    /// <returns>The time, in microseconds.</returns>
    public long Beat()
    {
        var now = clock.Now;
        _before = At(now);
        _lastBeat = now;
        return _before;
    }

    private long At(long now) => _before + Math.Min(now - _lastBeat, _most);
}
