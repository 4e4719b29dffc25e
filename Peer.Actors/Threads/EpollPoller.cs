namespace Peer.Actors.Threads;

/// <summary>Linux's epoll, level-triggered, with an event descriptor for signals.</summary>
internal sealed class EpollPoller : SocketPoller
{
    private const int ReadyAtOnce = 64;

    private readonly Lock _gate = new();
    private readonly Dictionary<int, SocketReader> _readers = [];
    private readonly SocketReader[] _ready = new SocketReader[ReadyAtOnce];
    private readonly int _epoll = LibC.NewEpoll();
    private readonly int _signal = LibC.NewEvent();
    private bool _disposed;

    public EpollPoller()
    {
        if (_epoll < 0 || _signal < 0 || LibC.EpollControl(_epoll, LibC.EpollAdd, _signal, LibC.EpollIn) != 0)
            throw new InvalidOperationException($"the system gives no descriptors to wait with (errno {LibC.LastError}); raise the limit of open files");
    }

    public override bool WatchesSockets => true;

    public override void Add(SocketReader reader)
    {
        lock (_gate)
        {
            _readers[reader.Descriptor] = reader;
            LibC.EpollControl(_epoll, LibC.EpollAdd, reader.Descriptor, 0);
        }
    }

    public override void Remove(SocketReader reader)
    {
        lock (_gate)
        {
            if (!_readers.TryGetValue(reader.Descriptor, out var current) || current != reader)
                return;
            _readers.Remove(reader.Descriptor);
            LibC.EpollControl(_epoll, LibC.EpollDelete, reader.Descriptor, 0);
        }
    }

    public override void Watch(SocketReader reader, bool watch)
    {
        lock (_gate)
        {
            if (_readers.TryGetValue(reader.Descriptor, out var current) && current == reader)
                LibC.EpollControl(_epoll, LibC.EpollModify, reader.Descriptor, watch ? LibC.EpollIn : 0);
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
        var count = LibC.EpollWait(_epoll, descriptors, milliseconds);
        if (count == 0)
            return default;
        var ready = 0;
        lock (_gate)
        {
            foreach (var descriptor in descriptors[..count])
            {
                if (descriptor == _signal)
                    LibC.Clear(_signal);
                else if (_readers.TryGetValue(descriptor, out var reader))
                    _ready[ready++] = reader;
            }
        }

        return _ready.AsSpan(0, ready);
    }

    protected override void Dispose(bool disposing)
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            _disposed = true;
            LibC.Close(_signal);
            LibC.Close(_epoll);
        }
    }
}
