using Peer.Protocol.Delivery;

namespace Peer.Protocol.Routing;

/// <summary>What a <see cref="RelayRoster"/> puts in order.</summary>
internal interface IRosterListener
{
    /// <summary>A relayed peer is there.</summary>
    void Joined(int peer);

    /// <summary>Messages of a relayed peer that has joined and not left; the run is the listener's to release.</summary>
    void Relayed(int peer, in DeliveredRun run);

    /// <summary>A run that was held will never be told; its credit is to be given back.</summary>
    void Dropped(int creditBytes)
    {
    }

    /// <summary>A relayed peer has left and everything that it sent reliably has been told.</summary>
    void Left(int peer, DisconnectInfo info);
}
