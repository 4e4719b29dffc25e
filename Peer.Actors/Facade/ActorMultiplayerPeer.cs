using Akka.Actor;
using Akka.Configuration;
using Peer.Actors.Facade;
using Peer.Protocol;
using Peer.Protocol.Crypto;
using Peer.Protocol.Handshake;

namespace Peer.Actors;

/// <summary>The native, encrypted protocol.</summary>
public sealed class ActorMultiplayerPeer : ActorBackedPeer
{
    private const int MaxApplicationBytes = 256;

    /// <summary>A peer that is not active yet, with an actor system of its own, started from the embedded defaults when it is needed.</summary>
    public ActorMultiplayerPeer()
        : this(Config.Empty)
    {
    }

    /// <summary>A peer that is not active yet and lives in a given actor system.</summary>
    /// <param name="system">The system; it is never shut down from here. Its configuration needs <see cref="ActorPeer.DefaultConfig"/> as a fallback.</param>
    public ActorMultiplayerPeer(ActorSystem system)
        : this(new ActorSystemRuntime(system))
    {
    }

    /// <summary>A peer with an actor system of its own and other settings than the embedded defaults.</summary>
    /// <param name="settings">HOCON; what it does not say is taken from the defaults.</param>
    public ActorMultiplayerPeer(Config settings)
        : this(new ActorSystemRuntime(settings))
    {
    }

    internal ActorMultiplayerPeer(IPeerRuntime runtime)
        : base(runtime)
    {
    }

    /// <summary>Listens for clients; waits until the port is bound, for a bounded time. Connected, with ID 1, when it returns <see cref="Error.Ok"/>.</summary>
    /// <param name="port">UDP port, 0 .. 65 535; 0 lets the system choose, see <see cref="ActorBackedPeer.LocalPort"/>.</param>
    /// <param name="options">The rest; null for the defaults.</param>
    /// <returns>
    /// <see cref="Error.Ok"/>, <see cref="Error.AlreadyInUse"/> on an active peer, <see cref="Error.InvalidParameter"/>, or <see cref="Error.CantCreate"/>, with
    /// the cause in <see cref="ActorBackedPeer.LastErrorText"/>.
    /// </returns>
    public Error CreateServer(int port, ServerOptions? options = null)
    {
        options ??= new ServerOptions();
        if (GetConnectionStatus() != ConnectionStatus.Disconnected)
            return AlreadyActive();
        if (options.MaxPeers is < 1)
            return Fail(Error.InvalidParameter, "a server needs room for one peer at least");
        return TryBind(options.BindAddress, port, out var bind) is { } problem
            ? Fail(Error.InvalidParameter, problem)
            : StartServer(bind, options);
    }

    private Error StartServer(System.Net.IPEndPoint bind, ServerOptions options)
    {
        System.Net.IPEndPoint? second = null;
        if (options.ENet is { } enet)
        {
            if ((TryBind(options.BindAddress, options.ENetPort, out second) ?? enet.Problem) is { } problem)
                return Fail(Error.InvalidParameter, problem);
        }

        return Start(new PeerRole.Server(bind) { Admission = options.Admission, ENet = options.ENet, ENetBind = second }, options.MaxPeers);
    }

    /// <summary>
    /// Begins to connect to a server and returns at once; <see cref="MultiplayerPeer.ConnectionSucceeded"/> or <see cref="MultiplayerPeer.ConnectionFailed"/>
    /// follows in a poll. Drops packets of an earlier connection that were not taken.
    /// </summary>
    /// <param name="host">Name or address.</param>
    /// <param name="port">UDP port, 1 .. 65 535.</param>
    /// <param name="options">The rest; null for the defaults.</param>
    /// <returns>As <see cref="CreateServer"/>; a host that does not exist is not known yet.</returns>
    public Error CreateClient(string host, int port, ClientOptions? options = null)
    {
        options ??= new ClientOptions();
        if (GetConnectionStatus() != ConnectionStatus.Disconnected)
            return AlreadyActive();
        var problem = CheckRemote(host, port);
        var bindProblem = TryBind(options.BindAddress, options.LocalPort, out var local);
        problem ??= bindProblem;
        problem ??= options.Others.Select(CheckOther).FirstOrDefault(objection => objection is not null);
        problem ??= CheckSaid(options);
        if (options.PinnedServerKey is { } key && !ServerIdentity.TryParsePublicKey(key, out _))
            problem ??= "a pinned server key is base64url of the 64 bytes of a P-256 public key";
        if (problem is not null)
            return Fail(Error.InvalidParameter, problem);
        var role = new PeerRole.Client(host, port)
        {
            Token = options.Token,
            PinnedServerKey = options.PinnedServerKey,
            Others = options.Others.Count == 0 ? [] : [.. options.Others],
            Room = options.Room,
            ApplicationData = options.ApplicationData,
            LocalPort = options.LocalPort,
            LocalAddress = options.BindAddress == "*" ? null : local.Address,
        };
        return Start(role, maxPeers: null);
    }

    private static string? CheckSaid(ClientOptions options)
    {
        if (System.Text.Encoding.UTF8.GetByteCount(options.Room) > WantedRoom.MaxRoomLength)
            return $"a room's name has at most {WantedRoom.MaxRoomLength} bytes";
        var taken = WantedRoom.LengthOf(options.Room);
        return taken + options.ApplicationData.Length <= MaxApplicationBytes
            ? null
            : $"application data of {options.ApplicationData.Length} bytes; at most {MaxApplicationBytes - taken}";
    }

    /// <summary>Becomes a mesh peer, connected at once; <see cref="AddMeshPeer"/> connects it to others.</summary>
    /// <param name="id">Its own ID, 1 .. 2 147 483 647, different from all others'.</param>
    /// <param name="options">The rest; null for the defaults.</param>
    /// <returns>As <see cref="CreateServer"/>.</returns>
    public Error CreateMesh(int id, MeshOptions? options = null)
    {
        options ??= new MeshOptions();
        if (GetConnectionStatus() != ConnectionStatus.Disconnected)
            return AlreadyActive();
        if (id < 1)
            return Fail(Error.InvalidParameter, $"{id} is no peer ID");
        return TryBind(options.BindAddress, options.Port, out var bind) is { } problem
            ? Fail(Error.InvalidParameter, problem)
            : Start(new PeerRole.Mesh(id, bind), maxPeers: null);
    }

    /// <summary>Begins to connect to another mesh peer and returns at once; <see cref="MultiplayerPeer.PeerConnected"/> follows in a poll.</summary>
    /// <param name="id">The other one's ID.</param>
    /// <param name="host">Name or address.</param>
    /// <param name="port">UDP port, 1 .. 65 535.</param>
    /// <returns>
    /// <see cref="Error.Ok"/>, <see cref="Error.Unconfigured"/> when this is no mesh peer, <see cref="Error.AlreadyInUse"/> when that peer is connected, or
    /// <see cref="Error.InvalidParameter"/>.
    /// </returns>
    public Error AddMeshPeer(int id, string host, int port) => AddToMesh(id, host, port);
}
