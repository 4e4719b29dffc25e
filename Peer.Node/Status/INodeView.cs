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

/// <summary>What the HTTP side may ask of a node: a single one, or a member of a cluster. Answers at once, from any thread, with what is known.</summary>
internal interface INodeView
{
    NodeState State { get; }

    /// <summary>Whether it still does its work; null when it does, else what is wrong. Whoever supervises the process ends it for this.</summary>
    string? Illness { get; }

    IReadOnlyList<MemberStatus> Members { get; }

    IReadOnlyList<RoomStatus> Rooms { get; }

    IReadOnlyList<PeerStatus> Peers { get; }
}
