using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Event;
using Peer.Actors.Connections;
using Peer.Protocol;
using Peer.Protocol.Crypto;
using Peer.Protocol.Handshake;
using Peer.Protocol.Routing;

namespace Peer.Actors;

/// <summary>Outgoing connections: a client's to its server, a mesh peer's to the others.</summary>
internal sealed partial class ManagerActor
{
    /// <summary>Asked for before the socket was bound.</summary>
    private readonly List<AddMeshPeer> _introductions = [];
    private IReadOnlyList<IPEndPoint> _endpoints = [];

    private void ResolveServer(PeerRole.Client client)
    {
        var token = client.Token is { } text && ConnectToken.TryParse(text, out var parsed) ? parsed : null;
        if (client.Token is not null && token is null)
        {
            Self.Tell(new AttemptRefused(DisconnectInfo.Of(DisconnectReason.TokenInvalid, "the connect token cannot be read: it must be the text that the issuer gave out")));
            return;
        }

        // A pin that cannot be read must never pass for no pin.
        if (client.PinnedServerKey is { } pin && !ServerIdentity.TryParsePublicKey(pin, out _))
        {
            Self.Tell(new AttemptRefused(DisconnectInfo.Of(DisconnectReason.IdentityMismatch, "the pinned server key cannot be read")));
            return;
        }

        // A token knows its servers; without one, the host and port do.
        var names = token is { Endpoints.Count: > 0 } ? token.Endpoints : [$"{Bracketed(client.Host)}:{client.Port}", .. client.Others];
        token?.Dispose();
        Resolve(names, static endpoints => new ServerResolved(endpoints));
    }

    private void Dial(PeerRole.Client client)
    {
        var settings = HandshakeSettings() with
        {
            PinnedServerKey = ServerIdentity.TryParsePublicKey(client.PinnedServerKey, out var key) ? key : null,
            Token = client.Token is { } text && ConnectToken.TryParse(text, out var token) ? token : null,
            ApplicationData = WantedRoom.Write(client.Room, client.ApplicationData.Span),
        };
        Dial(0, new Dial(_endpoints, settings, PeerIds.Server));
    }

    private void Dial(AddMeshPeer add)
    {
        if (_role is not PeerRole.Mesh || add.Peer == _ownId || add.Peer < 1 || _peers.ContainsKey(add.Peer))
        {
            _log.Warning("Mesh peer {0} was not dialled: {1}", add.Peer, _role is PeerRole.Mesh ? "its ID is this peer's own, taken, or below 1" : "this peer is no mesh peer");
            return;
        }

        var peer = add.Peer;
        Resolve([$"{Bracketed(add.Host)}:{add.Port}"], endpoints => new MeshPeerResolved(peer, endpoints));
    }

    private void Dial(int peer, IReadOnlyList<IPEndPoint> endpoints)
    {
        if (_peers.ContainsKey(peer))
            return;
        if (_enet is not null)
            DialENet(peer, endpoints, _ownId, peer);
        else
            Dial(peer, new Dial(endpoints, HandshakeSettings() with { WantedPeerId = _ownId }, peer));
    }

    private void Dial(int peer, Dial dial)
    {
        var member = NewMember(peer, isDialling: true);
        Adopt(member, Connection.Dialling(member, _port.Transport, _port.Sender!, _runtime, _partials, dial), $"connection-{(peer == 0 ? PeerIds.Server : peer)}");
    }

    private ClientHandshakeSettings HandshakeSettings() => new()
    {
        ApplicationName = _runtime.Settings.Application,
        ConnectTimeout = Clock.Micros(_runtime.Settings.ConnectTimeout),
    };

    /// <summary>Addresses are taken as they are, at once; only names are looked up, off the actor's thread.</summary>
    private void Resolve(IReadOnlyList<string> names, Func<IReadOnlyList<IPEndPoint>, object> found)
    {
        var endpoints = new List<IPEndPoint>();
        foreach (var name in names)
        {
            if (IPEndPoint.TryParse(name, out var endpoint) && endpoint.Port != 0)
                endpoints.Add(endpoint);
        }

        if (endpoints.Count == names.Count)
        {
            Self.Tell(found(endpoints));
            return;
        }

        LookUp(names).PipeTo(Self, Self, list => found(list), e => new ResolveFailed($"{string.Join(", ", names)} could not be resolved: {e.GetBaseException().Message}"));
    }

    private static async Task<IReadOnlyList<IPEndPoint>> LookUp(IReadOnlyList<string> names)
    {
        var endpoints = new List<IPEndPoint>();
        foreach (var name in names)
        {
            var colon = name.LastIndexOf(':');
            var port = int.Parse(name.AsSpan(colon + 1), System.Globalization.CultureInfo.InvariantCulture);
            IPAddress[] addresses;
            try
            {
                addresses = await Dns.GetHostAddressesAsync(name[..colon].Trim('[', ']')).ConfigureAwait(false);
            }
            catch (SocketException) when (names.Count > 1)
            {
                // One of several that nobody knows the way to; the others will do.
                continue;
            }

            endpoints.AddRange(addresses
                .OrderBy(address => address.AddressFamily == AddressFamily.InterNetwork ? 0 : 1)
                .Select(address => new IPEndPoint(address, port)));
        }

        return endpoints.Count > 0 ? endpoints : throw new SocketException((int)SocketError.HostNotFound);
    }

    private IPEndPoint LocalBind(IReadOnlyList<IPEndPoint> servers)
    {
        var client = (PeerRole.Client)_role;
        if (client.LocalAddress is { } address)
            return new IPEndPoint(address, client.LocalPort);
        var families = servers.Select(server => server.AddressFamily).Distinct().ToArray();
        return new IPEndPoint(families is [AddressFamily.InterNetwork] ? IPAddress.Any : IPAddress.IPv6Any, client.LocalPort);
    }

    private static string Bracketed(string host) => host.Contains(':') && !host.StartsWith('[') ? $"[{host}]" : host;

    private sealed record ServerResolved(IReadOnlyList<IPEndPoint> Endpoints) : INoSerializationVerificationNeeded;

    private sealed record MeshPeerResolved(int Peer, IReadOnlyList<IPEndPoint> Endpoints) : INoSerializationVerificationNeeded;

    private sealed record AttemptRefused(DisconnectInfo Why) : INoSerializationVerificationNeeded;

    private sealed record ResolveFailed(string Cause) : INoSerializationVerificationNeeded;
}
