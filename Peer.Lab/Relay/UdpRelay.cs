using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Peer.TestKit;

namespace Peer.Lab.Relay;

/// <summary>
/// Stands between clients and a server on loopback and impairs what passes. Each client address gets a socket of its own toward the
/// server, so the server tells them apart. One thread does everything, because two threads handing datagrams over would add the very noise that is to be kept out.
/// </summary>
internal sealed class UdpRelay : IDisposable
{
    private const int LongestDatagram = 65_535;
    private const int BufferBytes = 8 << 20;
    private const int MostFlows = 4_096;
    private const int AtATime = 64;
    private const long LongestWait = 100_000;
    private const long ForgottenAfter = 60_000_000;
    private const long ForgetInterval = 5_000_000;
    private const long ActiveWithin = 3_000_000;

    private readonly IPEndPoint _server;
    private readonly RelayDirection _there;
    private readonly RelayDirection _back;
    private readonly Socket _front;
    private readonly ReadySockets _ready = new();
    private readonly Dictionary<SocketAddress, int> _flows = [];
    private readonly List<SocketAddress?> _clients = [null];
    private readonly List<long> _usedAt = [0];
    private readonly ConcurrentQueue<(int Flows, ulong Seed)> _moves = new();
    private long _forgetAt;
    private readonly Departures _departures = new();
    private readonly SocketAddress _from = new(AddressFamily.InterNetwork);
    private readonly byte[] _fromBytes = new byte[SocketAddress.GetMaximumAddressSize(AddressFamily.InterNetwork)];
    private readonly byte[] _buffer = new byte[LongestDatagram];
    private readonly Thread _thread;
    private readonly Lock _counting = new();
    private (RelayCounts There, RelayCounts Back) _counts;
    private volatile bool _stopping;

    /// <param name="server">Where clients' datagrams go; on loopback.</param>
    /// <param name="there">What happens to them.</param>
    /// <param name="back">What happens to the server's.</param>
    /// <param name="port">Port to listen on, on 127.0.0.1; 0 for any.</param>
    public UdpRelay(IPEndPoint server, RelayShape there, RelayShape back, int port = 0)
    {
        if (!IPAddress.IsLoopback(server.Address))
            throw new ArgumentException("The relay works on loopback only.", nameof(server));
        _server = server;
        _there = new RelayDirection(there);
        _back = new RelayDirection(back);
        _front = NewSocket();
        _front.Bind(new IPEndPoint(IPAddress.Loopback, port));
        _ready.Add(_front);
        _thread = new Thread(Run) { IsBackground = true, Name = "relay" };
        _thread.Start();
    }

    /// <summary>Where clients find the server.</summary>
    public int Port => ((IPEndPoint)_front.LocalEndPoint!).Port;

    /// <summary>What has passed each way.</summary>
    public (RelayCounts There, RelayCounts Back) Counts
    {
        get
        {
            lock (_counting)
                return _counts;
        }
    }

    /// <summary>Lets so many of the flows that are in use reach the server from another port from now on, as a NAT does that forgets; chosen by chance.</summary>
    public void Move(int flows, ulong seed) => _moves.Enqueue((flows, seed));

    public void Dispose()
    {
        _stopping = true;
        _thread.Join();
        for (var i = 0; i < _ready.Count; i++)
            _ready[i].Dispose();
    }

    private static Socket NewSocket()
    {
        const int socketLevel = 1;
        const int forceReceiveBuffer = 33;
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)
        {
            Blocking = false, ReceiveBufferSize = BufferBytes, SendBufferSize = BufferBytes,
        };
        try
        {
            socket.SetRawSocketOption(socketLevel, forceReceiveBuffer, BitConverter.GetBytes(BufferBytes));
        }
        catch (SocketException)
        {
            // Only root may go beyond the system's limit; what is allowed is enough for most.
        }

        return socket;
    }

    private static long Now => (long)(Stopwatch.GetTimestamp() * (1e6 / Stopwatch.Frequency));

    private void Run()
    {
        ReadySockets.SharpenThisThread();
        while (!_stopping)
        {
            _departures.Leave(Now);
            while (_moves.TryDequeue(out var move))
                MoveFlows(move.Flows, new SeededSource(move.Seed));
            if (Now >= _forgetAt)
                ForgetFlows();
            var wait = Math.Min(_departures.NextAt - Now, LongestWait);
            _ready.Wait(Math.Max(0, wait));
            var count = _ready.Count;
            for (var i = 0; i < count; i++)
            {
                if (_ready.IsReady(i))
                    Receive(i);
            }

            lock (_counting)
                _counts = (_there.Counts, _back.Counts);
        }
    }

    private void Receive(int index)
    {
        for (var i = 0; i < AtATime; i++)
        {
            var length = _ready.Receive(index, _buffer, _fromBytes);
            if (length < 0)
                return;
            if (index > 0)
            {
                Pass(_back, length, _front, _clients[index]);
                continue;
            }

            _fromBytes.CopyTo(_from.Buffer);
            Pass(_there, length, FlowOf(_from), null);
        }
    }

    private void Pass(RelayDirection direction, int length, Socket? through, SocketAddress? to)
    {
        Span<long> leaveAt = stackalloc long[2];
        var copies = direction.Admit(length, Now, leaveAt);
        for (var i = 0; through is not null && i < copies; i++)
            _departures.Add(_buffer.AsSpan(0, length), leaveAt[i], through, to);
    }

    private Socket? FlowOf(SocketAddress client)
    {
        if (_flows.TryGetValue(client, out var index))
        {
            _usedAt[index] = Now;
            return _ready[index];
        }

        if (_flows.Count == MostFlows)
            return null;
        var key = new SocketAddress(client.Family, client.Size);
        client.Buffer.Span[..client.Size].CopyTo(key.Buffer.Span);
        var socket = ToServer();
        _flows.Add(key, _ready.Count);
        _clients.Add(key);
        _usedAt.Add(Now);
        _ready.Add(socket);
        return socket;
    }

    private Socket ToServer()
    {
        var socket = NewSocket();
        socket.Connect(_server);
        return socket;
    }

    private void MoveFlows(int flows, SeededSource random)
    {
        var active = Enumerable.Range(1, _ready.Count - 1).Where(index => Now - _usedAt[index] < ActiveWithin).ToList();
        for (; flows > 0 && active.Count > 0; flows--)
        {
            var index = active[random.Below(active.Count)];
            active.Remove(index);
            var old = _ready[index];
            _ready.Replace(index, ToServer());
            old.Dispose();
        }
    }

    private void ForgetFlows()
    {
        _forgetAt = Now + ForgetInterval;
        for (var index = _ready.Count - 1; index > 0; index--)
        {
            if (Now - _usedAt[index] < ForgottenAfter)
                continue;
            _ready[index].Dispose();
            _ready.RemoveAt(index);
            _flows.Remove(_clients[index]!);
            var last = _clients.Count - 1;
            (_clients[index], _usedAt[index]) = (_clients[last], _usedAt[last]);
            _clients.RemoveAt(last);
            _usedAt.RemoveAt(last);
            if (index < last)
                _flows[_clients[index]!] = index;
        }
    }
}
