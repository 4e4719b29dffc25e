using Peer.Protocol.Delivery;
using Peer.Protocol.Wire;

namespace Peer.Protocol.Links;

/// <summary>What a <see cref="PeerLink"/> tells its owner while it works; called on the owner's thread, inside the owner's call.</summary>
internal interface ILinkListener
{
    /// <summary>A DATA frame arrived. Its payload is a slice of the datagram that was passed in.</summary>
    void FrameArrived(in InboundFrame frame);

    /// <summary>A reliable frame was acknowledged, or an unreliable one has left or been dropped: its sequence may let go of it.</summary>
    void FrameDone(OutboundFrame frame);

    /// <summary>The other end answered the path challenge from the address that the current datagrams came from.</summary>
    void PathValidated();

    /// <summary>The server goes on elsewhere. The link is over.</summary>
    void MigrateHeard(Migration migration)
    {
    }

    /// <summary>The other end of a connection that is resumed has told how far it has read; what lies before that was reported as done already.</summary>
    void PositionsHeard(IReadOnlyList<ReliablePosition> positions)
    {
    }
}
