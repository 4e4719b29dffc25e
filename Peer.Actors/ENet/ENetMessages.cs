using System.Net;
using Akka.Event;
using Peer.Actors.Connections;
using Peer.Actors.Transport;
using Peer.Protocol.ENet;

namespace Peer.Actors.ENet;

/// <summary>To the manager, from an ENet transport: a datagram for a slot that has no connection, or for none.</summary>
internal sealed record ENetStranger(byte[] Datagram, IPEndPoint From) : ITransportMessage, IDeadLetterSuppression;

/// <summary>To the manager, from itself: a second has passed.</summary>
internal sealed record ENetTick : ITransportMessage, IDeadLetterSuppression
{
    public static ENetTick Instance { get; } = new();
}

/// <summary>To the manager: the admission hook's word on somebody who has confirmed, or what it threw.</summary>
internal sealed record ENetDecided(PendingConnect Confirmed, AdmissionVerdict? Verdict, Exception? Failure) : ITransportMessage, IDeadLetterSuppression;

/// <summary>To a connection: what bandwidth allows of its throttle, and, when it changed, what its other end may send; null when it did not.</summary>
internal sealed record ShareBandwidth(uint ThrottleLimit, uint? IncomingLimit) : IConnectionMessage;

/// <summary>To a connection: when it gives its other end up.</summary>
internal sealed record UseTimeouts(ENetTimeouts Timeouts) : IConnectionMessage;
