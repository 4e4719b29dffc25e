using Akka.Actor;
using Peer.Actors;
using Peer.Actors.Settings;

namespace Peer.Cluster.Rooms;

/// <summary>What a node's rooms are.</summary>
public sealed record RoomOptions
{
    /// <summary>The actor that is the game in a room of that key. It speaks <see cref="IRoomMessage"/>.</summary>
    public required Func<string, Props> Logic { get; init; }

    /// <summary>Whether a room of that key may open. Whoever has an address can ask for any key, so a game whose rooms are not anybody's to open says so here.</summary>
    public Func<string, bool> MayOpen { get; init; } = static _ => true;

    /// <summary>
    /// Whether a room of that key spans nodes: its players are served by the nodes whose doors they asked, and the logic by one of them, as <c>docs/spanning.md</c> tells. For rooms that are too
    /// large for one node; the same answer on all nodes. Asked once each time that a room opens on a node, and by a door for each newcomer.
    /// </summary>
    public Func<string, bool> Spans { get; init; } = static _ => false;

    /// <summary>The game's own word on who may join a room; asked where the player is to be served, not by the door.</summary>
    public IAdmission? Admission { get; init; }

    /// <summary>Changes the settings for the servers of rooms, for example how many peers one may have; a room that spans nodes has one for each node.</summary>
    public Func<ActorPeerSettings, ActorPeerSettings> Settings { get; init; } = static settings => settings;

    /// <summary>Rooms made of callbacks.</summary>
    /// <param name="make">Makes the room of a key.</param>
    /// <param name="store">Keeps what is to survive a crash; null keeps nothing.</param>
    public static RoomOptions Of(Func<string, Room> make, IRoomStore? store = null)
    {
        ArgumentNullException.ThrowIfNull(make);
        return new RoomOptions { Logic = key => RoomActor.Props(make(key), store) };
    }
}
