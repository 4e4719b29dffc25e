using Akka.Actor;
using Peer.Actors;

namespace Peer.Cluster.Rooms;

/// <summary>What a room's logic and its room say to each other, beside the <see cref="IPeerEvent"/>s that the logic hears of the room's server.</summary>
public interface IRoomMessage : INoSerializationVerificationNeeded;

/// <summary>To the logic, first of all: the room opens. It answers the sender with <see cref="RoomReady"/> or <see cref="RoomRefused"/>; nobody is let in before.</summary>
/// <param name="Key">The room's key.</param>
/// <param name="Room">Whom to tell <see cref="SetRoomProperty"/> and <see cref="CloseRoom"/>.</param>
/// <param name="IsMoved">Whether it comes from another node with its players, who follow as <see cref="PeerConnected"/>.</param>
/// <param name="State">What the logic there has saved; empty unless it is moved.</param>
public sealed record OpenRoom(string Key, IActorRef Room, bool IsMoved, ReadOnlyMemory<byte> State) : IRoomMessage;

/// <summary>From the logic: clients may come.</summary>
public sealed record RoomReady : IRoomMessage
{
    /// <summary>The only value.</summary>
    public static RoomReady Instance { get; } = new();
}

/// <summary>From the logic: this room does not open.</summary>
/// <param name="Text">Text for people; whoever asked for the room sees it.</param>
public sealed record RoomRefused(string Text) : IRoomMessage;

/// <summary>To the logic: the room's server, which takes <see cref="IPeerCommand"/>s; its events follow, <see cref="Listening"/> first. If a port was taken, another server follows.</summary>
/// <param name="Manager">The server's <see cref="PeerManager"/>.</param>
public sealed record RoomServer(IActorRef Manager) : IRoomMessage;

/// <summary>To the logic: the room moves to another node, or closes. It has heard all packets; what it sends now is still delivered. It answers the sender with <see cref="RoomSaved"/>.</summary>
/// <param name="IsMoving">Whether <see cref="RoomSaved.State"/> goes to the logic on another node; otherwise the room closes, and what is to last must have been stored when the answer goes out.</param>
public sealed record SaveRoom(bool IsMoving) : IRoomMessage;

/// <summary>From the logic, which is stopped then.</summary>
/// <param name="State">For <see cref="OpenRoom.State"/> on the other node.</param>
public sealed record RoomSaved(ReadOnlyMemory<byte> State) : IRoomMessage;

/// <summary>To the room: others may find it by this property.</summary>
/// <param name="Name">1 to 32 characters, as of a <see cref="RoomKey"/>.</param>
/// <param name="Value">The value; null takes the property away.</param>
public sealed record SetRoomProperty(string Name, RoomValue? Value) : IRoomMessage;

/// <summary>To the room: it ends, and its players with it.</summary>
/// <param name="Text">What they are told.</param>
public sealed record CloseRoom(string Text) : IRoomMessage;
