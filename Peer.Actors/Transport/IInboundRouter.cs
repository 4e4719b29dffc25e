using System.Net;
using Akka.Actor;
using Peer.Protocol.Delivery;

namespace Peer.Actors.Transport;

/// <summary>Which protocol the datagrams of a socket speak.</summary>
internal enum Wire
{
    Native,
    ENet,
}

/// <summary>Hands what a socket receives to whom it is for.</summary>
internal interface IInboundRouter
{
    void Register(ulong connectionId, IActorRef connection, IngressGauge gauge);

    void Unregister(ulong connectionId);

    /// <summary>Takes over the bytes and one reference to the buffer that they lie in.</summary>
    void Deliver(RunBuffer owner, Memory<byte> received, IPEndPoint sender);
}

/// <summary>The router of each protocol.</summary>
internal static class InboundRouters
{
    public static IInboundRouter Of(Wire wire, IActorRef manager, TransportCounters counters, long limit, IngressGauge? strangers) =>
        wire == Wire.ENet ? new ENet.ENetInboundRouter(manager, counters, limit, strangers) : new InboundRouter(manager, counters, limit, strangers);
}
