using System.Net;
using Akka.Actor;
using Peer.Actors.Transport;
using Peer.Protocol.Delivery;

namespace Peer.TestKit.Network;

/// <summary>Takes the place of the UDP transport: the same messages, a simulated socket.</summary>
internal sealed class SimulatedTransport : UntypedActor
{
    private const long IngressLimit = 4 << 20;

    private readonly SimulatedNetwork _network;
    private readonly SimulatedHost? _host;
    private readonly IPEndPoint _bind;
    private readonly IInboundRouter _router;
    private SimulatedSocket? _socket;

    public SimulatedTransport(SimulatedNetwork network, SimulatedHost? host, IPEndPoint bind, TransportCounters counters, IngressGauge strangers, Wire wire)
    {
        _network = network;
        _host = host;
        _bind = bind;
        _router = InboundRouters.Of(wire, Context.Parent, counters, IngressLimit, strangers);
    }

    protected override void PreStart()
    {
        if (!_network.TryBind(_host, _bind, Deliver, out _socket, out var problem))
        {
            Context.Parent.Tell(new TransportBindFailed(problem));
            Context.Stop(Self);
            return;
        }

        Context.Parent.Tell(new TransportUp(_socket.Local, _socket, Offload: false));
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Register register:
                _router.Register(register.ConnectionId, register.Connection, register.Gauge);
                break;

            case Unregister unregister:
                _router.Unregister(unregister.ConnectionId);
                break;

            case CloseTransport:
                _socket?.Close();
                Context.Parent.Tell(TransportClosed.Instance);
                Context.Stop(Self);
                break;

            default:
                Unhandled(message);
                break;
        }
    }

    protected override void PostStop() => _socket?.Close();

    // The network gives each arrival an array of its own and forgets it.
    private void Deliver(byte[] datagram, IPEndPoint from) => _router.Deliver(RunBuffer.Wrap(datagram), datagram, from);
}
