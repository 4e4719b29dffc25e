namespace Peer.Protocol.ENet;

/// <summary>Who takes what arrives.</summary>
internal interface IENetListener
{
    /// <summary>A message.</summary>
    /// <param name="channel">Its channel.</param>
    /// <param name="delivery">Reliable, unreliable or unsequenced.</param>
    /// <param name="payload">Its bytes, which may be none; valid for the call.</param>
    /// <returns>How many bytes of the reliable budget it goes on occupying until <see cref="ENetPeer.Consumed"/> says otherwise.</returns>
    int Received(byte channel, ENetDelivery delivery, ReadOnlySpan<byte> payload);
}
