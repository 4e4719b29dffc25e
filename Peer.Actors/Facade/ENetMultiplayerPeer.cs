using Akka.Actor;
using Akka.Configuration;
using Peer.Actors.Facade;
using Peer.Protocol;
using Peer.Protocol.ENet;

namespace Peer.Actors;

/// <summary>
/// ENet on the wire, as the engine's class of that name: unmodified Godot clients connect to it, and it connects to unmodified Godot servers. What ENet cannot
/// protect is in <c>docs/enet.md</c>; where both ends are yours, <see cref="ActorMultiplayerPeer"/> is the better choice.
/// </summary>
public sealed class ENetMultiplayerPeer : ActorBackedPeer
{
    private string _bindAddress = "*";

    /// <summary>A peer that is not active yet, with an actor system of its own.</summary>
    public ENetMultiplayerPeer()
        : this(Config.Empty)
    {
    }

    /// <summary>A peer that is not active yet and lives in a given actor system.</summary>
    /// <param name="system">The system; it is never shut down from here. Its configuration needs <see cref="ActorPeer.DefaultConfig"/> as a fallback.</param>
    public ENetMultiplayerPeer(ActorSystem system)
        : this(new ActorSystemRuntime(system))
    {
    }

    /// <summary>A peer with an actor system of its own and other settings than the embedded defaults.</summary>
    /// <param name="settings">HOCON; what it does not say is taken from the defaults.</param>
    public ENetMultiplayerPeer(Config settings)
        : this(new ActorSystemRuntime(settings))
    {
    }

    internal ENetMultiplayerPeer(IPeerRuntime runtime)
        : base(runtime)
    {
    }

    /// <summary>What is said on top of ENet; for what is created next.</summary>
    public ENetDialect Dialect { get; set; }

    /// <summary>How datagrams are compressed, the same at both ends; for what is created next. Godot's own default is none up to 3.4, and the range coder from 3.5 on.</summary>
    public ENetCompression CompressionMode { get; set; }

    /// <summary>Whether datagrams carry a checksum, at both ends or none; for what is created next. Godot's own peers use none.</summary>
    public bool UseChecksum { get; set; }

    /// <summary>Address to listen on and send from, for what is created next; <c>*</c> is every address.</summary>
    /// <param name="address">An address or <c>*</c>.</param>
    public void SetBindIp(string address) => _bindAddress = address;

    /// <summary>Listens for clients. Connected, with ID 1, when it returns <see cref="Error.Ok"/>.</summary>
    /// <param name="port">UDP port, 0 .. 65 535; 0 lets the system choose.</param>
    /// <param name="maxClients">Most clients, 1 .. 4 095.</param>
    /// <param name="maxChannels">Most transfer channels beside the engine's own; 0 for as many as ENet has.</param>
    /// <param name="inBandwidth">Bytes per second that it takes, 0 for any.</param>
    /// <param name="outBandwidth">Bytes per second that it sends at most, 0 for any.</param>
    /// <returns>
    /// <see cref="Error.Ok"/>, <see cref="Error.AlreadyInUse"/>, <see cref="Error.InvalidParameter"/> or <see cref="Error.CantCreate"/>, with the cause in
    /// <see cref="ActorBackedPeer.LastErrorText"/>.
    /// </returns>
    public Error CreateServer(int port, int maxClients = 32, int maxChannels = 0, int inBandwidth = 0, int outBandwidth = 0)
    {
        var options = Options(maxChannels, inBandwidth, outBandwidth);
        var problem = TryBind(_bindAddress, port, out var bind) ?? options.Problem;
        if (maxClients is < 1 or > ENetFormat.NoPeer)
            problem ??= $"{maxClients} clients; ENet has room for 1 to {ENetFormat.NoPeer}";
        return Refusal(problem) ?? Start(new PeerRole.Server(bind) { ENet = options }, maxClients);
    }

    /// <summary>
    /// Begins to connect to a server and returns at once; <see cref="MultiplayerPeer.ConnectionSucceeded"/> or <see cref="MultiplayerPeer.ConnectionFailed"/>
    /// follows in a poll. The client draws its own ID, as the engine's does.
    /// </summary>
    /// <param name="address">Name or address.</param>
    /// <param name="port">UDP port, 1 .. 65 535.</param>
    /// <param name="channelCount">Transfer channels beside the engine's own; 0 for as many as ENet has.</param>
    /// <param name="inBandwidth">Bytes per second that it takes, 0 for any.</param>
    /// <param name="outBandwidth">Bytes per second that it sends at most, 0 for any.</param>
    /// <param name="localPort">Local UDP port, 0 for any.</param>
    /// <returns>As <see cref="CreateServer"/>; a host that does not exist is not known yet.</returns>
    public Error CreateClient(string address, int port, int channelCount = 0, int inBandwidth = 0, int outBandwidth = 0, int localPort = 0)
    {
        var options = Options(channelCount, inBandwidth, outBandwidth);
        var problem = CheckRemote(address, port) ?? TryBind(_bindAddress, localPort, out var local) ?? options.Problem;
        if (Refusal(problem) is { } refusal)
            return refusal;
        TryBind(_bindAddress, localPort, out local);
        return Start(new PeerRole.Client(address, port) { ENet = options, LocalPort = localPort, LocalAddress = _bindAddress == "*" ? null : local.Address }, maxPeers: null);
    }

    /// <summary>Becomes a mesh peer, connected at once; <see cref="AddMeshPeer"/> connects it to others.</summary>
    /// <param name="id">Its own ID, 1 .. 2 147 483 647, different from all others'.</param>
    /// <param name="port">UDP port to listen on, 0 for any.</param>
    /// <returns>As <see cref="CreateServer"/>.</returns>
    public Error CreateMesh(int id, int port = 0)
    {
        var options = Options(0, 0, 0);
        var problem = TryBind(_bindAddress, port, out var bind) ?? options.Problem ?? (id < 1 ? $"{id} is no peer ID" : null);
        return Refusal(problem) ?? Start(new PeerRole.Mesh(id, bind) { ENet = options }, maxPeers: null);
    }

    /// <summary>Begins to connect to another mesh peer and returns at once; <see cref="MultiplayerPeer.PeerConnected"/> follows in a poll. One of the two asks.</summary>
    /// <param name="id">The other one's ID.</param>
    /// <param name="host">Name or address.</param>
    /// <param name="port">UDP port, 1 .. 65 535.</param>
    /// <returns>
    /// <see cref="Error.Ok"/>, <see cref="Error.Unconfigured"/> when this is no mesh peer, <see cref="Error.AlreadyInUse"/> when that peer is connected, or
    /// <see cref="Error.InvalidParameter"/>.
    /// </returns>
    public Error AddMeshPeer(int id, string host, int port) => AddToMesh(id, host, port);

    /// <summary>Changes when a connection is given up, as the engine's <c>set_peer_timeout</c>.</summary>
    /// <param name="id">A connected peer; on a client the server.</param>
    /// <param name="limit">Times the resend time that something may go unacknowledged, once the minimum has passed.</param>
    /// <param name="minimum">Milliseconds.</param>
    /// <param name="maximum">Milliseconds, after which it is given up in any case.</param>
    /// <returns><see cref="Error.Ok"/>, or <see cref="Error.InvalidParameter"/> for an ID that nobody has or numbers not in this order, from 1 on.</returns>
    public Error SetPeerTimeout(int id, int limit, int minimum, int maximum)
    {
        if (limit < 1 || limit > minimum || minimum > maximum || !IsConnectedTo(id))
            return Fail(Error.InvalidParameter, "the limit must not be larger than the minimum, nor that than the maximum, and the peer must be connected");
        TellManager(new SetPeerTimeout(id, limit, TimeSpan.FromMilliseconds(minimum), TimeSpan.FromMilliseconds(maximum)));
        return Error.Ok;
    }

    private ENetOptions Options(int channels, int inBandwidth, int outBandwidth) => new()
    {
        Dialect = Dialect,
        MaxChannels = channels,
        IncomingBandwidth = inBandwidth,
        OutgoingBandwidth = outBandwidth,
        Compression = CompressionMode,
        Checksum = UseChecksum,
    };

    private Error? Refusal(string? problem)
    {
        if (GetConnectionStatus() != ConnectionStatus.Disconnected)
            return AlreadyActive();
        return problem is null ? null : Fail(Error.InvalidParameter, problem);
    }
}
