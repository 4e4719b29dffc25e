using Akka.Actor;
using Akka.Configuration;
using Peer.Actors;
using Peer.Protocol;

namespace Peer.Lab.Compare.Ends;

/// <summary>This library as an ENet server, without Godot's headers: what libenet's own programs talk to.</summary>
internal sealed class ENetServerEndpoint(IReceiver receiver) : IEndpoint
{
    public const string Name = "actorpeer-enet";

    private readonly ENetMultiplayerPeer _server = new(ActorSystem.Create("compare", ConfigurationFactory.ParseString("""
        akka { loglevel = WARNING, stdout-loglevel = OFF, log-dead-letters = off }
        akka.coordinated-shutdown.run-by-clr-shutdown-hook = off
        akka.scheduler.tick-duration = 100ms
        actorpeer.server.relay = off
        """).WithFallback(ActorPeer.DefaultConfig)))
    {
        Dialect = ENetDialect.Godot4,
    };

    private int _target;

    public int Connected { get; private set; }

    public int Listen(int clients)
    {
        _server.PeerConnected += _ => Connected++;
        _server.PeerDisconnected += _ => Connected--;
        _server.SetBindIp("127.0.0.1");
        if (_server.CreateServer(0, Math.Min(4095, clients + 1)) != Error.Ok)
            throw new InvalidOperationException(_server.LastErrorText);
        return _server.LocalPort;
    }

    public void Connect(int port, int clients) => throw new InvalidOperationException("libenet plays the clients");

    public void Disconnect()
    {
        // There are no clients here.
    }

    public bool TrySend(int peer, ReadOnlySpan<byte> payload, TransferMode mode, int channel = 0)
    {
        if (_target != peer)
            _server.SetTargetPeer(_target = peer);
        if (_server.TransferMode != mode)
            _server.TransferMode = mode;
        if (_server.TransferChannel != channel)
            _server.TransferChannel = channel;
        return _server.PutPacket(payload) == Error.Ok;
    }

    public void Broadcast(ReadOnlySpan<byte> payload, TransferMode mode, int channel = 0) => TrySend(MultiplayerPeer.TargetPeerBroadcast, payload, mode, channel);

    public void Flush()
    {
        // A packet leaves by itself, or with the poll that follows.
    }

    public void Poll(TimeSpan wait)
    {
        _server.Poll(wait);
        while (_server.TryGetPacket(out var packet))
            receiver.Receive(this, packet.Peer, packet.Payload.Span, packet.Channel);
    }

    public void Dispose() => _server.Dispose();
}
