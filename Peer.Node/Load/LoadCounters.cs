using HdrHistogram;

namespace Peer.Node.Load;

/// <summary>What all bots of the process do, while they do it.</summary>
internal sealed class LoadCounters
{
    private const long LongestUs = 60_000_000;

    public long Sent;
    public long Interrupted;
    public long Resumed;
    public long Restarted;
    public long Failed;
    public long Lost;

    private long _connected;
    private long _heard;

    /// <summary>Microseconds from saying to hearing, over the room's server.</summary>
    public HistogramBase Latency { get; } = new LongConcurrentHistogram(1, LongestUs, 3);

    /// <summary>Microseconds from asking to being connected.</summary>
    public HistogramBase Joining { get; } = new LongConcurrentHistogram(1, LongestUs, 3);

    /// <summary>Connections made.</summary>
    public long ConnectedCount => Interlocked.Read(ref _connected);

    /// <summary>Messages heard.</summary>
    public long HeardCount => Interlocked.Read(ref _heard);

    public void Connected(TimeSpan after)
    {
        Interlocked.Increment(ref _connected);
        Joining.RecordValue(Micros(after));
    }

    public void Heard(TimeSpan after)
    {
        Interlocked.Increment(ref _heard);
        Latency.RecordValue(Micros(after));
    }

    // A message from another machine has the time of another clock.
    private static long Micros(TimeSpan time) => Math.Clamp((long)time.TotalMicroseconds, 1, LongestUs);
}
