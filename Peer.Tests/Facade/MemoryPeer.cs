using Peer.Actors;
using Peer.Protocol;

namespace Peer.Tests.Facade;

/// <summary>A transport as a user would write one: two ends in one process, nothing overridden but what must be.</summary>
internal sealed class MemoryPeer : MultiplayerPeer
{
    private readonly Queue<ReceivedPacket> _packets = new();
    private readonly Queue<Action> _events = new();
    private readonly int _id;
    private MemoryPeer? _other;
    private ConnectionStatus _status = ConnectionStatus.Connecting;

    private MemoryPeer(int id, IRandomSource? random)
        : base(random) => _id = id;

    protected override int QueuedPackets => _packets.Count;

    protected override ConnectionStatus Status => _status;

    protected override int UniqueId => _status == ConnectionStatus.Connected ? _id : 0;

    public static (MemoryPeer Server, MemoryPeer Client) Pair(IRandomSource? random = null)
    {
        var server = new MemoryPeer(1, random) { _status = ConnectionStatus.Connected };
        var client = new MemoryPeer(2, random) { _other = server };
        server._other = client;
        server._events.Enqueue(() => server.EmitPeerConnected(2));
        client._events.Enqueue(() =>
        {
            client._status = ConnectionStatus.Connected;
            client.EmitPeerConnected(1);
        });
        client._events.Enqueue(client.EmitConnectionSucceeded);
        return (server, client);
    }

    protected override bool PeekPacket(out ReceivedPacket packet) => _packets.TryPeek(out packet);

    protected override bool TakePacket(out ReceivedPacket packet) => _packets.TryDequeue(out packet);

    protected override Error SendPacket(ReadOnlySpan<byte> payload, int target, int channel, TransferMode mode)
    {
        if (_other is null || (target != TargetPeerBroadcast && Math.Abs(target) != _other._id))
            return Error.InvalidParameter;
        if (target < 0)
            return Error.Ok;
        var (copy, other) = (payload.ToArray(), _other);
        other._events.Enqueue(() => other._packets.Enqueue(new ReceivedPacket(copy, _id, channel, mode)));
        return Error.Ok;
    }

    protected override void PollEvents(TimeSpan wait)
    {
        while (_events.TryDequeue(out var next))
            next();
    }

    protected override void RemovePeer(int id, bool force) => _other?.Lose(DisconnectReason.Kicked);

    protected override void CloseTransport()
    {
        _other?.Lose(DisconnectReason.Closed);
        (_other, _status) = (null, ConnectionStatus.Disconnected);
    }

    private void Lose(DisconnectReason reason) => _events.Enqueue(() =>
    {
        var info = DisconnectInfo.Of(reason);
        if (_id == TargetPeerServer)
        {
            EmitPeerDisconnected(2, info);
            return;
        }

        _status = ConnectionStatus.Disconnected;
        EmitServerDisconnected(info);
    });
}
