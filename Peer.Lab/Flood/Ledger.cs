using System.Diagnostics;
using Peer.Actors;
using Peer.Protocol;

namespace Peer.Lab.Flood;

/// <summary>Who has sent which number to whom, and what has arrived: each client and the server count at one another.</summary>
internal sealed class Ledger : IDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);

    private readonly ActorMultiplayerPeer _server;
    private readonly List<Line> _lines = [];
    private readonly Dictionary<int, Line> _byId = [];
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private TimeSpan _next;
    private bool _stopped;

    public Ledger(ActorMultiplayerPeer server)
    {
        _server = server;
        server.PeerDisconnected += _ => Disconnected++;
    }

    public long Sent => _lines.Sum(line => line.Up.Sent + line.Down.Sent);

    public long Lost => _lines.Sum(line => line.Up.Sent - line.Up.Arrived + line.Down.Sent - line.Down.Arrived);

    public int OutOfOrder { get; private set; }

    public int Disconnected { get; private set; }

    public bool AllArrived => Lost == 0;

    public bool AllConnected => _lines.TrueForAll(line => line.Client.GetConnectionStatus() == ConnectionStatus.Connected);

    public void Join(ActorMultiplayerPeer client, int port)
    {
        client.CreateClient("127.0.0.1", port);
        _lines.Add(new Line(client));
    }

    /// <summary>No more messages.</summary>
    public void Stop() => _stopped = true;

    public void RunUntil(Func<bool> condition, TimeSpan limit)
    {
        var end = _watch.Elapsed + limit;
        while (!condition() && _watch.Elapsed < end)
        {
            if (!_stopped && _watch.Elapsed >= _next)
            {
                _next = _watch.Elapsed + Pace;
                Say();
            }

            _server.Poll(TimeSpan.FromMilliseconds(1));
            Read(_server);
            foreach (var line in _lines)
            {
                line.Client.Poll(TimeSpan.Zero);
                Read(line.Client);
            }
        }
    }

    public void Dispose()
    {
        foreach (var line in _lines)
            line.Client.Dispose();
    }

    private void Say()
    {
        foreach (var line in _lines)
        {
            var id = line.Client.GetUniqueId();
            if (line.Client.GetConnectionStatus() != ConnectionStatus.Connected)
                continue;
            _byId[id] = line;
            line.Client.SetTargetPeer(MultiplayerPeer.TargetPeerServer);
            if (line.Client.PutPacket(BitConverter.GetBytes(line.Up.Sent)) == Error.Ok)
                line.Up.Sent++;
            _server.SetTargetPeer(id);
            if (_server.PutPacket(BitConverter.GetBytes(line.Down.Sent)) == Error.Ok)
                line.Down.Sent++;
        }
    }

    private void Read(ActorMultiplayerPeer peer)
    {
        while (peer.TryGetPacket(out var packet))
        {
            var way = peer == _server ? _byId[packet.Peer].Up : _lines.First(line => line.Client == peer).Down;
            if (BitConverter.ToInt64(packet.Payload.Span) != way.Arrived)
                OutOfOrder++;
            way.Arrived++;
        }
    }

    private sealed class Way
    {
        public long Sent { get; set; }

        public long Arrived { get; set; }
    }

    private sealed class Line(ActorMultiplayerPeer client)
    {
        public ActorMultiplayerPeer Client { get; } = client;

        public Way Up { get; } = new();

        public Way Down { get; } = new();
    }
}
