using Peer.Lab.Fuzz.World;
using Peer.Protocol;
using Peer.Protocol.Control;
using Peer.Protocol.Delivery;
using Peer.Protocol.Routing;
using Peer.TestKit;

namespace Peer.Lab.Fuzz.Targets;

/// <summary>
/// A client whose server is not what it should be: each step is a control message, or, with bit 0 of the control byte, something relayed from peer (bits 1-3), with bit 4 its ended mark. The roster tells of
/// nobody twice, of no message of somebody who is not there, and holds no more than it may.
/// </summary>
internal sealed class ControlTarget : IFuzzTarget, IRosterListener
{
    public const string TargetName = "control";

    private const long HoldBytes = 4_096;
    private const int MaxRoster = 65_536;

    private readonly HashSet<int> _present = [];
    private long _relayed;
    private long _held;

    public string Name => TargetName;

    public int MaxBytes => 4_096;

    public long AllowedBytes => 512 << 10;

    public IReadOnlyList<byte[]> Seeds { get; } =
    [
        Script.Of((0, ControlCodec.Encode(new PeersJoined([2, 3, 4]))), (1 + (2 << 1), [1, 2, 3]), (0, ControlCodec.Encode(new PeerLeft(2, DisconnectReason.Closed, "bye", []))), (1 + (2 << 1), [1])),
        Script.Of((1 + (5 << 1), [9, 9]), (0, ControlCodec.Encode(new PeersJoined([5]))), (0, ControlCodec.Encode(new PeerLeft(5, DisconnectReason.Timeout, "", [1, 2]))), (17 + (5 << 1), [1]), (17 + (5 << 1), [2])),
        Script.Of(
            (0, ControlCodec.Encode(new PeersJoined([2]))), (0, ControlCodec.Encode(new PeerLeft(2, DisconnectReason.QueueOverflow, "", [1]))), (0, ControlCodec.Encode(new PeersReturned([2]))),
            (0, ControlCodec.Encode(new PeerLeft(2, DisconnectReason.Closed, "bye", [1]))), (0, ControlCodec.Encode(new PeersJoined([2]))), (17 + (2 << 1), [1]), (17 + (2 << 1), [1])),
        Script.Of((0, ControlCodec.Encode(new PeersJoined([6, int.MaxValue]))), (0, ControlCodec.Encode(new PeersJoined([6])))),
        Script.Of((0, ControlCodec.Encode(new TicketIssued(1, new byte[32], [1, 2, 3], 10_000)))),
        Script.Of((0, ControlCodec.Encode(new TicketHeld(1)))),
        Script.Of((0, ControlCodec.Encode(new ServersTold(["127.0.0.1:7777", "[::1]:7778"])))),
        Script.Of(
            (0, ControlCodec.Encode(new PeersJoined([2, 3, 4]))), (17 + (1 << 1), []), (1 + (2 << 1), [7]), (0, ControlCodec.Encode(new PeersReturned([2, 5]))),
            (0, ControlCodec.Encode(new PeersJoined([3]))), (0, ControlCodec.Encode(new RosterSettled()))),
    ];

    public void Execute(ReadOnlyMemory<byte> input)
    {
        _present.Clear();
        _relayed = 0;
        _held = 0;
        var roster = new RelayRoster(this, HoldBytes);
        var script = new Script(input.Span);
        while (script.Next())
        {
            if ((script.Control & 1) == 0 ? !Tell(roster, script.Bytes) : !Relay(roster, script.Control, script.Bytes))
                break;
            BrokenLawException.Unless(_present.SetEquals(roster.Present), "the roster names others than it has told of");
        }

        roster.Clear(DisconnectInfo.Of(DisconnectReason.Closed));
        BrokenLawException.Unless(_present.Count == 0 && roster.Count == 0, "somebody stays in a roster that was cleared");
    }

    public int Mutate(Span<byte> buffer, int length, SeededSource random) => Script.Mutate(buffer, length, random, MessageForge.Mutate);

    public void Dispose()
    {
    }

    void IRosterListener.Joined(int peer) => BrokenLawException.Unless(_present.Add(peer), "a peer joined twice");

    void IRosterListener.Relayed(int peer, in DeliveredRun run)
    {
        BrokenLawException.Unless(_present.Contains(peer), "a message of somebody who is not there was told");
        _relayed += run.Bytes.Length;
        BrokenLawException.Unless(_relayed <= _held, "more was told than has come");
        run.Release();
    }

    void IRosterListener.Left(int peer, DisconnectInfo info) => BrokenLawException.Unless(_present.Remove(peer), "a peer left who was not there");

    private static bool Tell(RelayRoster roster, ReadOnlySpan<byte> bytes)
    {
        if (ControlCodec.Decode(bytes.ToArray()) is not { } message)
            return false;
        Same(message);
        switch (message)
        {
            case PeersJoined joined when roster.Count + joined.Peers.Length <= MaxRoster:
                return joined.Peers.All(roster.Joined);
            case PeersReturned returned when roster.Count + returned.Peers.Length <= MaxRoster:
                return returned.Peers.All(roster.Returned);
            case RosterSettled:
                roster.Settled();
                return true;
            case PeerLeft left:
                return roster.Left(left);
            default:
                return false;
        }
    }

    private bool Relay(RelayRoster roster, byte control, ReadOnlySpan<byte> bytes)
    {
        var peer = (control >> 1) & 7;
        var ended = (control & 16) != 0;
        if (peer == PeerIds.Server && ended)
            roster.ServerRestarted();
        if (peer < PeerIds.FirstClient || (bytes.IsEmpty && !ended))
            return true;
        _held += bytes.Length;
        var key = new SequenceKey(ended && !bytes.IsEmpty ? bytes[0] : (byte)0, TransferMode.Reliable);
        return roster.Arrived(peer, new DeliveredRun(key, peer, ended, ended ? default : bytes.ToArray(), ended ? 0 : 1, 0));
    }

    /// <summary>What it says is kept; how it is spelled, and a text that is too long, need not be.</summary>
    private static void Same(IControlMessage message)
    {
        var bytes = ControlCodec.Encode(message);
        BrokenLawException.Unless(
            ControlCodec.Decode(bytes) is { } again && again.GetType() == message.GetType() && ControlCodec.Encode(again).AsSpan().SequenceEqual(bytes),
            "a control message reads back as another one");
    }
}
