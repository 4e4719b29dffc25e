namespace Peer.Protocol.Control;

/// <summary>What a server tells its clients beside packets; see docs/protocol.md 3.3.</summary>
internal interface IControlMessage;

/// <summary>Peers that can be reached through the relay.</summary>
internal sealed record PeersJoined(int[] Peers) : IControlMessage;

/// <summary>A peer has left; complete once its ENDED marks have arrived on the named channels.</summary>
internal sealed record PeerLeft(int Peer, DisconnectReason Reason, string Text, byte[] Marks) : IControlMessage;
