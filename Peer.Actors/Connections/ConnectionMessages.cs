using Akka.Actor;
using Akka.Event;
using Peer.Actors.Transport;
using Peer.Protocol;
using Peer.Protocol.Handshake;

namespace Peer.Actors.Connections;

/// <summary>What the manager and a connection say to each other.</summary>
internal interface IConnectionMessage : INoSerializationVerificationNeeded, IDeadLetterSuppression;

/// <summary>To a connection: a relayed peer has left. Marks go through every reliable sequence, then the control message that names them.</summary>
internal sealed record RelayedPeerLeft(int Peer, DisconnectInfo Info) : IConnectionMessage;

/// <summary>To a connection: end it; graceful lets queued reliable packets go first.</summary>
internal sealed record EndConnection(DisconnectInfo Info, bool Graceful) : IConnectionMessage;

/// <summary>To a connection: the socket was rebuilt.</summary>
internal sealed record UseSender(IDatagramSender Sender, IActorRef Transport) : IConnectionMessage;

/// <summary>To a welcomed connection: the client repeated its HELLO, so its WELCOME was lost.</summary>
internal sealed record HelloRepeated : IConnectionMessage
{
    public static HelloRepeated Instance { get; } = new();
}

/// <summary>To a dialling connection: a handshake datagram arrived.</summary>
internal sealed record HandshakeArrived(Memory<byte> Datagram) : IConnectionMessage;

/// <summary>To a connection, from a reader's thread: reliable bytes were taken. The epoch says how often the connection had begun anew when they came.</summary>
internal sealed record CreditConsumed(long Bytes, int Epoch) : IConnectionMessage;

/// <summary>To a connection, from its timer: a deadline may have come.</summary>
internal sealed record TimerElapsed : IConnectionMessage
{
    public static TimerElapsed Instance { get; } = new();
}

/// <summary>From a connection: both ends can send and receive.</summary>
internal sealed record ConnectionOpened(Member Member, WelcomeOffer Offer) : IConnectionMessage;

/// <summary>From a connection: it is over; nothing of it follows. It stops itself.</summary>
internal sealed record ConnectionClosed(Member Member, DisconnectInfo Info, bool WasAnswered = false) : IConnectionMessage;
