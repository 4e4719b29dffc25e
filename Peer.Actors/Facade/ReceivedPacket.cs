using Peer.Protocol;

namespace Peer.Actors;

/// <summary>A packet as <see cref="PacketPeer.TryGetPacket"/> hands it out.</summary>
/// <param name="Payload">Its bytes. Rely on them until the next take only: a transport may use the memory again.</param>
/// <param name="Peer">The sender's ID.</param>
/// <param name="Channel">0 .. 254.</param>
/// <param name="Mode">The transfer mode that it was sent with.</param>
public readonly record struct ReceivedPacket(ReadOnlyMemory<byte> Payload, int Peer, int Channel, TransferMode Mode);
