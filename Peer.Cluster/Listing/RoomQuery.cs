using Peer.Cluster.Rooms;
using Peer.Protocol;

namespace Peer.Cluster.Listing;

/// <summary>How a property compares with a value. Texts compare by their characters' numbers; a text and a number are only ever different.</summary>
public enum RoomComparison
{
    /// <summary>The same.</summary>
    Equal = 0,

    /// <summary>Another, or missing.</summary>
    NotEqual = 1,

    /// <summary>Less.</summary>
    Less = 2,

    /// <summary>Less or the same.</summary>
    AtMost = 3,

    /// <summary>The same or more.</summary>
    AtLeast = 4,

    /// <summary>More.</summary>
    More = 5,
}

/// <summary>One condition.</summary>
/// <param name="Name">A property, or <c>peers</c>: how many are in the room.</param>
/// <param name="Is">How it compares.</param>
/// <param name="Value">With what.</param>
public sealed record RoomCondition(string Name, RoomComparison Is, RoomValue Value)
{
    /// <summary>The property that every room has.</summary>
    public const string Peers = "peers";

    internal bool Holds(HostedFacts room)
    {
        RoomValue given = room.Peers;
        if (Name != Peers && !room.Properties.TryGetValue(Name, out given))
            return Is == RoomComparison.NotEqual;
        if (given.Text is null != Value.Text is null)
            return Is == RoomComparison.NotEqual;
        var order = given.Text is { } text ? string.CompareOrdinal(text, Value.Text) : given.Number.CompareTo(Value.Number);
        return Is switch
        {
            RoomComparison.Equal => order == 0,
            RoomComparison.NotEqual => order != 0,
            RoomComparison.Less => order < 0,
            RoomComparison.AtMost => order <= 0,
            RoomComparison.AtLeast => order >= 0,
            _ => order > 0,
        };
    }
}

/// <summary>Which rooms come first, where there are more than one asks for.</summary>
public enum RoomOrder
{
    /// <summary>Those with most players: for whoever wants company.</summary>
    Fullest = 0,

    /// <summary>Those with fewest players.</summary>
    Emptiest = 1,

    /// <summary>By their keys.</summary>
    Key = 2,
}

/// <summary>Which rooms are wanted.</summary>
public sealed record RoomQuery
{
    /// <summary>Most conditions, and most rooms of one answer.</summary>
    public const int MaxConditions = 16, MaxRooms = 500;

    /// <summary>All that must hold.</summary>
    public IReadOnlyList<RoomCondition> Where { get; init; } = [];

    /// <summary>Most rooms, 1 .. <see cref="MaxRooms"/>.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>Which come first.</summary>
    public RoomOrder Order { get; init; }

    internal RoomQuery Check()
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Where.Count, MaxConditions, nameof(Where));
        ArgumentOutOfRangeException.ThrowIfLessThan(Limit, 1, nameof(Limit));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Limit, MaxRooms, nameof(Limit));
        return this;
    }

    internal IEnumerable<RoomInfo> Best(IEnumerable<RoomInfo> rooms) => (Order switch
    {
        RoomOrder.Fullest => rooms.OrderByDescending(room => room.Peers).ThenBy(room => room.Key, StringComparer.Ordinal),
        RoomOrder.Emptiest => rooms.OrderBy(room => room.Peers).ThenBy(room => room.Key, StringComparer.Ordinal),
        _ => rooms.OrderBy(room => room.Key, StringComparer.Ordinal),
    }).Take(Limit);
}

/// <summary>What is known of a room where it is.</summary>
internal readonly record struct HostedFacts(int Peers, IReadOnlyDictionary<string, RoomValue> Properties);

/// <summary>A room that was found.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Node">The node that has it.</param>
/// <param name="Endpoint">Where its clients reach it.</param>
/// <param name="Peers">How many are in it.</param>
/// <param name="Properties">What it tells of itself.</param>
public sealed record RoomInfo(string Key, string Node, string Endpoint, int Peers, IReadOnlyDictionary<string, RoomValue> Properties);

/// <summary>Rooms that were found.</summary>
/// <param name="Rooms">The best of all nodes that answered.</param>
/// <param name="IsComplete">Whether all nodes answered, and with all that they had.</param>
public sealed record RoomListing(IReadOnlyList<RoomInfo> Rooms, bool IsComplete);

/// <summary>A node that has rooms.</summary>
/// <param name="Address">Its address within the cluster.</param>
/// <param name="IsSelf">Whether it is this one.</param>
/// <param name="Door">Where its door is; empty before that is known.</param>
/// <param name="Rooms">How many are open; a gateway of a room that spans nodes counts as one.</param>
/// <param name="Peers">How many are served there.</param>
/// <param name="MaxRooms">How many it takes.</param>
/// <param name="IsDraining">Whether it is being emptied.</param>
public sealed record RoomNode(string Address, bool IsSelf, string Door, int Rooms, int Peers, int MaxRooms, bool IsDraining);

/// <summary>Somebody in a room of this node.</summary>
/// <param name="Room">The room's key.</param>
/// <param name="Peer">Its ID there.</param>
/// <param name="Statistics">Its connection.</param>
public sealed record RoomPeer(string Room, int Peer, PeerStatistics Statistics);
