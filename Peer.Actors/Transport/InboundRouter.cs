using System.Net;
using Akka.Actor;
using Peer.Protocol.Crypto;
using Peer.Protocol.Delivery;
using Peer.Protocol.Handshake;

namespace Peer.Actors.Transport;

/// <summary>Cuts what one receive brought into runs per connection and tells each to its actor, without copying.</summary>
internal sealed class InboundRouter(IActorRef manager, TransportCounters counters, long limit, IngressGauge? strangers) : IInboundRouter
{
    private readonly Dictionary<ulong, Target> _routes = [];
    private IPEndPoint? _lastSeen;
    private IPEndPoint? _lastPlain;

    public void Register(ulong connectionId, IActorRef connection, IngressGauge gauge) =>
        _routes[connectionId] = new Target(connection, gauge);

    public void Unregister(ulong connectionId) => _routes.Remove(connectionId);

    /// <summary>Takes over the bytes and one reference to the buffer that they lie in: the actors that get them decrypt in place.</summary>
    /// <param name="owner">
    /// The buffer. Several receives may share one, with a reference each. What waits for its reader keeps all of it, so it should not be much larger than what it holds.
    /// </param>
    /// <param name="received">What one receive brought.</param>
    /// <param name="sender">Where it came from.</param>
    public void Deliver(RunBuffer owner, Memory<byte> received, IPEndPoint sender)
    {
        Route(owner, received, sender);
        owner.Release();
    }

    private void Route(RunBuffer owner, Memory<byte> received, IPEndPoint sender)
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

            Hand(connectionId, owner, received[..size], count, from);
            received = received[size..];
        }
    }

    private void Hand(ulong connectionId, RunBuffer owner, Memory<byte> run, int count, IPEndPoint from)
    {
        counters.DatagramsIn.Add(count);
        if (!_routes.TryGetValue(connectionId, out var target))
        {
            counters.DroppedUnknownConnection.Add(count);
            return;
        }

        if (!target.Gauge.TryEnter(run.Length, limit))
        {
            counters.DroppedIngress.Add(count);
            return;
        }

        owner.Retain();
        target.Connection.Tell(Inbound.Of(owner, run, from), ActorRefs.NoSender);
    }

    private void Introduce(Memory<byte> datagram, IPEndPoint from)
    {
        counters.DatagramsIn.Increment();

        // Nothing of a handshake is longer than a HELLO. Receive offload may glue a repeated one to the first; one is enough. Handshakes are rare and
        // wait for as long as they like, so they get memory of their own.
        if (datagram.Length > HandshakeFormat.HelloLength)
            datagram = datagram[..HandshakeFormat.HelloLength];

        if (strangers is null || strangers.TryEnter(datagram.Length, limit)) manager.Tell(new Stranger(datagram.ToArray(), from), ActorRefs.NoSender);
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

    private readonly record struct Target(IActorRef Connection, IngressGauge Gauge);
}
