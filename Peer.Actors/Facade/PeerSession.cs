using System.Net;
using Akka.Actor;
using Peer.Actors.Threads;
using Peer.Protocol;

namespace Peer.Actors.Facade;

/// <summary>One manager's life as the caller's thread sees it, from a Create to its end: who is there, and who may be sent to. Changes inside Poll only.</summary>
internal sealed class PeerSession
{
    private readonly IActorRef _manager;
    private readonly Lead? _lead;
    private readonly Outbox _outbox;
    private readonly BroadcastBudget _budget = new();
    private int _puts;
    private int _putsBefore;

    public PeerSession(PeerRole role, StartedManager started, Inbox inbox, Outbox outbox, IPeerRuntime runtime)
    {
        Role = role;
        Inbox = inbox;
        Status = ConnectionStatus.Connecting;
        RelaySupported = role is PeerRole.Server && runtime.RelaySupported;
        MaxMessageBytes = runtime.MaxMessageBytes;
        (_manager, _lead) = started;
        _outbox = outbox;
    }

    public PeerRole Role { get; }

    public Inbox Inbox { get; }

    public int MaxMessageBytes { get; }

    public ConnectionStatus Status { get; private set; }

    public int UniqueId { get; private set; }

    public bool RelaySupported { get; private set; }

    /// <summary>Where the socket is bound; null before it is.</summary>
    public IPEndPoint? Local { get; private set; }

    /// <summary>Where a server speaks ENet beside the native protocol; null where it does not.</summary>
    public IPEndPoint? LocalENet { get; set; }

    /// <summary>The connected peers; without a gauge when the server relays to them.</summary>
    public Dictionary<int, PeerGauge?> Peers { get; } = [];

    /// <summary>PeerConnected(1) has been raised, ConnectionSucceeded is due: two signals of one moment, either of whose handlers may throw.</summary>
    public bool SuccessIsDue { get; set; }

    public void Bound(IPEndPoint local)
    {
        Local = local;
        if (Role is PeerRole.Client)
            return;
        Status = ConnectionStatus.Connected;
        UniqueId = Role is PeerRole.Mesh mesh ? mesh.Id : MultiplayerPeer.TargetPeerServer;
    }

    public void Succeeded(ConnectionSucceeded success)
    {
        Status = ConnectionStatus.Connected;
        UniqueId = success.UniqueId;
        RelaySupported = success.RelaySupported;
        SuccessIsDue = true;
        Peers.TryAdd(MultiplayerPeer.TargetPeerServer, null);
    }

    public void Joined(int peer, PeerGauge? gauge)
    {
        Peers[peer] = gauge;
        _budget.Invalidate();
    }

    public bool Left(int peer)
    {
        _budget.Invalidate();
        return Peers.Remove(peer);
    }

    public void Tell(object message) => _manager.Tell(message, ActorRefs.NoSender);

    /// <summary>Queues a packet, if the target is somebody and has room.</summary>
    public Error Put(ReadOnlySpan<byte> payload, int target, SequenceKey key)
    {
        // All but oneself is all.
        if (target < 0 && target == -UniqueId)
            target = MultiplayerPeer.TargetPeerBroadcast;
        if (target != MultiplayerPeer.TargetPeerBroadcast && !Peers.ContainsKey(target < 0 ? -target : target))
            return Error.InvalidParameter;
        if (!HasRoom(target, payload.Length))
            return Error.Busy;
        _budget.Spend(payload.Length);
        _puts++;
        if (_outbox.Append(target, key, payload))
            Ring();
        return Error.Ok;
    }

    /// <summary>Waits for something in the inbox; does the manager's work meanwhile, where this thread can, and once even without a wait.</summary>
    public void Await(TimeSpan wait, IPollWaiter waiter)
    {
        _putsBefore = _puts;
        _puts = 0;
        var isIdle = Inbox.Count == 0 && wait > TimeSpan.Zero;
        if (_lead is not null && isIdle)
            _lead.Wait(Inbox, wait);
        else if (_lead is not null)
            _lead.Help();
        else if (isIdle)
            waiter.Wait(Inbox, wait);
    }

    private void Ring()
    {
        // Who puts one packet between two polls wants it to leave now; who puts many wants few datagrams.
        if (_lead is not null)
            _lead.Ring(_manager, isLone: _puts == 1 && _putsBefore <= 1);
        else
            Tell(Doorbell.Instance);
    }

    /// <summary>Whether the target has room. A run that is being routed just now counts twice: whoever finds no room meanwhile looks again when that is over.</summary>
    private bool HasRoom(int target, int size)
    {
        var patience = default(SpinWait);
        while (true)
        {
            var turn = _outbox.Turn;
            if (SeesRoom(target, size))
                return true;
            if (turn % 2 == 0 && turn == _outbox.Turn)
                return false;
            patience.SpinOnce();
        }
    }

    private bool SeesRoom(int target, int size)
    {
        var pending = _outbox.PendingBytes;

        // Everything that a client sends goes over its one connection.
        var gaugeOf = Role is PeerRole.Client ? MultiplayerPeer.TargetPeerServer : target;
        if (gaugeOf <= 0)
            return _budget.Admits(Peers, -gaugeOf, size, pending);
        return Peers.GetValueOrDefault(gaugeOf) is not { } gauge || pending + gauge.QueuedBytes + size <= gauge.LimitBytes;
    }
}
