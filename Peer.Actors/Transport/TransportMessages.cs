using System.Net;
using Akka.Actor;
using Akka.Event;
using Peer.Protocol;
using Peer.Protocol.Delivery;

namespace Peer.Actors.Transport;

/// <summary>What a transport and the actors around it say to each other; local by nature, so never serialised.</summary>
internal interface ITransportMessage : INoSerializationVerificationNeeded;

/// <summary>To the owner: datagrams flow. After the first bind and after every rebuild, each time with a new sender.</summary>
internal sealed record TransportUp(IPEndPoint Local, IDatagramSender Sender, bool Offload) : ITransportMessage;

/// <summary>To the owner: the first bind cannot be done, for a reason that says what to do. The transport stops itself.</summary>
internal sealed record TransportBindFailed(string Cause) : ITransportMessage;

/// <summary>To the owner: the socket was lost and is being rebuilt on the same port.</summary>
internal sealed record TransportDown(string Cause) : ITransportMessage;

/// <summary>To the owner: the port is free. The transport stops itself.</summary>
internal sealed record TransportClosed : ITransportMessage
{
    public static TransportClosed Instance { get; } = new();
}

/// <summary>To the owner: what arrived begins with a handshake kind. The memory is the owner's; bytes may follow the datagram, up to the length of a HELLO.</summary>
internal sealed record Stranger(Memory<byte> Datagram, IPEndPoint From) : ITransportMessage, IDeadLetterSuppression;

/// <summary>To the transport: sealed datagrams with this connection id belong to this connection.</summary>
internal sealed record Register(ulong ConnectionId, IActorRef Connection, IngressGauge Gauge) : ITransportMessage;

/// <summary>To the transport: sealed datagrams with this connection id are nobody's any more.</summary>
internal sealed record Unregister(ulong ConnectionId) : ITransportMessage, IDeadLetterSuppression;

/// <summary>To the transport: free the port, say <see cref="TransportClosed"/>, stop.</summary>
internal sealed record CloseTransport : ITransportMessage
{
    public static CloseTransport Instance { get; } = new();
}

/// <summary>
/// To a connection: whole sealed datagrams of one connection id, back to back. The bytes are the connection's to change, the rest of the buffer is not;
/// with the message goes a reference to it. The connection returns the message once it is through with it.
/// </summary>
internal sealed class Inbound : ITransportMessage, IDeadLetterSuppression
{
    public RunBuffer Owner { get; private set; } = null!;

    public Memory<byte> Datagrams { get; private set; }

    public IPEndPoint From { get; private set; } = null!;

    public static Inbound Of(RunBuffer owner, Memory<byte> datagrams, IPEndPoint from)
    {
        var inbound = Spare<Inbound>.Take() ?? new Inbound();
        inbound.Owner = owner;
        inbound.Datagrams = datagrams;
        inbound.From = from;
        return inbound;
    }

    /// <summary>Everything in it has been used, and nobody looks at it any more.</summary>
    public void Return()
    {
        Owner = null!;
        Datagrams = default;
        From = null!;
        Spare<Inbound>.Give(this);
    }
}
