using System.Buffers.Binary;
using System.Collections.Concurrent;
using Peer.Actors;
using Peer.Cluster.Rooms;

namespace Peer.Tests.Cluster;

/// <summary>What all incarnations of all rooms have heard, as an outsider would write it down.</summary>
internal sealed class Ledger
{
    private readonly ConcurrentDictionary<(string Room, int Peer), int> _heard = new();

    public ConcurrentQueue<string> Complaints { get; } = new();

    /// <summary>What happened to rooms and their players.</summary>
    public ConcurrentQueue<string> Told { get; } = new();

    public int Heard(string room, int peer) => _heard.GetValueOrDefault((room, peer));

    public void Hear(string room, int peer, int number)
    {
        var expected = _heard.GetValueOrDefault((room, peer));
        if (number != expected)
            Complaints.Enqueue($"room {room} heard {number} of {peer}, not {expected}");
        _heard[(room, peer)] = expected + 1;
    }

    public override string ToString() => $"rooms: {string.Join(" ", Told)} {string.Join(" ", Complaints.Take(3))}";
}

/// <summary>Answers each number with the same number, which it counts itself: what it forgets or hears twice shows.</summary>
internal sealed class LedgerRoom(Ledger ledger, int ballast = 0) : Room
{
    private readonly SortedDictionary<int, int> _answered = [];

    protected internal override void OnOpened(ReadOnlyMemory<byte> state, bool isMoved)
    {
        ledger.Told.Enqueue($"{Key} {(isMoved ? "moved" : "opened")}");
        SetProperty("kind", "ledger");
        for (var at = ballast; at + 8 <= state.Length; at += 8)
            _answered[BinaryPrimitives.ReadInt32LittleEndian(state.Span[at..])] = BinaryPrimitives.ReadInt32LittleEndian(state.Span[(at + 4)..]);
    }

    protected internal override void OnPeerConnected(PeerConnected peer) => ledger.Told.Enqueue($"{Key}+{peer.Peer}");

    protected internal override void OnPeerDisconnected(PeerDisconnected peer) => ledger.Told.Enqueue($"{Key}-{peer.Peer}");

    protected internal override void OnPacket(PacketReceived packet)
    {
        ledger.Hear(Key, packet.Peer, BinaryPrimitives.ReadInt32LittleEndian(packet.Payload.Span));
        var number = _answered.GetValueOrDefault(packet.Peer);
        _answered[packet.Peer] = number + 1;
        var answer = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(answer, number);
        Send(packet.Peer, answer);
    }

    protected internal override ReadOnlyMemory<byte> OnSave()
    {
        var state = new byte[ballast + (_answered.Count * 8)];
        var at = ballast;
        foreach (var (peer, count) in _answered)
        {
            BinaryPrimitives.WriteInt32LittleEndian(state.AsSpan(at), peer);
            BinaryPrimitives.WriteInt32LittleEndian(state.AsSpan(at + 4), count);
            at += 8;
        }

        return state;
    }
}
