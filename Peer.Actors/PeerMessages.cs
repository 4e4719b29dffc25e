using System.Net;
using Akka.Actor;
using Peer.Protocol;

namespace Peer.Actors;

/// <summary>What a <see cref="PeerManager"/> can be told. Everything the synchronous facade does is one of these.</summary>
public interface IPeerCommand : INoSerializationVerificationNeeded;

/// <summary>What a <see cref="PeerManager"/> tells its subscribers, in the order in which it happened.</summary>
public interface IPeerEvent : INoSerializationVerificationNeeded;

/// <summary>Sends one packet. A target that nobody has, or a payload over the limit, is answered with <see cref="SendFailed"/>.</summary>
/// <param name="Target">0 all, 1 the server, n that peer, -n all but n.</param>
/// <param name="Payload">The packet; not changed by the sender afterwards. An empty one sends nothing.</param>
/// <param name="Channel">0 .. 254.</param>
/// <param name="Mode">The transfer mode.</param>
public sealed record Send(int Target, ReadOnlyMemory<byte> Payload, int Channel = 0, TransferMode Mode = TransferMode.Reliable) : IPeerCommand;

/// <summary>Told to the sender of a <see cref="Send"/> that was refused; nothing was sent.</summary>
/// <param name="Command">The refused command.</param>
/// <param name="Error">Why: <see cref="Error.InvalidParameter"/>, <see cref="Error.OutOfMemory"/>, <see cref="Error.Busy"/> or <see cref="Error.Unconfigured"/>.</param>
public sealed record SendFailed(Send Command, Error Error) : IPeerEvent;

/// <summary>Disconnects a peer.</summary>
/// <param name="Peer">Its ID.</param>
/// <param name="Force">False: what is queued reliably goes first, then the peer is told why. True: at once.</param>
/// <param name="Text">Text for people, at most 200 bytes of UTF-8.</param>
/// <param name="Payload">Bytes for the other end, at most 1 024.</param>
public sealed record Kick(int Peer, bool Force = false, string Text = "", ReadOnlyMemory<byte> Payload = default) : IPeerCommand;

/// <summary>Changes when an ENet connection is given up. A peer without one is left alone.</summary>
/// <param name="Peer">Its ID.</param>
/// <param name="Limit">A command may go unanswered for so many times its resend time, once <paramref name="Minimum"/> has passed; 32 unless told otherwise.</param>
/// <param name="Minimum">Not before so long; 5 s unless told otherwise.</param>
/// <param name="Maximum">At the latest after so long; 30 s unless told otherwise.</param>
public sealed record SetPeerTimeout(int Peer, int Limit, TimeSpan Minimum, TimeSpan Maximum) : IPeerCommand;

/// <summary>From now on tells the actor every <see cref="IPeerEvent"/>; first what already is: <see cref="Listening"/>, a <see cref="PeerConnected"/> for each peer, <see cref="ConnectionSucceeded"/>.</summary>
/// <param name="Subscriber">The actor; it is watched and forgotten when it stops.</param>
public sealed record Subscribe(IActorRef Subscriber) : IPeerCommand
{
    /// <summary>Whether it is told every <see cref="PacketReceived"/>, too.</summary>
    public bool Packets { get; init; } = true;
}

/// <summary>Ends a subscription.</summary>
/// <param name="Subscriber">The actor that subscribed.</param>
public sealed record Unsubscribe(IActorRef Subscriber) : IPeerCommand;

/// <summary>Refuses newcomers, or lets them in again.</summary>
/// <param name="Refuse">Whether to refuse.</param>
public sealed record RefuseNewConnections(bool Refuse) : IPeerCommand;

/// <summary>Connects a mesh peer to another one.</summary>
/// <param name="Peer">The other one's ID, 1 or more.</param>
/// <param name="Host">Name or address.</param>
/// <param name="Port">UDP port.</param>
public sealed record AddMeshPeer(int Peer, string Host, int Port) : IPeerCommand;

/// <summary>
/// A server stops and writes down everything that another one needs to go on with its clients; answered with <see cref="HandedOver"/>. What clients have sent is told
/// before. From here on it admits nobody and sends nothing; <see cref="Migrate"/> or <see cref="Leave"/> is next.
/// </summary>
/// <remarks>
/// Of a room that has peers at gateways nothing is written down: its clients are known again by their tickets (<see cref="PeerRole.Server.Adopt"/>). A gateway hands on what its clients have said
/// and parts from the others, for whom these clients are away. A home first has all gateways do the same; each tells its subscribers <see cref="HandedOver"/>, and waits for its <see cref="Migrate"/>.
/// </remarks>
public sealed record HandOver : IPeerCommand
{
    /// <summary>Without a last word.</summary>
    public static HandOver Instance { get; } = new();

    /// <summary>
    /// Whether the application answers what its clients sent last: the server tells the sender <see cref="LastPacketTold"/>, still takes <see cref="Send"/>, and writes
    /// down when it is told to (<see cref="WriteDown"/>).
    /// </summary>
    public bool AwaitsLastWord { get; init; }
}

/// <summary>Told to the sender of a <see cref="HandOver"/> that awaits a last word: no packet follows, and what is sent from here on goes along.</summary>
public sealed record LastPacketTold : IPeerEvent
{
    /// <summary>The only value.</summary>
    public static LastPacketTold Instance { get; } = new();
}

/// <summary>After <see cref="LastPacketTold"/>: all has been said.</summary>
public sealed record WriteDown : IPeerCommand
{
    /// <summary>The only value.</summary>
    public static WriteDown Instance { get; } = new();
}

/// <summary>Told to the sender of a <see cref="HandOver"/>.</summary>
/// <param name="State">For <see cref="PeerRole.Server.State"/> of the server that goes on. Holds keys and undelivered messages: for the servers of one operator only. Empty when it could not be done.</param>
/// <param name="Cause">Why it could not be done; empty when it was.</param>
public sealed record HandedOver(ReadOnlyMemory<byte> State, string Cause) : IPeerEvent;

/// <summary>After <see cref="HandOver"/>, once the other server listens: the clients are told to go on there, with their IDs and sequences. Then this server stops.</summary>
/// <param name="Endpoint">The other server as clients reach it, <c>address:port</c>.</param>
public sealed record Migrate(string Endpoint) : IPeerCommand
{
    /// <summary>More servers that may be told: clients are dealt to all of them in turn.</summary>
    public IReadOnlyList<string> Others { get; init; } = [];
}

/// <summary>Other servers that know where this one's clients go on, should it fail: the doors of a cluster. Clients are told, and ask them when they come back.</summary>
/// <param name="Endpoints">At most 16 of <c>address:port</c>; they take the place of those told before.</param>
public sealed record TellServers(IReadOnlyList<string> Endpoints) : IPeerCommand;

/// <summary>Closes gracefully, within the close time-out of the settings; then the manager stops itself.</summary>
/// <param name="Info">What the other ends are told.</param>
public sealed record Leave(DisconnectInfo Info) : IPeerCommand;

/// <summary>The socket is bound; a server is connected from here on.</summary>
/// <param name="Local">The bound address; tells the port that port 0 became.</param>
public sealed record Listening(IPEndPoint Local) : IPeerEvent;

/// <summary>At a gateway of a room that spans nodes: the home and the other gateways have answered, and clients are let in from here on.</summary>
public sealed record GatewayLinked : IPeerEvent
{
    /// <summary>The only value.</summary>
    public static GatewayLinked Instance { get; } = new();
}

/// <summary>The second port of a server that speaks ENet beside the native protocol is bound; comes before <see cref="Listening"/>.</summary>
/// <param name="Local">The bound address; tells the port that port 0 became.</param>
public sealed record ENetListening(IPEndPoint Local) : IPeerEvent;

/// <summary>The socket could not be bound, or the host name not be found; the manager stops itself.</summary>
/// <param name="Cause">What went wrong and what to do about it.</param>
public sealed record CouldNotStart(string Cause) : IPeerEvent;

/// <summary>A peer can send and receive from here on.</summary>
/// <param name="Peer">Its ID.</param>
public sealed record PeerConnected(int Peer) : IPeerEvent
{
    /// <summary>The client id of the connect token that it came with; null without one, or when this is not its server.</summary>
    public ulong? ClientId { get; init; }

    /// <summary>What the backend put into its token; empty without one.</summary>
    public ReadOnlyMemory<byte> UserData { get; init; }

    /// <summary>Whether it was connected to another server of this room, which failed, and kept its ID (<c>actorpeer.resume.adopt</c>): the others hear no leave and no join.</summary>
    public bool HasReturned { get; init; }

    /// <summary>What the facade reads without asking an actor.</summary>
    internal PeerGauge? Gauge { get; init; }
}

/// <summary>A peer has gone; nothing of it follows.</summary>
/// <param name="Peer">Its ID.</param>
/// <param name="Info">Why.</param>
public sealed record PeerDisconnected(int Peer, DisconnectInfo Info) : IPeerEvent;

/// <summary>
/// Nothing is heard of a peer, which may come back within the grace time (<c>actorpeer.resume.grace</c>) and go on as if nothing had been; what is sent to it
/// reliably waits. <see cref="PeerResumed"/> or <see cref="PeerDisconnected"/> follows. A client hears it of its server, ID 1.
/// </summary>
/// <param name="Peer">Its ID.</param>
public sealed record PeerInterrupted(int Peer) : IPeerEvent;

/// <summary>A peer that was interrupted is back. Nothing reliable was lost or repeated.</summary>
/// <param name="Peer">Its ID.</param>
public sealed record PeerResumed(int Peer) : IPeerEvent;

/// <summary>
/// A client's server is back after an interruption, and knows nothing of what was under way: it failed, and another one, or the same anew, has taken its place. The client
/// keeps its ID. What the server had sent and this client has not told of by now is lost; so are the server's answers. Reliable packets of this client that were never
/// sent follow now. Other peers are there as before, except those who do not come back within the grace time, of whom <see cref="PeerDisconnected"/> will tell.
/// </summary>
/// <remarks>The home of a room that spans nodes hears it of a peer whose gateway was lost and who came back by another one: what was under way to and from it may be lost.</remarks>
/// <param name="Peer">The server's ID, 1; at the home of a spanning room, the peer's.</param>
public sealed record PeerRestarted(int Peer) : IPeerEvent
{
    /// <summary>Reliable packets of this client's that were sent and not acknowledged: each may have reached the server that failed, or not. They are not sent again.</summary>
    public int Unacknowledged { get; init; }

    /// <summary>What the facade reads without asking an actor, where that is another one now.</summary>
    internal PeerGauge? Gauge { get; init; }
}

/// <summary>
/// At a server that takes in the clients of one that failed (<c>actorpeer.resume.adopt</c>): their time to come back is over. Those who came were told by
/// <see cref="PeerConnected"/> with <see cref="PeerConnected.HasReturned"/>.
/// </summary>
/// <param name="Returned">How many of them are here.</param>
public sealed record ReturnsOver(int Returned) : IPeerEvent;

/// <summary>The connection attempt succeeded; comes after <c>PeerConnected(1)</c>.</summary>
/// <param name="UniqueId">The ID that the server assigned.</param>
/// <param name="RelaySupported">Whether the server relays between clients.</param>
public sealed record ConnectionSucceeded(int UniqueId, bool RelaySupported) : IPeerEvent;

/// <summary>The connection attempt failed; the manager stops itself.</summary>
/// <param name="Info">Why.</param>
public sealed record ConnectionFailed(DisconnectInfo Info) : IPeerEvent;

/// <summary>The server has gone; the manager stops itself.</summary>
/// <param name="Info">Why.</param>
public sealed record ServerDisconnected(DisconnectInfo Info) : IPeerEvent;

/// <summary>The manager has closed everything and freed its port; the last event of all.</summary>
public sealed record Stopped : IPeerEvent
{
    /// <summary>The only value.</summary>
    public static Stopped Instance { get; } = new();
}

/// <summary>A packet.</summary>
/// <param name="Peer">The sender, as vouched for by the server.</param>
/// <param name="Channel">Its channel.</param>
/// <param name="Mode">Its transfer mode.</param>
/// <param name="Payload">Its bytes, the receiver's to keep.</param>
public sealed record PacketReceived(int Peer, int Channel, TransferMode Mode, ReadOnlyMemory<byte> Payload) : IPeerEvent;
