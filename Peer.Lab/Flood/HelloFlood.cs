using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Peer.Lab.Flood;

/// <summary>HELLOs with nonces of their own from many addresses of loopback, at a pace, on a thread of its own. What comes back is never read.</summary>
internal sealed class HelloFlood : IDisposable
{
    private const int Sources = 200;
    private const int BurstEveryMicroseconds = 500;
    private const int SlowPerSecond = 20_000;

    private readonly Socket[] _sockets;
    private readonly byte[] _hello;
    private readonly int _perSecond;
    private readonly Thread _thread;
    private volatile bool _stopped;
    private long _sent;

    /// <param name="serverPort">Port on 127.0.0.1.</param>
    /// <param name="hello">A whole HELLO; its nonce is changed for each datagram.</param>
    /// <param name="perSecond">Datagrams per second; what the machine cannot send is left out, not made up for.</param>
    public HelloFlood(int serverPort, byte[] hello, int perSecond)
    {
        _hello = hello;
        _perSecond = perSecond;
        _sockets = new Socket[Sources];
        for (var i = 0; i < Sources; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4_096, SendBufferSize = 1 << 20 };
            socket.Bind(new IPEndPoint(new IPAddress([127, 1, (byte)(1 + i), 1]), 0));
            socket.Connect(new IPEndPoint(IPAddress.Loopback, serverPort));
            _sockets[i] = socket;
        }

        _thread = new Thread(Run) { IsBackground = true, Name = "flood" };
        _thread.Start();
    }

    /// <summary>Datagrams sent so far.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    public void Dispose()
    {
        _stopped = true;
        _thread.Join();
        foreach (var socket in _sockets)
            socket.Dispose();
    }

    private void Run()
    {
        var watch = Stopwatch.StartNew();
        var number = 0L;
        var due = 0.0;
        while (!_stopped)
        {
            var now = watch.Elapsed.TotalMicroseconds;
            if (now < due)
            {
                // A slow flood leaves the processor to others; a fast one cannot afford to oversleep.
                if (_perSecond <= SlowPerSecond)
                    Thread.Sleep(1);
                else
                    Thread.SpinWait(50);
                continue;
            }

            due = Math.Max(due + BurstEveryMicroseconds, now - (10 * BurstEveryMicroseconds));
            for (var burst = _perSecond * (long)BurstEveryMicroseconds / 1_000_000; burst > 0 && !_stopped; burst--, number++)
            {
                BinaryPrimitives.WriteInt64LittleEndian(_hello.AsSpan(10), number);
                try
                {
                    _sockets[number % Sources].Send(_hello);
                    Interlocked.Increment(ref _sent);
                }
                catch (SocketException)
                {
                    // A full buffer on the way: the datagram is lost, as on a network.
                }
            }
        }
    }
}
