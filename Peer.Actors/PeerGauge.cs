using Peer.Protocol;

namespace Peer.Actors;

/// <summary>What a thread outside the actors may read of a connection without asking it: how full its queue is, and its statistics.</summary>
internal sealed class PeerGauge(long limitBytes)
{
    private long _queued;
    private long _notices;
    private PeerStatistics _statistics = PeerStatistics.Empty;

    /// <summary>Most bytes that may wait for this peer.</summary>
    public long LimitBytes { get; } = limitBytes;

    /// <summary>Bytes handed to the connection and not yet acknowledged, or not yet sent for unreliable modes.</summary>
    public long QueuedBytes => Interlocked.Read(ref _queued);

    /// <summary>
    /// Control messages, and marks of who has left, that the connection has and the peer has not acknowledged. They are charged to nobody's queue: no caller sent them.
    /// </summary>
    public long Notices => Interlocked.Read(ref _notices);

    /// <summary>The newest statistics that the connection published.</summary>
    public PeerStatistics Statistics
    {
        get => Volatile.Read(ref _statistics);
        set => Volatile.Write(ref _statistics, value);
    }

    /// <summary>Counts bytes in.</summary>
    public void Add(long bytes) => Interlocked.Add(ref _queued, bytes);

    /// <summary>Counts bytes out.</summary>
    public void Remove(long bytes) => Interlocked.Add(ref _queued, -bytes);

    /// <summary>Counts notices in, or out when negative.</summary>
    public void CountNotices(long change) => Interlocked.Add(ref _notices, change);
}
