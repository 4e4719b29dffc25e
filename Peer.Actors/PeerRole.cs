using System.Net;
using Peer.Protocol;

namespace Peer.Actors;

/// <summary>What a <see cref="PeerManager"/> is.</summary>
public abstract record PeerRole
{
    private PeerRole()
    {
    }

    /// <summary>How this peer speaks ENet instead of the native protocol, or, with <see cref="Server.ENetBind"/>, beside it; null where it does not.</summary>
    public ENetOptions? ENet { get; init; }

    /// <summary>A server, ID 1.</summary>
    /// <param name="Bind">Address and port to listen on; port 0 lets the system choose.</param>
    public sealed record Server(IPEndPoint Bind) : PeerRole
    {
        /// <summary>The game's own word on who may join, or null.</summary>
        public IAdmission? Admission { get; init; }

        /// <summary>What another server has handed over (<see cref="HandedOver"/>): its clients are this one's from the start. Empty: none.</summary>
        public ReadOnlyMemory<byte> State { get; init; }

        /// <summary>Whether it leaves when the system's coordinated shutdown comes to service-unbind. Whoever hands it over then sees to its end himself.</summary>
        public bool LeavesWithSystem { get; init; } = true;

        /// <summary>
        /// Whether clients of another server of this room, which failed without a word, are taken in under their IDs when they show its tickets; both need the same
        /// <c>actorpeer.resume.ticket-keys</c>. Null: what <c>actorpeer.resume.adopt</c> says; a gateway does.
        /// </summary>
        public bool? Adopt { get; init; }

        /// <summary>The room that this server is, at most 128 bytes of UTF-8: tickets are good for their room only. Empty outside of clusters.</summary>
        public string Room { get; init; } = "";

        /// <summary>Whether the room may span nodes: other servers, with this one as their <see cref="Home"/>, take in more of its peers. Needs shared <c>actorpeer.resume.ticket-keys</c> for those who come back.</summary>
        public bool Spans { get; init; }

        /// <summary>
        /// The manager of the room's home, which is peer 1, on whatever node: this one is a gateway to it, with clients of its own and no application. It lets clients in once the home
        /// has answered, and ends without a word when the home is gone. Null: this server is peer 1 itself.
        /// </summary>
        public Akka.Actor.IActorRef? Home { get; init; }

        /// <summary>Where ENet is spoken when the native protocol is spoken at <see cref="Bind"/>: one room, one space of IDs. Null: ENet, if any, at <see cref="Bind"/>.</summary>
        public IPEndPoint? ENetBind { get; init; }
    }

    /// <summary>A client of a server.</summary>
    /// <param name="Host">Name or address of the server.</param>
    /// <param name="Port">Its UDP port, 1 .. 65 535.</param>
    public sealed record Client(string Host, int Port) : PeerRole
    {
        /// <summary>Connect token as text, or null.</summary>
        public string? Token { get; init; }

        /// <summary>The server's public key as text (base64url of 64 bytes) that it must prove to hold, or null.</summary>
        public string? PinnedServerKey { get; init; }

        /// <summary>The room of a cluster that it wants, at most 128 bytes of UTF-8; empty for none.</summary>
        public string Room { get; init; } = "";

        /// <summary>Bytes for the server's admission, at most 256, less the room's name and 7.</summary>
        public ReadOnlyMemory<byte> ApplicationData { get; init; }

        /// <summary>Local port, 0 for any.</summary>
        public int LocalPort { get; init; }

        /// <summary>Local address, null for any.</summary>
        public IPAddress? LocalAddress { get; init; }
    }

    /// <summary>One of several peers that each connect to each other.</summary>
    /// <param name="Id">Its own ID, 1 .. 2 147 483 647.</param>
    /// <param name="Bind">Address and port to listen on.</param>
    public sealed record Mesh(int Id, IPEndPoint Bind) : PeerRole;
}
