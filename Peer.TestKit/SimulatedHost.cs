using System.Net;
using Peer.Actors;
using Peer.TestKit.Network;

namespace Peer.TestKit;

/// <summary>A machine of the simulated network: it has an address, and peers live on it.</summary>
public sealed class SimulatedHost : IDisposable
{
    private readonly Simulation _simulation;
    private readonly List<ActorMultiplayerPeer> _peers = [];

    internal SimulatedHost(Simulation simulation, string name, IPAddress address)
    {
        _simulation = simulation;
        Name = name;
        Address = address;
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Its address.</summary>
    public IPAddress Address { get; }

    /// <summary>A peer on this host, not active yet: an ordinary facade over ordinary actors.</summary>
    public ActorMultiplayerPeer NewPeer()
    {
        var peer = new ActorMultiplayerPeer(_simulation.System);
        _peers.Add(peer);
        return peer;
    }

    /// <summary>A server on this host.</summary>
    /// <param name="port">Its port.</param>
    public ActorMultiplayerPeer Serve(int port)
    {
        var peer = NewPeer();
        var error = peer.CreateServer(port, new ServerOptions { BindAddress = Address.ToString() });
        return error == Protocol.Error.Ok ? peer : throw new InvalidOperationException($"{Name} cannot serve on port {port}: {peer.LastErrorText}");
    }

    /// <summary>A client on this host that has begun to connect.</summary>
    /// <param name="server">The server's host.</param>
    /// <param name="port">The server's port.</param>
    public ActorMultiplayerPeer Join(SimulatedHost server, int port)
    {
        ArgumentNullException.ThrowIfNull(server);
        var peer = NewPeer();
        var error = peer.CreateClient(server.Address.ToString(), port, new ClientOptions { BindAddress = Address.ToString() });
        return error == Protocol.Error.Ok ? peer : throw new InvalidOperationException($"{Name} cannot join {server.Name}: {peer.LastErrorText}");
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var peer in _peers)
            peer.Dispose();
    }
}
