using System.Runtime.InteropServices;

namespace Peer.Actors.Threads;

/// <summary>The few calls to Linux that .NET has no allocation-free, exception-free form of: waiting for several sockets, and receiving.</summary>
internal static unsafe partial class LibC
{
    public const int WouldBlock = 11;
    public const int Interrupted = 4;
    public const int ConnectionRefused = 111;

    public const int PollIn = 1;
    public const uint EpollIn = 1;
    public const int EpollAdd = 1;
    public const int EpollDelete = 2;
    public const int EpollModify = 3;
    public const int DontWait = 0x40;

    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;

    /// <summary>Whether these calls exist here, with the structures of a 64-bit system.</summary>
    public static bool IsAvailable { get; } = OperatingSystem.IsLinux() && nint.Size == sizeof(long) && BitConverter.IsLittleEndian && Probe();

    /// <summary>Errno of the last call that returned -1.</summary>
    public static int LastError => Marshal.GetLastPInvokeError();

    /// <summary>A counter that epoll and poll can wait for; -1 when the system gives none.</summary>
    public static int NewEvent() => eventfd(0, CloseOnExec | NonBlocking);

    public static int NewEpoll() => epoll_create1(CloseOnExec);

    public static void Signal(int eventDescriptor)
    {
        var one = 1UL;
        _ = write(eventDescriptor, &one, sizeof(ulong));
    }

    public static void Clear(int eventDescriptor)
    {
        ulong counted;
        _ = read(eventDescriptor, &counted, sizeof(ulong));
    }

    /// <summary>Waits until one of two descriptors is readable; true when the second one is.</summary>
    public static bool WaitForEither(int first, int second, int milliseconds)
    {
        // struct pollfd, little-endian: descriptor (4 bytes), events (2), returned events (2).
        var entries = stackalloc ulong[2];
        entries[0] = (uint)first | ((ulong)PollIn << 32);
        entries[1] = (uint)second | ((ulong)PollIn << 32);
        return poll(entries, 2, milliseconds) > 0 && entries[1] >> 48 != 0;
    }

    /// <summary>The structure is packed on x86-64 and nowhere else.</summary>
    public static int EpollControl(int epoll, int operation, int descriptor, uint events)
    {
        var raw = stackalloc byte[16];
        *(uint*)raw = events;
        *(long*)(raw + DataOffset) = descriptor;
        return epoll_ctl(epoll, operation, descriptor, raw);
    }

    /// <summary>Waits and writes the ready descriptors; their number, 0 after the time-out.</summary>
    public static int EpollWait(int epoll, Span<int> ready, int milliseconds)
    {
        var size = DataOffset + sizeof(long);
        var raw = stackalloc byte[ready.Length * 16];
        var count = epoll_wait(epoll, raw, ready.Length, milliseconds);
        for (var i = 0; i < count; i++)
            ready[i] = (int)*(long*)(raw + (i * size) + DataOffset);
        return Math.Max(0, count);
    }

    /// <summary>Receives up to so many datagrams without waiting, as the pinned headers say; -1 with <see cref="LastError"/> when there is none.</summary>
    public static int ReceiveSeveral(SafeHandle socket, byte[] headers, int count)
    {
        fixed (byte* first = headers)
            return recvmmsg(socket, first, (uint)count, DontWait, null);
    }

    public static void Close(int descriptor) => _ = close(descriptor);

    private static int DataOffset => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

    private static bool Probe()
    {
        try
        {
            var probe = NewEvent();
            if (probe < 0)
                return false;
            Close(probe);
            return true;
        }
        catch (Exception missing) when (missing is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint initial, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_ctl(int epoll, int operation, int descriptor, byte* @event);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_wait(int epoll, byte* events, int capacity, int milliseconds);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int poll(ulong* entries, ulong count, int milliseconds);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int recvmmsg(SafeHandle socket, byte* headers, uint count, int flags, void* timeout);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(int descriptor, void* buffer, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int descriptor, void* buffer, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int descriptor);
}
