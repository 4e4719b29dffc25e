using Akka.Actor;
using Akka.Event;
using Peer.Actors;
using Peer.Protocol;

namespace Peer.Cluster.Rooms;

/// <summary>The game in a room, as callbacks. They run one at a time; an exception closes the room.</summary>
/// <example><code>
/// sealed class Counting : Room
/// {
///     private int _count;
///     protected override void OnOpened(ReadOnlyMemory&lt;byte> state, bool isMoved) => _count = state.IsEmpty ? 0 : BitConverter.ToInt32(state.Span);
///     protected override void OnPacket(PacketReceived packet) => Send(packet.Peer, BitConverter.GetBytes(++_count));
///     protected override ReadOnlyMemory&lt;byte> OnSave() => BitConverter.GetBytes(_count);
/// }
/// </code></example>
public abstract class Room
{
    internal IRoomContext Context { get; set; } = NoContext.Instance;

    /// <summary>The room's key.</summary>
    public string Key { get; internal set; } = "";

    /// <summary>The room's log.</summary>
    protected ILoggingAdapter Log => Context.Log;

    /// <summary>The actor behind the room; what it is told arrives in <see cref="OnMessage"/>.</summary>
    protected IActorRef Self => Context.Self;

    /// <summary>Sends a packet; <see cref="OnSendFailed"/> follows when it was refused.</summary>
    /// <param name="target">0 all, n that peer, -n all but n.</param>
    /// <param name="payload">The packet; not changed afterwards.</param>
    /// <param name="channel">0 .. 254.</param>
    /// <param name="mode">The transfer mode.</param>
    protected void Send(int target, ReadOnlyMemory<byte> payload, int channel = 0, TransferMode mode = TransferMode.Reliable) =>
        Context.Tell(new Send(target, payload, channel, mode));

    /// <summary>Disconnects a peer.</summary>
    /// <param name="peer">Its ID.</param>
    /// <param name="text">What it is told.</param>
    protected void Kick(int peer, string text = "") => Context.Tell(new Kick(peer, Text: text));

    /// <summary>Tells any other command to the room's server.</summary>
    protected void Tell(IPeerCommand command) => Context.Tell(command);

    /// <summary>Others may find the room by this property.</summary>
    /// <param name="name">1 to 32 characters, as of a <see cref="RoomKey"/>.</param>
    /// <param name="value">The value; null takes it away.</param>
    protected void SetProperty(string name, RoomValue? value) => Context.SetProperty(name, value);

    /// <summary>Has <see cref="OnSave"/> called now and its bytes stored, for the case that this node dies. Without a store nothing happens.</summary>
    protected void Checkpoint() => Context.Checkpoint();

    /// <summary>Ends the room.</summary>
    /// <param name="text">What its players are told.</param>
    protected void Close(string text = "") => Context.Close(text);

    /// <summary>The room opens; nobody is in yet.</summary>
    /// <param name="state">What <see cref="OnSave"/> gave out: on the node that it comes from, or when it was stored. Empty for a new room.</param>
    /// <param name="isMoved">Whether it comes from another node with its players, who follow.</param>
    protected internal virtual void OnOpened(ReadOnlyMemory<byte> state, bool isMoved)
    {
    }

    /// <summary>A peer has joined, or has come along from another node.</summary>
    protected internal virtual void OnPeerConnected(PeerConnected peer)
    {
    }

    /// <summary>A peer has gone.</summary>
    protected internal virtual void OnPeerDisconnected(PeerDisconnected peer)
    {
    }

    /// <summary>Nothing is heard of a peer, which may come back.</summary>
    protected internal virtual void OnPeerInterrupted(int peer)
    {
    }

    /// <summary>A peer is back.</summary>
    protected internal virtual void OnPeerResumed(int peer)
    {
    }

    /// <summary>A packet for the server.</summary>
    protected internal virtual void OnPacket(PacketReceived packet)
    {
    }

    /// <summary>A packet could not be sent; <see cref="Protocol.Error.Busy"/> means that somebody's queue is full.</summary>
    protected internal virtual void OnSendFailed(SendFailed failed)
    {
    }

    /// <summary>Anything else that the room's server or another actor says.</summary>
    protected internal virtual void OnMessage(object message)
    {
    }

    /// <summary>What the room must know on another node, or after a crash. What is sent in here is still delivered.</summary>
    protected internal virtual ReadOnlyMemory<byte> OnSave() => default;
}

/// <summary>What a room can do.</summary>
internal interface IRoomContext
{
    IActorRef Self { get; }

    ILoggingAdapter Log { get; }

    void Tell(IPeerCommand command);

    void SetProperty(string name, RoomValue? value);

    void Checkpoint();

    void Close(string text);
}

/// <summary>Before a room has opened.</summary>
internal sealed class NoContext : IRoomContext
{
    public static NoContext Instance { get; } = new();

    public IActorRef Self => ActorRefs.Nobody;

    public ILoggingAdapter Log => NoLogger.Instance;

    public void Tell(IPeerCommand command) => throw NotOpen();

    public void SetProperty(string name, RoomValue? value) => throw NotOpen();

    public void Checkpoint() => throw NotOpen();

    public void Close(string text) => throw NotOpen();

    private static InvalidOperationException NotOpen() => new("The room has not opened yet; see OnOpened.");
}
