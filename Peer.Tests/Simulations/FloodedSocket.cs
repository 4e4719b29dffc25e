using System.Net;
using Peer.Actors.Transport;
using Peer.TestKit;
using Peer.TestKit.Network;

namespace Peer.Tests.Simulations;

/// <summary>A bare socket on a host, and another one that floods it.</summary>
internal sealed class FloodedSocket : IDisposable
{
    private readonly SimulatedSocket _target;
    private readonly SimulatedSocket _source;

    public FloodedSocket(Simulation simulation, SimulatedHost host)
    {
        var other = simulation.Host("flooder");
        Assert.True(simulation.Network.TryBind(host, new IPEndPoint(host.Address, 9000), (_, _) => Read++, out var target, out _));
        Assert.True(simulation.Network.TryBind(other, new IPEndPoint(other.Address, 9000), (_, _) => { }, out var source, out _));
        _target = target;
        _source = source;
    }

    public int Read { get; private set; }

    public void Flood(int datagrams, int bytes) => _source.Send(new byte[datagrams * bytes], bytes, Destination.Of(_target.Local));

    public void Dispose()
    {
        _target.Close();
        _source.Close();
    }
}
