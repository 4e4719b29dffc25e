using System.Net;

namespace Peer.TestKit.Network;

/// <summary>One datagram's way.</summary>
/// <param name="SentAt">When it left, microseconds.</param>
/// <param name="ArrivesAt">When it arrives, or a <see cref="Fate"/> below zero.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="From">Its sender, as the receiver sees it.</param>
/// <param name="To">Its receiver.</param>
public readonly record struct Transit(long SentAt, long ArrivesAt, int Length, IPEndPoint From, IPEndPoint To)
{
    /// <summary>What became of it.</summary>
    public Fate Fate => ArrivesAt < 0 ? (Fate)ArrivesAt : Fate.Arrived;
}
