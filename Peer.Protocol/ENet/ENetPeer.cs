using Peer.Protocol.Delivery;

namespace Peer.Protocol.ENet;

/// <summary>
/// One ENet connection as a pure state machine: datagrams, time and messages in, datagrams and messages out. Times are microseconds; ENet counts in
/// milliseconds within.
/// </summary>
internal sealed partial class ENetPeer : IDisposable
{
    private readonly ENetSettings _settings;
    private readonly IENetListener _listener;
    private readonly ENetBudgets _budgets;
    private readonly ENetCodec _codec;
    private readonly CommandList _outgoing = new();
    private readonly CommandList _outgoingReliable = new();
    private readonly CommandList _sent = new();
    private readonly UnacknowledgedCommands _unacknowledgedControl = new();
    private readonly Queue<PendingAck> _acks = new();
    private readonly ENetThrottle _throttle = new();
    private readonly ulong[] _unsequencedSeen = new ulong[ENetFormat.UnsequencedWindow / 64];
    private ENetChannel?[] _channels;
    private ushort _remotePeer = ENetFormat.NoPeer;
    private byte _incomingSession;
    private byte _outgoingSession;
    private int _mtu;
    private int _window;
    private ushort _sentControl;
    private ushort _seenControl;
    private bool _hasSeenControl;
    private ushort _sentGroup;
    private ushort _unsequencedBase;
    private uint _order;
    private int _inTransit;
    private long _queuedBytes;
    private long _waiting;
    private uint _heardAt;
    private uint _nextTimeout;
    private uint _earliestTimeout;
    private bool _hasEarliestTimeout;
    private long _ackBy = long.MaxValue;

    /// <summary>A connection that a gate has accepted and that its other end has confirmed.</summary>
    public ENetPeer(ENetSettings settings, IENetListener listener, ENetBudgets budgets, PendingConnect accepted, long now)
        : this(settings, listener, budgets, accepted.Slot, accepted.Offer.ConnectId, accepted.Channels, now)
    {
        _remotePeer = accepted.Offer.PeerId;
        _incomingSession = accepted.IncomingSession;
        _outgoingSession = accepted.OutgoingSession;
        _mtu = accepted.Mtu;
        _window = ENetFormat.WindowFor(settings.OutgoingBandwidth, accepted.Offer.IncomingBandwidth);
        _sentControl = accepted.Number;
        SeeControl(accepted.ControlNumber);
        ConnectData = accepted.Data;
        RemoteIncomingBandwidth = accepted.Offer.IncomingBandwidth;
        RemoteOutgoingBandwidth = accepted.Offer.OutgoingBandwidth;
        _throttle.Interval = accepted.Offer.ThrottleInterval;
        _throttle.Acceleration = accepted.Offer.ThrottleAcceleration;
        _throttle.Deceleration = accepted.Offer.ThrottleDeceleration;
        _throttle.Sample(Milliseconds(now - accepted.AnsweredAt), Milliseconds(now));
        State = ENetState.Connected;
    }

    /// <summary>A connection that this end asks for.</summary>
    /// <param name="settings">The host's.</param>
    /// <param name="listener">Who takes what arrives.</param>
    /// <param name="budgets">What it may hold.</param>
    /// <param name="slot">The id by which the other end is to call this one.</param>
    /// <param name="connectId">Drawn at random.</param>
    /// <param name="channels">How many it asks for.</param>
    /// <param name="data">32 bits for the other end.</param>
    /// <param name="now">Now.</param>
    public ENetPeer(ENetSettings settings, IENetListener listener, ENetBudgets budgets, ushort slot, uint connectId, int channels, uint data, long now)
        : this(settings, listener, budgets, slot, connectId, Math.Clamp(channels, 1, ENetFormat.MaxChannels), now)
    {
        ConnectData = data;
        State = ENetState.Connecting;
        var connect = Control(ENetCommand.Connect, ENetFormat.AcknowledgeFlag);
        connect.Word0 = data;
        connect.Offer = new ConnectionOffer(
            slot, 0xFF, 0xFF, (uint)_mtu, (uint)_window, (uint)_channels.Length, settings.IncomingBandwidth, settings.OutgoingBandwidth,
            _throttle.Interval, _throttle.Acceleration, _throttle.Deceleration, connectId);
    }

    private ENetPeer(ENetSettings settings, IENetListener listener, ENetBudgets budgets, ushort slot, uint connectId, int channels, long now)
    {
        _settings = settings;
        _listener = listener;
        _budgets = budgets;
        _codec = new ENetCodec(settings);
        _channels = new ENetChannel?[channels];
        Channels = channels;
        _mtu = settings.Mtu;
        _window = ENetFormat.WindowFor(settings.OutgoingBandwidth);
        _heardAt = Milliseconds(now);
        Slot = slot;
        ConnectId = connectId;
        Timeouts = new ENetTimeouts((uint)settings.TimeoutLimit, Milliseconds(settings.TimeoutMin), Milliseconds(settings.TimeoutMax));
        PingInterval = Milliseconds(settings.PingInterval);
    }

    public ENetState State { get; private set; }

    /// <summary>Why it is over, once it is.</summary>
    public ENetEnd End { get; private set; }

    /// <summary>What the end that disconnected sent along.</summary>
    public uint EndData { get; private set; }

    /// <summary>What the end that connected sent along.</summary>
    public uint ConnectData { get; }

    /// <summary>The id by which the other end calls this one.</summary>
    public ushort Slot { get; }

    public uint ConnectId { get; }

    /// <summary>Channels that both ends have.</summary>
    public int Channels { get; private set; }

    /// <summary>What the other end takes, bytes per second, 0 for any.</summary>
    public uint RemoteIncomingBandwidth { get; private set; }

    /// <summary>What the other end sends at most, bytes per second, 0 for any.</summary>
    public uint RemoteOutgoingBandwidth { get; private set; }

    public ENetTimeouts Timeouts { get; set; }

    /// <summary>Milliseconds of silence after which it is asked whether it is still there.</summary>
    public uint PingInterval { get; set; }

    /// <summary>Bytes of messages that were given to <see cref="Send"/> and have neither been acknowledged nor, if unreliable, left.</summary>
    public long QueuedBytes => _queuedBytes;

    /// <summary>The place of what was queued last among all that was.</summary>
    public uint LastQueued => _order;

    /// <summary>Whether nothing waits to be sent or acknowledged.</summary>
    public bool IsIdle => _outgoing.IsEmpty && _outgoingReliable.IsEmpty && _sent.IsEmpty;

    /// <summary>Whether all reliable messages up to a place have been acknowledged.</summary>
    public bool HasArrived(uint place) => !Holds(_sent, place) && !Holds(_outgoingReliable, place);

    /// <summary>The reader has taken reliable bytes that <see cref="IENetListener.Received"/> had counted.</summary>
    public void Consumed(long bytes) => _waiting -= bytes;

    /// <summary>What bandwidth allows of the throttle, 1 .. 32.</summary>
    public void LimitThrottle(uint limit) => _throttle.LimitTo(limit);

    public void Dispose()
    {
        Reset();
        _codec.Dispose();
    }

    private static uint Milliseconds(long micros) => (uint)(micros / 1000);

    private static bool IsAtOrAfter(uint time, uint deadline) => (int)(time - deadline) >= 0;

    private static bool Holds(CommandList list, uint place)
    {
        for (var command = list.First; command is not null; command = command.Next)
        {
            if (command.HasContent && (int)(command.Order - place) <= 0)
                return true;
        }

        return false;
    }

    private ENetChannel ChannelOf(byte channel) => _channels[channel] ??= new ENetChannel();

    private void Finish(ENetEnd end, uint data)
    {
        if (State == ENetState.Closed)
            return;
        State = ENetState.Closed;
        End = end;
        EndData = data;
        Reset();
    }

    /// <summary>Nothing of what was queued either way will be used.</summary>
    private void Reset()
    {
        _acks.Clear();
        _ackBy = long.MaxValue;
        _outgoing.Clear();
        _outgoingReliable.Clear();
        _sent.Clear();
        _unacknowledgedControl.Clear();
        _inTransit = 0;
        _queuedBytes = 0;
        _assembling.Clear();
        foreach (var channel in _channels)
            channel?.Release();
        _channels = [];
    }

    /// <summary>An acknowledgement that has not left.</summary>
    private readonly record struct PendingAck(byte Channel, ushort Number, ushort SentTime, bool EndsConnection);
}

/// <summary>When a connection is given up: milliseconds, and a multiple of its resend time.</summary>
internal readonly record struct ENetTimeouts(uint Limit, uint Min, uint Max);

/// <summary>What one connection may make this end hold.</summary>
/// <param name="Reliable">Reliable messages ahead of their turn or in pieces.</param>
/// <param name="Unreliable">The same of unreliable ones.</param>
/// <param name="Unread">Reliable bytes that nobody has taken; beyond it nothing more is taken from the other end, nor acknowledged.</param>
internal sealed record ENetBudgets(ByteBudget Reliable, ByteBudget Unreliable, long Unread);
