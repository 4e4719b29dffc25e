using Peer.Actors.Telemetry;

namespace Peer.Node.Status;

/// <summary>What <c>/api/status</c> answers, and the page shows.</summary>
/// <param name="Application">Whose peers they are.</param>
/// <param name="Version">Of this program.</param>
/// <param name="State">starting, ready, draining or stopping.</param>
/// <param name="UptimeSeconds">Since the program started.</param>
/// <param name="Members">Nodes, this one among them.</param>
/// <param name="Rooms">Rooms of all nodes, as far as this one knows.</param>
/// <param name="Peers">Clients of this node's rooms, at most <see cref="MostPeers"/>.</param>
/// <param name="Totals">What the peers of this process counted since it started.</param>
internal sealed record NodeStatus(
    string Application,
    string Version,
    string State,
    double UptimeSeconds,
    IReadOnlyList<MemberStatus> Members,
    IReadOnlyList<RoomStatus> Rooms,
    IReadOnlyList<PeerStatus> Peers,
    PeerTotals Totals)
{
    /// <summary>A page with more rows serves nobody; the totals count all.</summary>
    public const int MostPeers = 200;

    /// <summary>Rooms of a cluster may be many.</summary>
    public const int MostRooms = 500;
}

/// <summary>A node.</summary>
/// <param name="Address">Where it is.</param>
/// <param name="State">up, joining, leaving, down, unreachable; a single node is up.</param>
/// <param name="IsSelf">Whether it is the one that answers.</param>
/// <param name="Rooms">How many it runs, where that is known.</param>
/// <param name="Peers">How many clients they have, where that is known.</param>
internal sealed record MemberStatus(string Address, string State, bool IsSelf, int? Rooms, int? Peers);

/// <summary>A room.</summary>
/// <param name="Name">Its key.</param>
/// <param name="Node">The node that runs it.</param>
/// <param name="Endpoint">Where its clients reach it.</param>
/// <param name="Peers">Its clients.</param>
/// <param name="RoundTripMs">Mean over its clients, where they are this node's; otherwise null.</param>
/// <param name="Loss">Mean over its clients, 0 .. 1, where they are this node's; otherwise null.</param>
internal sealed record RoomStatus(string Name, string Node, string Endpoint, int Peers, double? RoundTripMs, double? Loss);

/// <summary>A client.</summary>
/// <param name="Id">Its peer ID.</param>
/// <param name="Room">Its room.</param>
/// <param name="RoundTripMs">Round trip.</param>
/// <param name="JitterMs">Its variation.</param>
/// <param name="Loss">Share of datagrams lost, 0 .. 1.</param>
/// <param name="BytesInPerSecond">Received from it, a mean since the reading before.</param>
/// <param name="BytesOutPerSecond">Sent to it, likewise.</param>
/// <param name="QueuedBytes">Waiting for their turn.</param>
/// <param name="QueueMs">How long the slowest lane makes frames wait.</param>
internal sealed record PeerStatus(
    int Id, string Room, double RoundTripMs, double JitterMs, double Loss, double BytesInPerSecond, double BytesOutPerSecond, long QueuedBytes, double QueueMs);
