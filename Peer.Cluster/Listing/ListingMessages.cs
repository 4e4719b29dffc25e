using Peer.Cluster.Messages;

namespace Peer.Cluster.Listing;

/// <summary>To the hosts of all nodes: which of your rooms are these? Answered with <see cref="RoomsFound"/>.</summary>
internal sealed record RoomsWanted(RoomQuery Query) : INodeMessage;

/// <summary>From a host: the best ones, so many as fit one message.</summary>
internal sealed record RoomsFound(IReadOnlyList<RoomInfo> Rooms, bool IsComplete) : INodeMessage
{
    /// <summary>Well below a frame of Akka.Remote.</summary>
    public const int MaxBytes = 96 << 10;

    /// <summary>Bytes that a room takes at most.</summary>
    public static int SizeOf(RoomInfo room) =>
        48 + room.Key.Length + room.Node.Length + room.Endpoint.Length + room.Properties.Sum(property => 16 + property.Key.Length + (3 * (property.Value.Text?.Length ?? 0)));
}
