using System.Net;
using System.Net.Sockets;

namespace Peer.Tests.Stories;

/// <summary>Stands between one client and a server and forwards datagrams while it is open: the plainest way to cut a cable.</summary>
internal sealed class Gate : IDisposable
{
    private readonly Socket _front = Bound();
    private readonly Socket _back = Bound();
    private readonly EndPoint _server;
    private readonly Thread[] _threads;
    private EndPoint? _client;
    private volatile bool _open = true;
    private volatile bool _over;
    private int _openings;

    public Gate(int serverPort)
    {
        _server = new IPEndPoint(IPAddress.Loopback, serverPort);
        _threads = [new Thread(() => Forward(_front, _back, fromClient: true)), new Thread(() => Forward(_back, _front, fromClient: false))];
        foreach (var thread in _threads)
            thread.Start();
    }

    public int Port => ((IPEndPoint)_front.LocalEndPoint!).Port;

    public bool IsOpen
    {
        get => _open;
        set
        {
            if (!value || _open)
            {
                _open = value;
                return;
            }

            // What came while it was closed may lie there unread: in each queue a mark tells it from what comes now.
            Volatile.Write(ref _openings, _openings + 1);
            _open = true;
            var mark = BitConverter.GetBytes(_openings);
            _front.SendTo(mark, _back.LocalEndPoint!);
            _back.SendTo(mark, _front.LocalEndPoint!);
        }
    }

    public void Dispose()
    {
        _over = true;
        foreach (var thread in _threads)
            thread.Join();
        _front.Dispose();
        _back.Dispose();
    }

    private static Socket Bound()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 50, ReceiveBufferSize = 4 << 20 };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private void Forward(Socket from, Socket to, bool fromClient)
    {
        var buffer = new byte[65_536];
        var marker = to.LocalEndPoint!;
        var opening = 0;
        while (!_over)
        {
            EndPoint sender = new IPEndPoint(IPAddress.Any, 0);
            int length;
            try
            {
                length = from.ReceiveFrom(buffer, ref sender);
            }
            catch (SocketException)
            {
                continue;
            }

            if (sender.Equals(marker))
            {
                opening = BitConverter.ToInt32(buffer);
                continue;
            }

            if (fromClient)
                Volatile.Write(ref _client, sender);
            if (_open && opening == Volatile.Read(ref _openings) && (fromClient ? _server : Volatile.Read(ref _client)) is { } target)
                to.SendTo(buffer.AsSpan(0, length), target);
        }
    }
}
