using System.Diagnostics;
using Akka.Actor;
using Peer.Actors;
using Peer.Protocol;
using Peer.TestKit;

namespace Peer.Lab.Soak;

/// <summary>One client over all its sessions: joins, talks with its server and with other clients, leaves, and joins again after whatever happened.</summary>
internal sealed class SoakClient : IDisposable
{
    private static readonly TimeSpan LongestFlush = TimeSpan.FromSeconds(4);

    private const int RelayChannel = 2;
    private const int OrderedChannel = 1;
    private const int RelayEvery = 4;

    private readonly ActorSystem _system;
    private readonly SoakChild _child;
    private readonly SeededSource _random;
    private readonly int _port;
    private readonly List<int> _others = [];

    /// <summary>Who has left, and how: what they had said lies in the queue and is taken first.</summary>
    private readonly List<(int Peer, StreamState Received)> _over = [];
    private ActorMultiplayerPeer? _peer;
    private Streams _streams;
    private double _joinAt;
    private double _sayAt;
    private long _said;
    private long _ordered;

    public SoakClient(ActorSystem system, SoakChild child, SeededSource random, int port)
    {
        _system = system;
        _child = child;
        _random = random;
        _port = port;
        _streams = new Streams(child, random);
        _joinAt = random.Fraction();
    }

    public bool IsConnected => _peer?.GetConnectionStatus() == ConnectionStatus.Connected;

    /// <summary>No new sessions and no new messages.</summary>
    public bool IsStopped { get; set; }

    /// <summary>Says good-bye; everything that it has said must have arrived then.</summary>
    public void Leave(double now)
    {
        if (!IsConnected)
            return;
        var started = Stopwatch.GetTimestamp();
        End(now + 1 + (3 * _random.Fraction()));

        // A good-bye waits for what is on its way, but not without end: a process that was frozen meanwhile has promised nothing.
        _streams.EndAll(Stopwatch.GetElapsedTime(started) < LongestFlush ? StreamState.Closed : StreamState.Severed, StreamState.Severed);
    }

    public void Work(double now, double rate)
    {
        if (_peer is null)
        {
            if (!IsStopped && now >= _joinAt)
                Join();
            return;
        }

        _peer.Poll(TimeSpan.Zero);
        while (_peer.TryGetPacket(out var packet))
            _streams.Take(packet.Peer, packet.Mode, packet.Payload.Span);
        foreach (var (other, received) in _over)
            _streams.End(other, StreamState.Severed, received);
        _over.Clear();
        if (_peer.GetConnectionStatus() == ConnectionStatus.Disconnected)
        {
            _streams.EndAll(StreamState.Severed, StreamState.Severed);
            End(now + 0.5 + _random.Fraction());
            return;
        }

        if (IsStopped || !IsConnected || now < _sayAt)
            return;
        _sayAt = Math.Max(_sayAt, now - 1) + (1 / rate);
        Say();
    }

    public void TellOpen() => _streams.TellOpen();

    public void Dispose() => _peer?.Dispose();

    private void Join()
    {
        var peer = new ActorMultiplayerPeer(_system);
        peer.PeerConnected += other =>
        {
            if (other != MultiplayerPeer.TargetPeerServer)
                _others.Add(other);
        };
        peer.PeerDisconnected += other =>
        {
            _others.Remove(other);

            // What a relayed peer has said reliably has been told before; what was said to it is lost with it.
            _over.Add((other, peer.LastDisconnect.Reason == DisconnectReason.Closed ? StreamState.Closed : StreamState.Severed));
        };
        _peer = peer;
        _streams = new Streams(_child, _random);
        peer.CreateClient("127.0.0.1", _port, new ClientOptions { BindAddress = "127.0.0.1" });
    }

    private void Say()
    {
        var peer = _peer!;
        peer.TransferMode = TransferMode.Reliable;
        peer.TransferChannel = 0;
        peer.SetTargetPeer(MultiplayerPeer.TargetPeerServer);
        _streams.Put(MultiplayerPeer.TargetPeerServer, peer.PutPacket);
        _said++;
        if (_said % RelayEvery == 0 && _others.Count > 0)
        {
            // One partner for a session as long as he is there, so that the stream has some length.
            var other = _others[0];
            peer.TransferChannel = RelayChannel;
            peer.SetTargetPeer(other);
            _streams.Put(other, peer.PutPacket);
        }

        if (_said % RelayEvery == 2)
        {
            peer.TransferMode = TransferMode.UnreliableOrdered;
            peer.TransferChannel = OrderedChannel;
            peer.SetTargetPeer(MultiplayerPeer.TargetPeerServer);
            peer.PutPacket(SoakMessage.Write(ulong.MaxValue, _ordered++));
        }
    }

    private void End(double joinAt)
    {
        _peer!.Dispose();
        _peer = null;
        _others.Clear();
        _over.Clear();
        _joinAt = joinAt;
    }
}
