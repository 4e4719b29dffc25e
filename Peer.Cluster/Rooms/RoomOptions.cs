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

    /// <summary>The game's own word on who may join a room; asked by the room itself, not by the door.</summary>
    public IAdmission? Admission { get; init; }

    /// <summary>Changes the settings for the servers of rooms, for example how many peers one may have.</summary>
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
