using Peer.Protocol.Delivery;

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
}
