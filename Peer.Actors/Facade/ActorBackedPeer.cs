using System.Net;
using Akka.Actor;
using Peer.Actors.Facade;
using Peer.Protocol;
using Inbox = Peer.Actors.Facade.Inbox;

namespace Peer.Actors;

/// <summary>
/// A peer whose work is done by a <see cref="PeerManager"/>: this object only tells it things and reads what it has left. Nothing here blocks but
/// a poll with a wait, the creation of a server or mesh, and a close; each has a bound. Not safe for several threads at once.
/// </summary>
public abstract partial class ActorBackedPeer : MultiplayerPeer
{
    private readonly IPeerRuntime _runtime;
    private readonly PacketQueue _packets = new();
    private PeerSession? _session;

    // A session that ended by itself; its socket may be open until its manager says Stopped.
    private PeerSession? _ended;

    private protected ActorBackedPeer(IPeerRuntime runtime)
        : base(runtime.Random) => _runtime = runtime;

    /// <summary>What the last failed Create, or connection attempt that could not even start, had to say; empty when there was none.</summary>
    public string LastErrorText { get; private set; } = "";

    /// <summary>The bound address; null when not active, and on a client before it is known.</summary>
    public IPEndPoint? LocalEndPoint => _session?.Local;

    /// <summary>The bound port; tells what port 0 became. 0 when not active, and on a client before it is known.</summary>
    public int LocalPort => LocalEndPoint?.Port ?? 0;

    /// <summary>The port on which a server speaks ENet beside the native protocol; 0 where it does not.</summary>
    public int LocalENetPort => _session?.LocalENet?.Port ?? 0;

    /// <inheritdoc />
    protected override ConnectionStatus Status => _session?.Status ?? ConnectionStatus.Disconnected;

    /// <inheritdoc />
    protected override int UniqueId => _session?.UniqueId ?? 0;

    /// <inheritdoc />
    protected override bool ActsAsServer => _session?.Role is PeerRole.Server;

    /// <inheritdoc />
    protected override bool RelaysBetweenClients => _session?.RelaySupported ?? false;

    /// <inheritdoc />
    protected override int QueuedPackets => _packets.Count;

    /// <inheritdoc />
    protected override int MaxPacketBytes => _session?.MaxMessageBytes ?? base.MaxPacketBytes;

    /// <summary>The role of the active session, null when there is none.</summary>
    private protected PeerRole? Role => _session?.Role;

    /// <inheritdoc />
    protected override bool PeekPacket(out ReceivedPacket packet) => _packets.TryPeek(out packet);

    /// <inheritdoc />
    protected override bool TakePacket(out ReceivedPacket packet) => _packets.TryTake(out packet);

    /// <inheritdoc />
    protected override Error SendPacket(ReadOnlySpan<byte> payload, int target, int channel, TransferMode mode) =>
        _session?.Put(payload, target, new SequenceKey((byte)channel, mode)) ?? Error.Unconfigured;

    /// <inheritdoc />
    protected override bool IsIdInUse(int id) => _session is { } session && (session.UniqueId == id || session.Peers.ContainsKey(id));

    /// <inheritdoc />
    protected override PeerStatistics? FindStatistics(int id)
    {
        PeerGauge? gauge = null;
        return _session?.Peers.TryGetValue(id, out gauge) == true ? gauge?.Statistics ?? PeerStatistics.Empty : null;
    }

    /// <inheritdoc />
    protected override void OnRefuseNewConnectionsChanged(bool refuse) => _session?.Tell(new RefuseNewConnections(refuse));

    /// <inheritdoc />
    protected override void RemovePeer(int id, bool force)
    {
        if (_session is not { } session || !session.Peers.ContainsKey(id))
            return;
        if (session.Role is PeerRole.Client)
        {
            // A client has one connection; to other clients it is only introduced.
            if (id == TargetPeerServer)
                CloseTransport();
            return;
        }

        session.Tell(new Kick(id, force));
    }

    /// <inheritdoc />
    protected override void CloseTransport()
    {
        _packets.Clear();
        if (_session is not { } session)
            return;
        _session = null;
        session.Tell(new Leave(DisconnectInfo.Of(DisconnectReason.Closed)));
        AwaitStopped(session);
    }

    /// <inheritdoc />
    protected override void PollEvents(TimeSpan wait)
    {
        if (_session is not { } session)
            return;
        if (!FinishSuccess(session))
            session.Await(wait, _runtime.Waiter);

        // Only what was there at first: a producer that never rests must not keep the caller here.
        for (var left = session.Inbox.Count; left > 0 && _session == session && session.Inbox.TryTake(out var item); left--)
            Take(session, item);
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
            _runtime.Dispose();
    }

    /// <summary>How full the queue to a peer is, for simulations that watch it; null for a peer without a connection of its own.</summary>
    internal PeerGauge? GaugeOf(int id) => _session?.Peers.GetValueOrDefault(id);

    /// <summary>Notes why something was refused and returns the code.</summary>
    private protected Error Fail(Error error, string text)
    {
        LastErrorText = text;
        return error;
    }

    /// <summary>Tells the manager something, if there is one.</summary>
    private protected void TellManager(IPeerCommand command) => _session?.Tell(command);

    /// <summary>Whether a peer is connected.</summary>
    private protected bool IsConnectedTo(int id) => _session?.Peers.ContainsKey(id) ?? false;

    /// <summary>Starts a manager; of a server or mesh peer, waits until it listens.</summary>
    private protected Error Start(PeerRole role, int? maxPeers)
    {
        if (_ended is { } ended && HasFixedPort(role))
            AwaitStopped(ended);
        _ended = null;
        _packets.Clear();
        LastErrorText = "";
        var outbox = new Outbox();
        Inbox inbox;
        StartedManager manager;
        try
        {
            inbox = _runtime.CreateInbox();
            manager = _runtime.Start(role, maxPeers, inbox, outbox);
        }
        catch (InvalidOperationException failure)
        {
            return Fail(Error.CantCreate, failure.Message);
        }

        var session = new PeerSession(role, manager, inbox, outbox, _runtime);
        if (RefuseNewConnections)
            session.Tell(new RefuseNewConnections(true));
        if (role is PeerRole.Client || AwaitListening(session))
        {
            _session = session;
            return Error.Ok;
        }

        return Error.CantCreate;
    }

    private bool AwaitListening(PeerSession session)
    {
        var started = _runtime.Time.GetTimestamp();
        while (TryNext(session.Inbox, started, _runtime.StartTimeout, out var item))
        {
            switch (item.Event)
            {
                case ENetListening second:
                    session.LocalENet = second.Local;
                    break;
                case Listening listening:
                    session.Bound(listening.Local);
                    return true;
                case CouldNotStart failure:
                    LastErrorText = failure.Cause;
                    _ended = session;
                    return false;
                case Stopped:
                    LastErrorText = "the manager stopped before it listened; the log says why";
                    return false;
            }
        }

        LastErrorText = $"not listening after {_runtime.StartTimeout.TotalSeconds:0.#} s; is the actor system overloaded?";
        session.Tell(new Leave(DisconnectInfo.Of(DisconnectReason.Closed)));
        _ended = session;
        return false;
    }

    // Whatever comes before Stopped is nobody's any more.
    private void AwaitStopped(PeerSession session)
    {
        var started = _runtime.Time.GetTimestamp();
        while (TryNext(session.Inbox, started, _runtime.CloseTimeout, out var item))
        {
            if (item.Event is Stopped)
                return;
            session.Inbox.Consumed(item);
            item.Run.Release();
        }

        session.Tell(PoisonPill.Instance);
    }

    private bool TryNext(Inbox inbox, long started, TimeSpan limit, out InboxItem item)
    {
        item = default;
        var left = limit - _runtime.Time.GetElapsedTime(started);
        return left > TimeSpan.Zero && (inbox.TryTake(out item) || (_runtime.Waiter.Wait(inbox, left) && inbox.TryTake(out item)));
    }

    private static bool HasFixedPort(PeerRole role) => role switch
    {
        PeerRole.Server server => server.Bind.Port != 0,
        PeerRole.Mesh mesh => mesh.Bind.Port != 0,
        PeerRole.Client client => client.LocalPort != 0,
        _ => false,
    };
}
