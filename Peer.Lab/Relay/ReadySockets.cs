using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Peer.Lab.Relay;

/// <summary>Waits for sockets to become readable with a time-out in microseconds, which the framework's own waits round to milliseconds.</summary>
internal sealed class ReadySockets
{
    private const short PollIn = 1;

    private readonly List<Socket> _sockets = [];
    private PollEntry[] _entries = new PollEntry[8];

    public int Count => _sockets.Count;

    public Socket this[int index] => _sockets[index];

    public void Add(Socket socket)
    {
        if (_entries.Length == _sockets.Count)
            Array.Resize(ref _entries, _entries.Length * 2);
        _entries[_sockets.Count] = new PollEntry { Descriptor = (int)socket.Handle, Wanted = PollIn };
        _sockets.Add(socket);
    }

    /// <summary>Puts another socket in the place of one.</summary>
    public void Replace(int index, Socket socket)
    {
        _entries[index] = new PollEntry { Descriptor = (int)socket.Handle, Wanted = PollIn };
        _sockets[index] = socket;
    }

    /// <summary>Takes one out; the last one gets its place.</summary>
    public void RemoveAt(int index)
    {
        var last = _sockets.Count - 1;
        _entries[index] = _entries[last];
        _sockets[index] = _sockets[last];
        _sockets.RemoveAt(last);
    }

    /// <summary>Blocks until a socket is readable or the time is over.</summary>
    public void Wait(long microseconds)
    {
        var time = new TimeSpec { Seconds = (nint)(microseconds / 1_000_000), Nanoseconds = (nint)(microseconds % 1_000_000 * 1_000) };

        // Interrupted, timed out or ready: the loop looks at its clock in any case.
        _ = PPoll(_entries, (nuint)_sockets.Count, time, 0);
    }

    /// <summary>Whether the last wait found the socket readable.</summary>
    public bool IsReady(int index) => _entries[index].Found != 0;

    /// <summary>Takes a datagram; -1 when there is none. The framework's own call throws then, or asks first, for each datagram.</summary>
    /// <param name="index">Which socket.</param>
    /// <param name="buffer">For the datagram.</param>
    /// <param name="from">For the sender's address, as the system writes it.</param>
    public int Receive(int index, byte[] buffer, byte[] from)
    {
        const int doNotWait = 0x40;
        var length = from.Length;
        return (int)ReceiveFrom(_entries[index].Descriptor, buffer, (nuint)buffer.Length, doNotWait, from, ref length);
    }

    /// <summary>Timers of this thread fire when they are due, not up to 50 us later; and it is scheduled before the measured programs, where the system allows that.</summary>
    public static void SharpenThisThread()
    {
        const int setTimerSlack = 29;
        const int priorityOfThread = 0;
        _ = PrCtl(setTimerSlack, 1, 0, 0, 0);
        _ = SetPriority(priorityOfThread, 0, -15);
    }

    [DllImport("libc", EntryPoint = "ppoll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int PPoll([In, Out] PollEntry[] entries, nuint count, in TimeSpec time, nint signalMask);

    [DllImport("libc", EntryPoint = "recvfrom")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint ReceiveFrom(int descriptor, [Out] byte[] buffer, nuint length, int flags, [Out] byte[] address, ref int addressLength);

    [DllImport("libc", EntryPoint = "prctl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int PrCtl(int option, nuint value, nuint unused1, nuint unused2, nuint unused3);

    [DllImport("libc", EntryPoint = "setpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetPriority(int which, int id, int priority);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int Descriptor;
        public short Wanted;
        public short Found;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
