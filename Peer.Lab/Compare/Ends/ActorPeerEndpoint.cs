using Akka.Actor;
using Akka.Configuration;
using Peer.Actors;
using Peer.Protocol;

namespace Peer.Lab.Compare.Ends;

/// <summary>
/// This library through its public face, driven as a game loop drives it. Many clients are many peers in one actor system, polled in turn. Relay is off, as
/// neither of the others has one: with it, each client would be told of each other.
/// </summary>
internal sealed class ActorPeerEndpoint : IEndpoint
{
    private const int Joining = 64;

    // A sweep that found nothing rests on the peer that is next in turn, which has as much to expect as any.
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(1);

    private readonly IReceiver _receiver;
    private readonly ActorSystem _system;
    private readonly List<ActorMultiplayerPeer> _clients = [];
    private ActorMultiplayerPeer? _server;
    private int _target;
    private int _joined;
    private int _next;

    public ActorPeerEndpoint(IReceiver receiver, WorkSettings settings)
    {
        _receiver = receiver;
        var spin = settings.Text("spin", "");
        var config = spin.Length == 0 ? "" : $"actorpeer.facade.spin = {spin}";

        // A lane above the others, where a workload has a use for one.
        var first = settings.Text("first", "");
        if (first.Length > 0)
            config += $$"""{{'\n'}}actorpeer.lanes.channels { "{{first}}" { priority = 1, weight = 1 } }""";
        _system = ActorSystem.Create("compare", ConfigurationFactory.ParseString($$"""
            akka { loglevel = WARNING, stdout-loglevel = OFF, log-dead-letters = off }
            akka.coordinated-shutdown.run-by-clr-shutdown-hook = off
            akka.scheduler.tick-duration = 100ms
            actorpeer.server.relay = off
            {{config}}
            """).WithFallback(ActorPeer.DefaultConfig));
    }

    public int Connected => _server is null ? _clients.Count(client => client.GetConnectionStatus() == ConnectionStatus.Connected) : _joined;

    public int Listen(int clients)
    {
        _server = new ActorMultiplayerPeer(_system);
        _server.PeerConnected += _ => _joined++;
        _server.PeerDisconnected += _ => _joined--;
        if (_server.CreateServer(0, new ServerOptions { BindAddress = "127.0.0.1", MaxPeers = clients + 1 }) != Error.Ok)
            throw new InvalidOperationException(_server.LastErrorText);
        return _server.LocalPort;
    }

    public void Connect(int port, int clients)
    {
        for (var ready = 0; ready < clients;)
        {
            while (_clients.Count < Math.Min(clients, ready + Joining))
                _clients.Add(Join(port));
            var first = _clients[ready];
            first.Poll(TimeSpan.FromMilliseconds(1));
            switch (first.GetConnectionStatus())
            {
                case ConnectionStatus.Connected:
                    first.SetTargetPeer(MultiplayerPeer.TargetPeerServer);
                    ready++;
                    break;
                case ConnectionStatus.Disconnected:
                    throw new InvalidOperationException($"client {ready} of {clients} was not let in: {first.LastDisconnect} {first.LastErrorText}");
            }
        }
    }

    public void Disconnect()
    {
        foreach (var client in _clients)
            client.Dispose();
        _clients.Clear();
    }

    public bool TrySend(int peer, ReadOnlySpan<byte> payload, TransferMode mode, int channel = 0)
    {
        var from = _server;
        if (from is null)
            from = _clients[peer];
        else if (_target != peer)
            from.SetTargetPeer(_target = peer);
        Use(from, mode, channel);
        return from.PutPacket(payload) == Error.Ok;
    }

    public void Broadcast(ReadOnlySpan<byte> payload, TransferMode mode, int channel = 0)
    {
        _server!.SetTargetPeer(_target = MultiplayerPeer.TargetPeerBroadcast);
        Use(_server, mode, channel);
        _server.PutPacket(payload);
    }

    public void Flush()
    {
        // A packet leaves by itself, or with the poll that follows.
    }

    public void Poll(TimeSpan wait)
    {
        if (_server is not null)
        {
            _server.Poll(wait);
            Drain(_server, -1);
            return;
        }

        if (_clients.Count == 1)
        {
            _clients[0].Poll(wait);
            Drain(_clients[0], 0);
            return;
        }

        var found = false;
        for (var i = 0; i < _clients.Count; i++)
        {
            _clients[i].Poll(TimeSpan.Zero);
            found |= Drain(_clients[i], i);
        }

        if (found || wait == TimeSpan.Zero || _clients.Count == 0)
            return;
        _next = (_next + 1) % _clients.Count;
        _clients[_next].Poll(wait < Rest ? wait : Rest);
        Drain(_clients[_next], _next);
    }

    public void Dispose()
    {
        Disconnect();
        _server?.Dispose();
    }

    private static ActorMultiplayerPeer JoinFailed(ActorMultiplayerPeer client) => throw new InvalidOperationException(client.LastErrorText);

    private static void Use(ActorMultiplayerPeer from, TransferMode mode, int channel)
    {
        if (from.TransferMode != mode)
            from.TransferMode = mode;
        if (from.TransferChannel != channel)
            from.TransferChannel = channel;
    }

    private ActorMultiplayerPeer Join(int port)
    {
        var client = new ActorMultiplayerPeer(_system);
        return client.CreateClient("127.0.0.1", port, new ClientOptions { BindAddress = "127.0.0.1" }) == Error.Ok ? client : JoinFailed(client);
    }

    private bool Drain(ActorMultiplayerPeer peer, int client)
    {
        var found = false;
        while (peer.TryGetPacket(out var packet))
        {
            found = true;
            _receiver.Receive(this, client < 0 ? packet.Peer : client, packet.Payload.Span, packet.Channel);
        }

        return found;
    }
}
