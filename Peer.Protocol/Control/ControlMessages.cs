namespace Peer.Protocol.Control;

/// <summary>What a server tells its clients beside packets; see docs/protocol.md 3.3.</summary>
internal interface IControlMessage;

/// <summary>Peers that can be reached through the relay.</summary>
internal sealed record PeersJoined(int[] Peers) : IControlMessage;

/// <summary>Peers of a server that started anew who were there before and have come back; for whoever has not heard of one, it has joined.</summary>
internal sealed record PeersReturned(int[] Peers) : IControlMessage;

/// <summary>Who could come back to a server that started anew has come: all others have left.</summary>
internal sealed record RosterSettled : IControlMessage;

/// <summary>With this ticket and its secret the client may come back within the grace time and go on where it was.</summary>
/// <param name="Generation">Counts the tickets of one connection.</param>
/// <param name="Secret">32 bytes that enter the keys of the handshake that shows the ticket.</param>
/// <param name="Ticket">What the client shows; sealed for servers.</param>
/// <param name="GraceMs">How long the server waits, in milliseconds.</param>
internal sealed record TicketIssued(uint Generation, byte[] Secret, byte[] Ticket, int GraceMs) : IControlMessage;

/// <summary>Other servers, <c>address:port</c>, that know where the client's own goes on: for a client that finds it gone.</summary>
internal sealed record ServersTold(string[] Endpoints) : IControlMessage;

/// <summary>From a client: it holds that ticket, so that earlier ones are worthless from here on.</summary>
internal sealed record TicketHeld(uint Generation) : IControlMessage;

/// <summary>A peer has left; complete once its ENDED marks have arrived on the named channels.</summary>
internal sealed record PeerLeft(int Peer, DisconnectReason Reason, string Text, byte[] Marks) : IControlMessage;
