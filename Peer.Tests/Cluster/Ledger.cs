using System.Collections.Concurrent;

namespace Peer.Tests.Cluster;

/// <summary>What all incarnations of all rooms have heard, as an outsider would write it down.</summary>
internal sealed class Ledger
{
    private readonly ConcurrentDictionary<(string Room, int Peer), int> _heard = new();
    private readonly ConcurrentDictionary<string, int> _incarnations = new();

    /// <summary>What may never be: something is heard twice, or by an incarnation that has a newer one.</summary>
    public ConcurrentQueue<string> Complaints { get; } = new();

    /// <summary>Rooms that have missed something: only those of a node that is gone may.</summary>
    public ConcurrentQueue<string> Gaps { get; } = new();

    /// <summary>What happened to rooms and their players.</summary>
    public ConcurrentQueue<string> Told { get; } = new();

    /// <summary>A room has opened; returns which of its incarnations it is.</summary>
    public int Open(string room, bool isMoved)
    {
        Told.Enqueue($"{room} {(isMoved ? "moved" : "opened")}");
        return _incarnations.AddOrUpdate(room, 1, static (_, last) => last + 1);
    }

    /// <summary>Up to where a room has heard a peer.</summary>
    public int Heard(string room, int peer) => _heard.GetValueOrDefault((room, peer));

    public void Hear(string room, int incarnation, int peer, int number)
    {
        var expected = _heard.GetValueOrDefault((room, peer));
        if (number < expected)
            Complaints.Enqueue($"room {room} heard {number} of {peer} again");
        if (number > expected)
            Gaps.Enqueue(room);
        if (incarnation != _incarnations[room])
            Complaints.Enqueue($"incarnation {incarnation} of room {room} hears {peer} although there is a newer one");
        _heard[(room, peer)] = number + 1;
    }

    public override string ToString() => $"rooms: {string.Join(" ", Told)} {string.Join(" ", Complaints.Take(3))}";
}
