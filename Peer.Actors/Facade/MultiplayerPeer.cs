using System.Buffers.Binary;
using Peer.Protocol;

namespace Peer.Actors;

/// <summary>Peers with IDs over some network, as Godot's class of that name. Not safe for several threads at once.</summary>
/// <remarks>
/// A transport of your own overrides the protected abstract members and nothing else: what is queued (<see cref="PacketPeer.QueuedPackets"/>,
/// <see cref="PeekPacket"/>, <see cref="PacketPeer.TakePacket"/>), how to send (<see cref="SendPacket(ReadOnlySpan{byte}, int, int, TransferMode)"/>),
/// its state (<see cref="Status"/>, <see cref="UniqueId"/>), and <see cref="PollEvents"/>, <see cref="RemovePeer"/>, <see cref="CloseTransport"/>. It raises
/// signals with the <c>Emit</c> methods, and only inside <see cref="PollEvents"/>. Every method throws <see cref="ObjectDisposedException"/> after <see cref="Dispose()"/>.
/// </remarks>
public abstract partial class MultiplayerPeer : PacketPeer, IDisposable
{
    /// <summary>Target for everybody.</summary>
    public const int TargetPeerBroadcast = 0;

    /// <summary>Target for the server alone.</summary>
    public const int TargetPeerServer = 1;

    private const int MaxChannel = 254;
    private const int MaxIdDraws = 1000;

    private readonly IRandomSource _random;
    private bool _refusing;
    private bool _disposed;

    /// <summary>A peer that is not connected.</summary>
    /// <param name="random">Where <see cref="GenerateUniqueId"/> draws from; null for the operating system.</param>
    protected MultiplayerPeer(IRandomSource? random = null) => _random = random ?? SystemRandomSource.Instance;

    /// <summary>Whether newcomers are refused; they are told at once and why.</summary>
    public bool RefuseNewConnections
    {
        get => Usable(_refusing);
        set
        {
            ThrowIfUnusable();
            if (_refusing == value)
                return;
            _refusing = value;
            OnRefuseNewConnectionsChanged(value);
        }
    }

    /// <summary>Channel of the packets put from now on, 0 .. 254. Each (channel, mode) pair is a sequence of its own.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside that range.</exception>
    public int TransferChannel
    {
        get => Usable(field);
        set
        {
            ThrowIfUnusable();
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, MaxChannel);
            field = value;
        }
    }

    /// <summary>Mode of the packets put from now on.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is no <see cref="Peer.Protocol.TransferMode"/>.</exception>
    public TransferMode TransferMode
    {
        get => Usable(field);
        set
        {
            ThrowIfUnusable();
            if (value is < TransferMode.Unreliable or > TransferMode.Reliable)
                throw new ArgumentOutOfRangeException(nameof(value), value, "not a transfer mode");
            field = value;
        }
    }

    = TransferMode.Reliable;

    /// <summary>Why the last peer left, attempt failed or server went; set before the signal is raised.</summary>
    public DisconnectInfo LastDisconnect { get; private set; } = DisconnectInfo.None;

    /// <summary>The state that <see cref="GetConnectionStatus"/> tells.</summary>
    protected abstract ConnectionStatus Status { get; }

    /// <summary>The ID that <see cref="GetUniqueId"/> tells: 0 while not connected.</summary>
    protected abstract int UniqueId { get; }

    /// <summary>What <see cref="IsServer"/> tells; whether the ID is 1 unless overridden.</summary>
    protected virtual bool ActsAsServer => UniqueId == TargetPeerServer;

    /// <summary>What <see cref="IsServerRelaySupported"/> tells; false unless overridden.</summary>
    protected virtual bool RelaysBetweenClients => false;

    /// <summary>The target set by <see cref="SetTargetPeer"/>.</summary>
    protected int TargetPeer { get; private set; }

    /// <summary>A random ID, 2 .. 2 147 483 647, that is not in use as far as this peer knows.</summary>
    public int GenerateUniqueId()
    {
        ThrowIfUnusable();
        Span<byte> bytes = stackalloc byte[4];
        for (var draw = 0; draw < MaxIdDraws; draw++)
        {
            _random.Fill(bytes);
            var id = BinaryPrimitives.ReadInt32LittleEndian(bytes) & int.MaxValue;
            if (id > TargetPeerServer && !IsIdInUse(id))
                return id;
        }

        throw new InvalidOperationException("the random source yields no unused ID");
    }

    /// <summary>State of the connection.</summary>
    public ConnectionStatus GetConnectionStatus() => Usable(Status);

    /// <summary>This peer's ID: 1 on a server, the assigned one on a connected client, 0 while not connected.</summary>
    public int GetUniqueId() => Usable(UniqueId);

    /// <summary>Sender of the next packet in the queue; of the last one taken when the queue is empty; 0 before the first.</summary>
    public int GetPacketPeer() => PeekUsable(out var next) ? next.Peer : LastPeer;

    /// <summary>Channel of the packet that <see cref="GetPacketPeer"/> tells about.</summary>
    public int GetPacketChannel() => PeekUsable(out var next) ? next.Channel : LastChannel;

    /// <summary>Mode of the packet that <see cref="GetPacketPeer"/> tells about.</summary>
    public TransferMode GetPacketMode() => PeekUsable(out var next) ? next.Mode : LastMode;

    /// <summary>Waits up to one second for a network event, as the engine's class reference promises; see <see cref="Poll(TimeSpan)"/>.</summary>
    public void Poll() => Poll(TimeSpan.FromSeconds(1));

    /// <summary>
    /// Waits for a network event, then takes everything that is there: signals are raised inside, on this thread, in the order in which things happened, and packets
    /// become available. Returns at once when not active.
    /// </summary>
    /// <param name="wait">Longest wait for the first event; zero never blocks. Rounded up to whole milliseconds.</param>
    /// <exception cref="ArgumentOutOfRangeException">The wait is negative.</exception>
    /// <remarks>What a signal's handler throws comes out of here; every handler of that signal has been called by then, and the next call goes on with the next event.</remarks>
    public void Poll(TimeSpan wait)
    {
        ThrowIfUnusable();
        ArgumentOutOfRangeException.ThrowIfLessThan(wait, TimeSpan.Zero);
        PollEvents(wait);
    }

    /// <summary>Sets whom packets go to from now on: 0 all, 1 the server, n that peer, -n all but n. Checked by the put, not here.</summary>
    /// <param name="id">The target.</param>
    public void SetTargetPeer(int id)
    {
        ThrowIfUnusable();
        TargetPeer = id;
    }

    /// <summary>Disconnects a peer; <see cref="PeerDisconnected"/> follows in a later poll. An ID that is not connected is ignored, as the peer may just have left.</summary>
    /// <param name="id">Its ID. On a client 1 closes the connection.</param>
    /// <param name="force">False: what is queued reliably goes first, then the peer is told why. True: at once.</param>
    public void DisconnectPeer(int id, bool force = false)
    {
        ThrowIfUnusable();
        RemovePeer(id, force);
    }

    /// <summary>Closes gracefully, within a bounded time. Raises no signals and drops the packets not yet taken. The peer can be used again.</summary>
    public void Close()
    {
        ThrowIfUnusable();
        CloseTransport();
    }

    /// <summary>Whether this peer is the server.</summary>
    public bool IsServer() => Usable(ActsAsServer);

    /// <summary>Whether the server passes packets on between its clients.</summary>
    public bool IsServerRelaySupported() => Usable(RelaysBetweenClients);

    /// <summary>Figures of the connection to a peer; <see cref="PeerStatistics.Empty"/> for one that is reached through the server.</summary>
    /// <param name="id">The peer's ID.</param>
    /// <exception cref="ArgumentException">No such peer is connected.</exception>
    public PeerStatistics GetPeerStatistics(int id)
    {
        ThrowIfUnusable();
        return FindStatistics(id) ?? throw new ArgumentException($"no peer {id} is connected", nameof(id));
    }

    /// <summary>Closes, and frees what belongs to this object. Raises no signals.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        Dispose(disposing: true);
        _disposed = true;
        GC.SuppressFinalize(this);
    }

    /// <summary>The oldest packet without taking it; false when there is none.</summary>
    protected abstract bool PeekPacket(out ReceivedPacket packet);

    /// <summary>Sends to a target while connected; see <see cref="SetTargetPeer"/> for what it means. An ID nobody has is <see cref="Error.InvalidParameter"/>.</summary>
    /// <param name="payload">1 byte or more, within the limit, valid during the call only.</param>
    /// <param name="target">0, n or -n.</param>
    /// <param name="channel">0 .. 254.</param>
    /// <param name="mode">The mode.</param>
    protected abstract Error SendPacket(ReadOnlySpan<byte> payload, int target, int channel, TransferMode mode);

    /// <summary>Waits for the first event, if the wait is not zero, and takes all that are there.</summary>
    protected abstract void PollEvents(TimeSpan wait);

    /// <summary>Disconnects a peer.</summary>
    protected abstract void RemovePeer(int id, bool force);

    /// <summary>Closes and forgets everything; raises no signals; does nothing when not active.</summary>
    protected abstract void CloseTransport();

    /// <summary>Whether <see cref="GenerateUniqueId"/> must not give that ID; its own is in use unless overridden.</summary>
    protected virtual bool IsIdInUse(int id) => id == UniqueId;

    /// <summary>Figures of a connected peer, null for an unknown one; null unless overridden.</summary>
    protected virtual PeerStatistics? FindStatistics(int id) => null;

    /// <summary><see cref="RefuseNewConnections"/> has changed.</summary>
    protected virtual void OnRefuseNewConnectionsChanged(bool refuse)
    {
    }

    /// <summary>Closes; an override calls it first and then frees what is its own.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
            CloseTransport();
    }

    /// <inheritdoc />
    protected sealed override Error SendPacket(ReadOnlySpan<byte> payload) => SendPacket(payload, TargetPeer, TransferChannel, TransferMode);

    private protected sealed override void ThrowIfUnusable() => ObjectDisposedException.ThrowIf(_disposed, this);

    private protected sealed override Error Refuse(int size) => Status == ConnectionStatus.Connected ? base.Refuse(size) : Error.Unconfigured;

    private T Usable<T>(T value)
    {
        ThrowIfUnusable();
        return value;
    }

    private bool PeekUsable(out ReceivedPacket next)
    {
        ThrowIfUnusable();
        return PeekPacket(out next);
    }
}
