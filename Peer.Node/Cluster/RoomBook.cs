using System.Collections.Concurrent;
using System.Collections.Immutable;
using Peer.Actors;

namespace Peer.Node.Cluster;

/// <summary>The rooms of this node, as their actors tell and others read.</summary>
internal sealed class RoomBook
{
    private readonly ConcurrentDictionary<string, OpenedRoom> _rooms = new();

    public ICollection<OpenedRoom> Rooms => _rooms.Values;

    /// <summary>A room opens; another one of its key that has not been closed yet is forgotten.</summary>
    public OpenedRoom Open(string key) => _rooms[key] = new OpenedRoom(key);

    public void Close(OpenedRoom room) => _rooms.TryRemove(KeyValuePair.Create(room.Key, room));
}

/// <summary>A room that is open here.</summary>
internal sealed class OpenedRoom(string key)
{
    private volatile ImmutableDictionary<int, PeerConnected> _peers = ImmutableDictionary<int, PeerConnected>.Empty;
    private volatile string _endpoint = "";

    public string Key { get; } = key;

    /// <summary>Who is in, by ID. Its actor alone writes it.</summary>
    public ImmutableDictionary<int, PeerConnected> Peers
    {
        get => _peers;
        set => _peers = value;
    }

    /// <summary>Where it listens; empty before it does.</summary>
    public string Endpoint
    {
        get => _endpoint;
        set => _endpoint = value;
    }
}
