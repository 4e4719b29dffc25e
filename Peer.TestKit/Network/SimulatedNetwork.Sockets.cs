using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Peer.TestKit.Network;

// Who listens where.
public sealed partial class SimulatedNetwork
{
    private const int FirstFreePort = 40_000;

    private readonly Dictionary<IPEndPoint, SimulatedSocket> _bound = [];
    private readonly Dictionary<IPEndPoint, SimulatedSocket> _public = [];
    private int _freePort = FirstFreePort;

    /// <summary>Binds a socket; any address is the host's own.</summary>
    internal bool TryBind(
        SimulatedHost? host,
        IPEndPoint wanted,
        Action<byte[], IPEndPoint> arrived,
        [NotNullWhen(true)] out SimulatedSocket? socket,
        [NotNullWhen(false)] out string? problem)
    {
        socket = null;
        var isAny = wanted.Address.Equals(IPAddress.Any) || wanted.Address.Equals(IPAddress.IPv6Any);
        if (host is null && isAny)
        {
            problem = $"any address ({wanted.Address}) is no address of a simulated host: make the peer with NewPeer or Manager of its host, or bind that host's address";
            return false;
        }

        var address = isAny ? host!.Address : wanted.Address;
        if (host is not null && !address.Equals(host.Address))
        {
            problem = $"{address} is not an address of {host.Name}, which has {host.Address}";
            return false;
        }

        var local = new IPEndPoint(address, wanted.Port != 0 ? wanted.Port : FreePort(address));
        if (_bound.ContainsKey(local) || _public.ContainsKey(local))
        {
            problem = $"UDP port {local.Port} on {address} is taken";
            return false;
        }

        problem = null;
        socket = new SimulatedSocket(this, host, local, arrived);
        _bound.Add(local, socket);
        _public.Add(local, socket);
        return true;
    }

    internal void Unbind(SimulatedSocket socket)
    {
        if (_bound.TryGetValue(socket.Local, out var bound) && bound == socket)
            _bound.Remove(socket.Local);
        if (_public.TryGetValue(socket.Public, out var shown) && shown == socket)
            _public.Remove(socket.Public);
    }

    /// <summary>All sockets of the host get new public ports.</summary>
    internal void Rebind(IPAddress address)
    {
        foreach (var socket in SocketsOf(address))
        {
            _public.Remove(socket.Public);
            socket.Public = new IPEndPoint(address, FreePort(address));
            _public.Add(socket.Public, socket);
        }
    }

    internal void CloseAll(IPAddress address)
    {
        foreach (var socket in SocketsOf(address))
            socket.Close();
    }

    internal void ReadBuffers(IPAddress address)
    {
        foreach (var socket in SocketsOf(address))
            socket.ReadBuffer();
    }

    // In the order of their ports: the order of a dictionary is nobody's promise.
    private SimulatedSocket[] SocketsOf(IPAddress address) =>
        [.. _bound.Values.Where(socket => socket.Local.Address.Equals(address)).OrderBy(socket => socket.Local.Port)];

    private int FreePort(IPAddress address)
    {
        IPEndPoint candidate;
        do
        {
            _freePort = _freePort >= IPEndPoint.MaxPort ? FirstFreePort : _freePort + 1;
            candidate = new IPEndPoint(address, _freePort);
        }
        while (_bound.ContainsKey(candidate) || _public.ContainsKey(candidate));
        return candidate.Port;
    }
}
