namespace Peer.Node.Status;

/// <summary>Where a node is in its life.</summary>
internal enum NodeState
{
    /// <summary>Not ready for clients yet.</summary>
    Starting,

    /// <summary>Clients are welcome.</summary>
    Ready,

    /// <summary>Newcomers are sent elsewhere, those who are here are being handed over.</summary>
    Draining,

    /// <summary>On its way out.</summary>
    Stopping,
}

/// <summary>What the HTTP side may ask of a node, from any thread: a single one, or a member of a cluster. How it is, it says at once; what it has, it may have to look for.</summary>
internal interface INodeView
{
    NodeState State { get; }

    /// <summary>Whether it still does its work; null when it does, else what is wrong. Whoever supervises the process ends it for this.</summary>
    string? Illness { get; }

    /// <summary>Nodes, rooms and players, as they were at most a second ago.</summary>
    /// <param name="cancellation">Ends the waiting.</param>
    ValueTask<NodeReading> ReadAsync(CancellationToken cancellation);
}

/// <summary>What a node has and knows of, at one time.</summary>
internal sealed record NodeReading(IReadOnlyList<MemberStatus> Members, IReadOnlyList<RoomStatus> Rooms, IReadOnlyList<PeerStatus> Peers)
{
    public static NodeReading Nothing { get; } = new([], [], []);
}
