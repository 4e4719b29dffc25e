using Peer.Protocol;

namespace Peer.Actors;

/// <summary>A server with no network, for a game played alone: connected from the start, ID 1, nothing ever arrives, and what is put vanishes.</summary>
public sealed class OfflineMultiplayerPeer : MultiplayerPeer
{
    /// <inheritdoc />
    protected override int QueuedPackets => 0;

    /// <inheritdoc />
    protected override ConnectionStatus Status => ConnectionStatus.Connected;

    /// <inheritdoc />
    protected override int UniqueId => TargetPeerServer;

    /// <inheritdoc />
    protected override bool PeekPacket(out ReceivedPacket packet)
    {
        packet = default;
        return false;
    }

    /// <inheritdoc />
    protected override bool TakePacket(out ReceivedPacket packet) => PeekPacket(out packet);

    /// <inheritdoc />
    protected override Error SendPacket(ReadOnlySpan<byte> payload, int target, int channel, TransferMode mode) => Error.Ok;

    /// <summary>Returns at once: nothing can arrive, so a wait would only stall the game.</summary>
    protected override void PollEvents(TimeSpan wait)
    {
    }

    /// <inheritdoc />
    protected override void RemovePeer(int id, bool force)
    {
    }

    /// <inheritdoc />
    protected override void CloseTransport()
    {
    }
}
