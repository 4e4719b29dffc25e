using System.Net;
using Akka.Actor;
using Peer.Protocol.Crypto;
using Peer.Protocol.Handshake;

namespace Peer.Actors.Transport;

/// <summary>Cuts what one receive brought into runs per connection and tells each to its actor, without copying.</summary>
internal sealed class InboundRouter(IActorRef owner, TransportCounters counters, long limit, IngressGauge? strangers)
{
    private readonly Dictionary<ulong, Route> _routes = [];
    private IPEndPoint? _lastSeen;
    private IPEndPoint? _lastPlain;

    public void Register(ulong connectionId, IActorRef connection, IngressGauge gauge) =>
        _routes[connectionId] = new Route(connection, gauge);

    public void Unregister(ulong connectionId) => _routes.Remove(connectionId);

    /// <summary>Takes the bytes over: the actors that get them decrypt in place.</summary>
    public void Deliver(Memory<byte> received, IPEndPoint sender)
    {
        counters.ReceiveCalls.Increment();
        counters.BytesIn.Add(received.Length);
        if (received.IsEmpty)
        {
            Malformed();
            return;
        }

        var from = Plain(sender);
        while (!received.IsEmpty)
        {
            ReadOnlySpan<byte> bytes = received.Span;
            if (!SealedHeader.TryRead(bytes, out var connectionId, out _, out var size))
            {
                if (HandshakeFormat.IsHandshake(bytes[0])) Introduce(received, from);
                else Malformed();
                return;
            }

            var count = 1;
            while (SealedHeader.TryRead(bytes[size..], out var next, out _, out var more) && next == connectionId)
            {
                size += more;
                count++;
            }

            Hand(connectionId, received[..size], count, from);
            received = received[size..];
        }
    }

    private void Hand(ulong connectionId, Memory<byte> run, int count, IPEndPoint from)
    {
        counters.DatagramsIn.Add(count);
        if (!_routes.TryGetValue(connectionId, out var route))
        {
            counters.DroppedUnknownConnection.Add(count);
            return;
        }

        if (route.Gauge.TryEnter(run.Length, limit)) route.Connection.Tell(new Inbound(run, from), ActorRefs.NoSender);
        else counters.DroppedIngress.Add(count);
    }

    private void Introduce(Memory<byte> datagram, IPEndPoint from)
    {
        counters.DatagramsIn.Increment();

        // Receive offload may glue a repeated HELLO to the first; one is enough.
        if (datagram.Span[0] == HandshakeFormat.HelloKind && datagram.Length > HandshakeFormat.HelloLength)
            datagram = datagram[..HandshakeFormat.HelloLength];

        if (strangers is null || strangers.TryEnter(datagram.Length, limit)) owner.Tell(new Stranger(datagram, from), ActorRefs.NoSender);
        else counters.DroppedIngress.Increment();
    }

    private void Malformed()
    {
        counters.DatagramsIn.Increment();
        counters.DroppedMalformed.Increment();
    }

    // A burst comes from one sender: its endpoint is rewritten once, not once per receive.
    private IPEndPoint Plain(IPEndPoint sender)
    {
        if (!sender.Address.IsIPv4MappedToIPv6) return sender;
        if (_lastPlain is null || !sender.Equals(_lastSeen))
        {
            _lastSeen = sender;
            _lastPlain = Destination.Plain(sender);
        }

        return _lastPlain;
    }

    private readonly record struct Route(IActorRef Connection, IngressGauge Gauge);
}
