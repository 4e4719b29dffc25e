using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Peer.Protocol;

namespace Peer.Actors;

// What all of them check before they create anything.
public abstract partial class ActorBackedPeer
{
    /// <summary>Why a remote address cannot be one; null when it can.</summary>
    private protected static string? CheckRemote(string host, int port)
    {
        if (string.IsNullOrEmpty(host) || (Uri.CheckHostName(host) == UriHostNameType.Unknown && !IPAddress.TryParse(host, out _)))
            return $"'{host}' is neither a host name nor an address";
        return port is < 1 or > IPEndPoint.MaxPort ? PortProblem(port) : null;
    }

    /// <summary>The same for <c>host:port</c>.</summary>
    private protected static string? CheckOther(string remote)
    {
        var colon = remote.LastIndexOf(':');
        return colon < 0 || !int.TryParse(remote.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? $"'{remote}' is no host:port"
            : CheckRemote(remote[..colon].Trim('[', ']'), port);
    }

    /// <summary>Where to bind, or why one cannot.</summary>
    private protected static string? TryBind(string address, int port, out IPEndPoint bind)
    {
        bind = new IPEndPoint(IPAddress.Any, 0);
        if (port is < IPEndPoint.MinPort or > IPEndPoint.MaxPort)
            return PortProblem(port);
        IPAddress? parsed;
        if (address == "*")
            parsed = Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;
        else if (!IPAddress.TryParse(address, out parsed))
            return $"'{address}' is neither an address nor *";
        bind = new IPEndPoint(parsed, port);
        return null;
    }

    private protected Error AlreadyActive() => Fail(Error.AlreadyInUse, "this peer is active; close it first");

    /// <summary>Begins to connect to another mesh peer.</summary>
    private protected Error AddToMesh(int id, string host, int port)
    {
        if (GetConnectionStatus() != ConnectionStatus.Connected || Role is not PeerRole.Mesh self)
            return Fail(Error.Unconfigured, "not a mesh peer");
        if (id < 1 || id == self.Id)
            return Fail(Error.InvalidParameter, $"{id} is not another peer's ID");
        if (CheckRemote(host, port) is { } problem)
            return Fail(Error.InvalidParameter, problem);
        if (IsConnectedTo(id))
            return Fail(Error.AlreadyInUse, $"peer {id} is connected already");
        TellManager(new AddMeshPeer(id, host, port));
        return Error.Ok;
    }

    private static string PortProblem(int port) => $"{port} is no UDP port";
}
