using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Peer.Cluster.Rooms;

namespace Peer.Cluster.Hosts;

/// <summary>What a node's rooms and its host say to each other.</summary>
internal interface IHostMessage : INoSerializationVerificationNeeded, IDeadLetterSuppression;

/// <summary>From a room that opens; answered with <see cref="RoomClaimed"/> or <see cref="ClaimRefused"/>.</summary>
internal sealed record ClaimRoom(string Key) : IHostMessage;

/// <summary>The room may open, with what another incarnation has handed over.</summary>
internal sealed record RoomClaimed(bool IsMoved, ReadOnlyMemory<byte> Server, ReadOnlyMemory<byte> Logic) : IHostMessage;

/// <summary>The room may not open here.</summary>
internal sealed record ClaimRefused(string Text) : IHostMessage;

/// <summary>From a room: make a server, on the next port; answered with <see cref="ServerMade"/>.</summary>
internal sealed record MakeServer(string Key, IActorRef Logic, ReadOnlyMemory<byte> State, bool Spans) : IHostMessage;

/// <summary>A server that is about to listen.</summary>
internal sealed record ServerMade(IActorRef Manager) : IHostMessage;

/// <summary>From a room: it serves there.</summary>
internal sealed record RoomServes(string Key, string Endpoint) : IHostMessage;

/// <summary>From a room: how it is.</summary>
/// <param name="Key">The room.</param>
/// <param name="Peers">Its players.</param>
/// <param name="Here">Those of them who are served by this node.</param>
/// <param name="Properties">What it tells of itself.</param>
internal sealed record RoomNews(string Key, int Peers, int Here, ImmutableSortedDictionary<string, RoomValue> Properties) : IHostMessage;

/// <summary>From a door: where does this node serve the players of a room that spans nodes? Answered as <see cref="Messages.FindRoom"/> is.</summary>
internal sealed record ShowRoom(string Key) : IHostMessage;

/// <summary>From a room that is told to go: can it? Answered with <see cref="MoveDecided"/>.</summary>
internal sealed record MayMove(string Key) : IHostMessage;

/// <summary>Whether there is a node to go to.</summary>
internal sealed record MoveDecided(bool MayMove) : IHostMessage;

/// <summary>From a room: keep this for the next incarnation. Answered with <see cref="RoomKept"/>.</summary>
internal sealed record KeepRoom(string Key, ReadOnlyMemory<byte> Server, ReadOnlyMemory<byte> Logic) : IHostMessage;

/// <summary>It is kept; the room's part is done.</summary>
internal sealed record RoomKept : IHostMessage
{
    public static RoomKept Instance { get; } = new();
}

/// <summary>From a room: it is no more. A server that never served is stopped; one that did has been told to leave.</summary>
internal sealed record RoomGone(string Key) : IHostMessage;

/// <summary>From the node's shutdown: newcomers go to other nodes.</summary>
internal sealed record BeginDraining : IHostMessage
{
    public static BeginDraining Instance { get; } = new();
}

/// <summary>From the node's shutdown; answered with <see cref="Drained"/> when no room is left.</summary>
internal sealed record AwaitDrained : IHostMessage
{
    public static AwaitDrained Instance { get; } = new();
}

/// <summary>No room is left.</summary>
internal sealed record Drained : IHostMessage
{
    public static Drained Instance { get; } = new();
}
