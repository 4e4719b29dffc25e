using System.Buffers.Binary;
using Peer.Actors;
using Peer.Cluster.Rooms;

namespace Peer.Tests.Cluster;

/// <summary>Answers each number: what it forgets or hears twice shows.</summary>
/// <param name="ledger">Where it is written down what it hears.</param>
/// <param name="ballast">Bytes that its state has more.</param>
/// <param name="isEchoing">Whether an answer is the number that it answers, which a room can tell that has lost its state; otherwise one that the room counts itself.</param>
internal sealed class LedgerRoom(Ledger ledger, int ballast = 0, bool isEchoing = false) : Room
{
    private readonly SortedDictionary<int, int> _answered = [];
    private int _incarnation;

    protected internal override void OnOpened(ReadOnlyMemory<byte> state, bool isMoved)
    {
        _incarnation = ledger.Open(Key, isMoved);
        SetProperty("kind", "ledger");
        for (var at = ballast; at + 8 <= state.Length; at += 8)
            _answered[BinaryPrimitives.ReadInt32LittleEndian(state.Span[at..])] = BinaryPrimitives.ReadInt32LittleEndian(state.Span[(at + 4)..]);
    }

    protected internal override void OnPeerConnected(PeerConnected peer) => ledger.Told.Enqueue($"{Key}+{peer.Peer}");

    protected internal override void OnPeerDisconnected(PeerDisconnected peer) => ledger.Told.Enqueue($"{Key}-{peer.Peer}");

    protected internal override void OnPacket(PacketReceived packet)
    {
        var heard = BinaryPrimitives.ReadInt32LittleEndian(packet.Payload.Span);
        ledger.Hear(Key, _incarnation, packet.Peer, heard);
        var number = isEchoing ? heard : _answered.GetValueOrDefault(packet.Peer);
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
