using Akka.Actor;
using Peer.Actors;
using Peer.Cluster.Rooms;

namespace Peer.Node.Cluster;

/// <summary>What <c>serve --cluster</c> has in its rooms: nothing but the relay, and somebody who tells what happens.</summary>
internal sealed class ServedRoom : UntypedActor
{
    private readonly RoomBook _book;
    private readonly IServerVoice _voice;
    private readonly bool _isQuiet;
    private OpenedRoom? _room;

    public ServedRoom(RoomBook book, IServerVoice voice, bool isQuiet)
    {
        _book = book;
        _voice = voice;
        _isQuiet = isQuiet;
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case OpenRoom open:
                _room = _book.Open(open.Key);
                _voice.RoomOpened(open.Key, open.IsMoved);
                Sender.Tell(RoomReady.Instance);
                break;

            case RoomServer:
                break;

            case Listening listening:
                _room!.Endpoint = $"{listening.Local}";
                break;

            case PeerConnected peer:
                _room!.Peers = _room.Peers.SetItem(peer.Peer, peer);
                if (!_isQuiet)
                    _voice.Joined(peer.Peer, _room.Key);
                break;

            case PeerDisconnected peer:
                _room!.Peers = _room.Peers.Remove(peer.Peer);
                if (!_isQuiet)
                    _voice.Left(peer.Peer, peer.Info, _room.Key);
                break;

            case PacketReceived packet when !_isQuiet:
                _voice.Said(packet.Peer, packet.Payload.Span, _room!.Key);
                break;

            case SaveRoom save:
                _voice.RoomClosed(_room!.Key, save.IsMoving);
                Sender.Tell(new RoomSaved(default));
                break;
        }
    }

    protected override void PostStop()
    {
        if (_room is { } room)
            _book.Close(room);
    }
}
