using Peer.Actors.Transport;

namespace Peer.Actors.Threads;

/// <summary>What a strand's thread waits in: until a socket has something, somebody signals, or the time is over.</summary>
internal abstract class SocketPoller : IDisposable
{
    /// <summary>Whether sockets can be watched here; otherwise they are read through Akka.IO.</summary>
    public abstract bool WatchesSockets { get; }

    public static SocketPoller Create() => LibC.IsAvailable ? new EpollPoller() : new SignalPoller();

    /// <summary>Adds a reader's socket: watched, or lent to a caller.</summary>
    public abstract void Add(SocketReader reader, bool lent);

    /// <summary>Takes it out; call before the socket is closed.</summary>
    public abstract void Remove(SocketReader reader);

    /// <summary>All readers, watched and lent.</summary>
    public abstract IReadOnlyList<SocketReader> All();

    /// <summary>A watched socket ends the wait when it has something; one that is lent to a caller only while <see cref="WatchLent"/> says so.</summary>
    public abstract void Lend(SocketReader reader, bool lent);

    /// <summary>Whether the sockets that are lent are watched as well: their callers rest. One call, however many they are.</summary>
    public abstract void WatchLent(bool watch);

    /// <summary>Marks the lent sockets that have something just now.</summary>
    public abstract void MarkLent();

    /// <summary>Ends the wait of the thread, or its next one.</summary>
    public abstract void Signal();

    /// <param name="milliseconds">-1 for as long as nothing happens.</param>
    /// <returns>Readers that have something; valid until the next call.</returns>
    public abstract ReadOnlySpan<SocketReader> Wait(int milliseconds);

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}

/// <summary>Without a system call for sockets: the thread only waits to be signalled.</summary>
internal sealed class SignalPoller : SocketPoller
{
    private readonly AutoResetEvent _signal = new(false);

    public override bool WatchesSockets => false;

    public override void Add(SocketReader reader, bool lent) => throw new NotSupportedException("sockets cannot be watched on this system");

    public override void Remove(SocketReader reader)
    {
        // There is none.
    }

    public override IReadOnlyList<SocketReader> All() => [];

    public override void Lend(SocketReader reader, bool lent)
    {
        // There is none.
    }

    public override void WatchLent(bool watch)
    {
        // There is none.
    }

    public override void MarkLent()
    {
        // There is none.
    }

    public override void Signal() => _signal.Set();

    public override ReadOnlySpan<SocketReader> Wait(int milliseconds)
    {
        _signal.WaitOne(milliseconds);
        return default;
    }

    protected override void Dispose(bool disposing) => _signal.Dispose();
}
