using System.Net;
using System.Net.Sockets;
using Peer.Tests.Links;

namespace Peer.Tests.Wire;

/// <summary>A datagram that passed the proxy.</summary>
internal sealed record Passed(bool ToServer, byte[] Bytes);

/// <summary>Stands between one client and a server on loopback and does to their datagrams what networks and attackers do. Its own thread sleeps until a datagram or a due time comes.</summary>
internal sealed class UdpProxy : IDisposable
{
    private const int QuietMicroseconds = 200_000;

    private readonly Lock _lock = new();
    private readonly Random _random;
    private readonly IPEndPoint _server;
    private readonly Socket _down = Bind();
    private readonly List<Socket> _retired = [];
    private readonly PriorityQueue<Passed, long> _due = new();
    private readonly List<Passed> _recorded = [];
    private readonly byte[] _buffer = new byte[65_536];
    private readonly Thread _thread;
    private Socket _up = Bind();
    private EndPoint? _client;
    private Func<Passed, bool>? _swallows;
    private volatile bool _stopped;

    public UdpProxy(int serverPort, int seed = 1)
    {
        _random = new Random(seed);
        _server = new IPEndPoint(IPAddress.Loopback, serverPort);
        _thread = new Thread(Run) { IsBackground = true, Name = "udp proxy" };
        _thread.Start();
    }

    public int Port => ((IPEndPoint)_down.LocalEndPoint!).Port;

    /// <summary>What happens to datagrams in both directions; its delay counts from the real arrival.</summary>
    public Weather Weather { get; set; } = new() { Delay = 0 };

    /// <summary>Nothing passes.</summary>
    public bool Silent { get; set; }

    /// <summary>Says of a datagram whether it vanishes; called on the proxy's thread.</summary>
    public Func<Passed, bool>? Swallows
    {
        get => _swallows;
        set
        {
            lock (_lock)
                _swallows = value;
        }
    }

    /// <summary>Everything that came in, as it was sent.</summary>
    public IReadOnlyList<Passed> Recorded
    {
        get
        {
            lock (_lock)
                return [.. _recorded];
        }
    }

    /// <summary>From here on the server sees another source port, and what it sends to the old one is lost.</summary>
    public void Rebind()
    {
        lock (_lock)
        {
            _retired.Add(_up);
            _up = Bind();
        }
    }

    /// <summary>Sends bytes of somebody else's over the client's path to the server.</summary>
    public void SendToServer(byte[] datagram)
    {
        lock (_lock)
            _up.SendTo(datagram, _server);
    }

    /// <summary>Sends bytes of somebody else's to the client as if they came from the server.</summary>
    public void SendToClient(byte[] datagram)
    {
        lock (_lock)
            _down.SendTo(datagram, _client!);
    }

    /// <summary>Sends all of it once more: to the client what was the client's, to the server what was the server's, over the client's path and from somewhere else.</summary>
    public void SendAgain(IEnumerable<Passed> recorded, Stranger elsewhere)
    {
        foreach (var passed in recorded)
        {
            if (!passed.ToServer)
            {
                SendToClient(passed.Bytes);
                continue;
            }

            SendToServer(passed.Bytes);
            elsewhere.Send(passed.Bytes);
        }
    }

    public void Dispose()
    {
        _stopped = true;
        _thread.Join();
        _down.Dispose();
        _up.Dispose();
        foreach (var socket in _retired)
            socket.Dispose();
    }

    private static Socket Bind()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4 << 20, SendBufferSize = 4 << 20 };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private static long Now => System.Diagnostics.Stopwatch.GetTimestamp() / (System.Diagnostics.Stopwatch.Frequency / 1_000_000);

    private void Run()
    {
        while (!_stopped)
        {
            var wait = _due.TryPeek(out _, out var due) ? (int)Math.Clamp(due - Now, 0, QuietMicroseconds) : QuietMicroseconds;
            Socket up;
            lock (_lock)
                up = _up;
            var readable = new List<Socket> { _down, up };
            Socket.Select(readable, null, null, wait);
            lock (_lock)
            {
                if (readable.Contains(_down))
                    Take(_down, toServer: true);
                if (readable.Contains(up) && up == _up)
                    Take(up, toServer: false);
                while (_due.TryPeek(out var passed, out due) && due <= Now)
                {
                    _due.Dequeue();
                    Pass(passed);
                }
            }
        }
    }

    private void Take(Socket socket, bool toServer)
    {
        while (socket.Available > 0)
        {
            EndPoint from = new IPEndPoint(IPAddress.Any, 0);
            var length = socket.ReceiveFrom(_buffer, ref from);
            if (toServer)
                _client = from;
            var passed = new Passed(toServer, _buffer.AsSpan(0, length).ToArray());
            _recorded.Add(passed);
            if (!Silent && _swallows?.Invoke(passed) != true)
                Weathered(passed);
        }
    }

    private void Weathered(Passed passed)
    {
        var copies = _random.NextDouble() < Weather.Repeat ? 2 : 1;
        for (var i = 0; i < copies; i++)
        {
            if (_random.NextDouble() < Weather.Loss)
                continue;
            var bytes = passed.Bytes;
            if (_random.NextDouble() < Weather.Corrupt)
            {
                bytes = [.. bytes];
                bytes[_random.Next(bytes.Length)] ^= (byte)(1 << _random.Next(8));
            }

            var delay = Weather.Delay + (Weather.Jitter > 0 ? _random.NextInt64(Weather.Jitter + 1) : 0);
            if (delay == 0)
                Pass(passed with { Bytes = bytes });
            else
                _due.Enqueue(passed with { Bytes = bytes }, Now + delay);
        }
    }

    private void Pass(Passed passed)
    {
        if (passed.ToServer)
            _up.SendTo(passed.Bytes, _server);
        else if (_client is not null)
            _down.SendTo(passed.Bytes, _client);
    }
}
