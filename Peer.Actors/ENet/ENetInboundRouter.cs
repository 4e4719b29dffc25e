using System.Net;
using Akka.Actor;
using Peer.Actors.Transport;
using Peer.Protocol.Delivery;
using Peer.Protocol.ENet;

namespace Peer.Actors.ENet;

/// <summary>Tells each ENet datagram to the connection whose slot it names, and those without one to the manager.</summary>
internal sealed class ENetInboundRouter(IActorRef manager, TransportCounters counters, long limit, IngressGauge? strangers) : IInboundRouter
{
    private readonly (IActorRef Connection, IngressGauge Gauge)?[] _slots = new (IActorRef, IngressGauge)?[ENetFormat.NoPeer];

    public void Register(ulong connectionId, IActorRef connection, IngressGauge gauge) => _slots[connectionId] = (connection, gauge);

    public void Unregister(ulong connectionId) => _slots[connectionId] = null;

    public void Deliver(RunBuffer owner, Memory<byte> received, IPEndPoint sender)
    {
        counters.ReceiveCalls.Increment();
        counters.DatagramsIn.Increment();
        counters.BytesIn.Add(received.Length);
        if (!ENetHeader.TryReadPeer(received.Span, out var slot) || received.Length > ENetFormat.MaxMtu)
            counters.DroppedMalformed.Increment();
        else if (slot == ENetFormat.NoPeer || _slots[slot] is not { } target)
            Introduce(received, Destination.Plain(sender));
        else if (target.Gauge.TryEnter(received.Length, limit))
        {
            target.Connection.Tell(Inbound.Of(owner, received, Destination.Plain(sender)), ActorRefs.NoSender);
            return;
        }
        else
            counters.DroppedIngress.Increment();
        owner.Release();
    }

    private void Introduce(Memory<byte> datagram, IPEndPoint from)
    {
        if (strangers is null || strangers.TryEnter(datagram.Length, limit))
            manager.Tell(new ENetStranger(datagram.ToArray(), from), ActorRefs.NoSender);
        else
            counters.DroppedIngress.Increment();
    }
}
