using Peer.Protocol;

namespace Peer.Cluster.Messages;

/// <summary>From a door: where is this room? Answered with <see cref="RoomAt"/> or <see cref="RoomDenied"/>, or not at all while the room is between two nodes.</summary>
internal sealed record FindRoom(string Key) : IRoomBound;

/// <summary>From a host: a room has been handed over and must open somewhere.</summary>
internal sealed record WakeRoom(string Key) : IRoomBound;

/// <summary>Where a room is.</summary>
/// <param name="Key">The room.</param>
/// <param name="Endpoint">Where its clients reach it.</param>
/// <param name="Home">Path of its server, if gateways to it may be opened on other nodes; empty for a room that does not span nodes.</param>
internal sealed record RoomAt(string Key, string Endpoint, string Home = "") : INodeMessage;

/// <summary>There is no such room, and there will be none.</summary>
internal sealed record RoomDenied(string Key, DisconnectReason Reason, string Text) : INodeMessage;
