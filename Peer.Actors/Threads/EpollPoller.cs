using Peer.Actors.Transport;

namespace Peer.Actors.Threads;

/// <summary>
/// Linux's epoll, level-triggered, with an event descriptor for signals. Sockets that are lent lie in a set of their own, which is itself watched or not, so that
/// a thousand callers who rest together are one change.
/// </summary>
internal sealed class EpollPoller : SocketPoller
{
    private const int ReadyAtOnce = 64;
    private const int LentAtOnce = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<int, SocketReader> _readers = [];
    private readonly SocketReader[] _ready = new SocketReader[ReadyAtOnce + LentAtOnce];
    private readonly int _epoll = LibC.NewEpoll();
    private readonly int _lent = LibC.NewEpoll();
    private readonly int _signal = LibC.NewEvent();
    private bool _disposed;

    public EpollPoller()
    {
        if (_epoll < 0 || _lent < 0 || _signal < 0
            || LibC.EpollControl(_epoll, LibC.EpollAdd, _signal, LibC.EpollIn) != 0
            || LibC.EpollControl(_epoll, LibC.EpollAdd, _lent, 0) != 0)
            throw new InvalidOperationException($"the system gives no descriptors to wait with (errno {LibC.LastError}); raise the limit of open files");
    }

    public override bool WatchesSockets => true;

    public override void Add(SocketReader reader, bool lent)
    {
        lock (_gate)
        {
            _readers[reader.Descriptor] = reader;
            LibC.EpollControl(lent ? _lent : _epoll, LibC.EpollAdd, reader.Descriptor, LibC.EpollIn);
        }
    }

    public override void Remove(SocketReader reader)
    {
        lock (_gate)
        {
            if (!IsKnown(reader))
                return;
            _readers.Remove(reader.Descriptor);
            if (LibC.EpollControl(_epoll, LibC.EpollDelete, reader.Descriptor, 0) != 0)
                LibC.EpollControl(_lent, LibC.EpollDelete, reader.Descriptor, 0);
        }
    }

    public override IReadOnlyList<SocketReader> All()
    {
        lock (_gate)
            return [.. _readers.Values];
    }

    public override void Lend(SocketReader reader, bool lent)
    {
        lock (_gate)
        {
            if (!IsKnown(reader))
                return;
            LibC.EpollControl(lent ? _epoll : _lent, LibC.EpollDelete, reader.Descriptor, 0);
            LibC.EpollControl(lent ? _lent : _epoll, LibC.EpollAdd, reader.Descriptor, LibC.EpollIn);
        }
    }

    public override void WatchLent(bool watch)
    {
        lock (_gate)
        {
            if (!_disposed)
                LibC.EpollControl(_epoll, LibC.EpollModify, _lent, watch ? LibC.EpollIn : 0);
        }
    }

    public override void MarkLent()
    {
        Span<int> descriptors = stackalloc int[LentAtOnce];
        lock (_gate)
        {
            // Whatever a call reports goes to the end of the system's list, so the next one brings others.
            for (var seen = 0; !_disposed && seen <= _readers.Count; seen += LentAtOnce)
            {
                var count = LibC.EpollWait(_lent, descriptors, 0);
                foreach (var descriptor in descriptors[..count])
                {
                    if (_readers.TryGetValue(descriptor, out var reader))
                        reader.HasInput = true;
                }

                if (count < LentAtOnce)
                    return;
            }
        }
    }

    public override void Signal()
    {
        lock (_gate)
        {
            if (!_disposed)
                LibC.Signal(_signal);
        }
    }

    public override ReadOnlySpan<SocketReader> Wait(int milliseconds)
    {
        Span<int> descriptors = stackalloc int[ReadyAtOnce];
        Span<int> lent = stackalloc int[LentAtOnce];
        var count = LibC.EpollWait(_epoll, descriptors, milliseconds);
        if (count == 0)
            return default;
        lock (_gate)
        {
            var ready = Find(descriptors[..count], _ready);
            if (descriptors[..count].Contains(_signal))
                LibC.Clear(_signal);
            if (descriptors[..count].Contains(_lent))
                ready += Find(lent[..LibC.EpollWait(_lent, lent, 0)], _ready.AsSpan(ready));
            return _ready.AsSpan(0, ready);
        }
    }

    protected override void Dispose(bool disposing)
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            _disposed = true;
            LibC.Close(_signal);
            LibC.Close(_lent);
            LibC.Close(_epoll);
        }
    }

    private bool IsKnown(SocketReader reader) => _readers.TryGetValue(reader.Descriptor, out var current) && current == reader;

    private int Find(ReadOnlySpan<int> descriptors, Span<SocketReader> into)
    {
        var found = 0;
        foreach (var descriptor in descriptors)
        {
            if (_readers.TryGetValue(descriptor, out var reader))
                into[found++] = reader;
        }

        return found;
    }
}
