using Peer.Actors;
using Peer.Cluster.Rooms;

namespace Peer.Node.Cluster;

/// <summary>A room of <c>serve --cluster</c>: prints who joins, who leaves and what they say, as a single server does.</summary>
internal sealed class TextRoom(RoomVoice voice, bool isQuiet) : Room
{
    protected override void OnOpened(ReadOnlyMemory<byte> state, bool isMoved) => voice.Opened(Key, isMoved);

    protected override void OnPeerConnected(PeerConnected peer) => voice.Joined(Key, peer.Peer);

    protected override void OnPeerDisconnected(PeerDisconnected peer) => voice.Left(Key, peer.Peer, peer.Info);

    protected override void OnPacket(PacketReceived packet)
    {
        if (!isQuiet)
            voice.Said(Key, packet.Peer, packet.Payload.Span);
    }
}
