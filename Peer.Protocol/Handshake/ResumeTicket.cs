namespace Peer.Protocol.Handshake;

/// <summary>What a server says to itself, or to another server of its cluster, about a client that it may see again.</summary>
/// <param name="Session">Names the connection for good; a peer ID may be given to another client later.</param>
/// <param name="PeerId">The client's peer ID.</param>
/// <param name="Generation">Counts the tickets of the connection.</param>
/// <param name="Expiry">When the ticket ends, Unix seconds.</param>
/// <param name="Secret">32 bytes that the client got as well; they enter the keys.</param>
/// <param name="ClientId">The client id of its connect token, if it came with one.</param>
/// <param name="UserData">What the backend put into that token.</param>
/// <param name="Room">The room that it is in; empty outside of clusters.</param>
internal sealed record ResumeTicket(
    UInt128 Session, int PeerId, uint Generation, long Expiry, byte[] Secret, ulong? ClientId, byte[] UserData, string Room);
