using Peer.Lab.Fuzz.World;
using Peer.Protocol;
using Peer.Protocol.Delivery;
using Peer.Protocol.Links;
using Peer.Protocol.Wire;
using Peer.TestKit;

namespace Peer.Lab.Fuzz.Targets;

/// <summary>
/// A client that holds genuine keys, and another one that is honest. Each step is one sealed datagram; the control byte has how its number follows the one before (bits 0-1) and how much time passes
/// first (bits 2-4). The attacker may lose its connection and nothing else.
/// </summary>
internal sealed class FramesTarget : IFuzzTarget
{
    public const string TargetName = "frames";

    private const long Start = 50_000_000;
    private const long PartialTotal = 64 << 20;
    private const int MostDatagrams = 8;
    private const int MostDatagramsOut = 400;

    /// <summary>An honest client stands by in one input of so many.</summary>
    private const int ListenedOneIn = 4;

    private readonly Membership _attacker = new(0xA77AC4E5);
    private readonly Membership _honest = new(0x40E57);

    public string Name => TargetName;

    public int MaxBytes => 4_096;

    public long AllowedBytes => 512 << 10;

    public IReadOnlyList<byte[]> Seeds { get; } = MakeSeeds();

    public void Execute(ReadOnlyMemory<byte> input)
    {
        var now = Start;
        var partials = new ByteBudget(PartialTotal);
        var bystander = Script.IsOneOf(ListenedOneIn, input.Span) ? _honest.Serve(partials, now, messages: 1) : null;
        using (var peer = _attacker.Serve(partials, now))
        {
            now = Attack(peer, input.Span, now);
            BrokenLawException.Unless(peer.Left.Datagrams <= MostDatagramsOut, "a few datagrams made the server send hundreds");
            BrokenLawException.Unless(peer.MessageBytes <= input.Length, "more was delivered than was sent");
            peer.CheckBudgets();
            if (bystander is not null)
                _honest.MustBeHeard(bystander, now);
        }

        bystander?.Dispose();
        BrokenLawException.Unless(partials.Used == 0, "the shared budget keeps what no connection holds");
    }

    public int Mutate(Span<byte> buffer, int length, SeededSource random) => Script.Mutate(buffer, length, random, FrameForge.Mutate);

    public void Dispose()
    {
        _attacker.Dispose();
        _honest.Dispose();
    }

    private long Attack(ServedPeer peer, ReadOnlySpan<byte> input, long now)
    {
        var script = new Script(input, MostDatagrams);
        var number = -1L;
        while (script.Next() && peer.Link.State != LinkState.Closed)
        {
            now += StepTime.LongOf(script.Control >> 2);
            peer.Wake(now);
            number = Math.Max(0, number + (script.Control & 3) switch { 0 or 1 when number < 0 => 1, 0 => 1, 1 => 2, 2 => 1_000, _ => -1 });
            peer.Receive(_attacker.Sealer.Seal(number, script.Bytes), now);
        }

        return now;
    }

    private static byte[][] MakeSeeds()
    {
        var reliable = new SequenceKey(0, TransferMode.Reliable);
        var ordered = new SequenceKey(1, TransferMode.UnreliableOrdered);
        var unreliable = new SequenceKey(0, TransferMode.Unreliable);
        byte[] message = [1, 2, 3, 4];
        return
        [
            Script.Of((0, [FrameType.Ping]), (0, Frames.Ack(0)), (4, Frames.Ack(2, 100))),
            Script.Of((0, Frames.Data(reliable, 0, null, message)), (1, Frames.Data(reliable, 2, null, message)), (0, Frames.Data(reliable, 1, null, message, message))),
            Script.Of((0, Frames.Data(ordered, 0, 3, message)), (0, Frames.Data(ordered, 2, -3, message)), (0, Frames.Data(ordered, 1, null, message))),
            Script.Of((0, Frames.Data(unreliable, 5, null, message)), (0, Frames.Data(unreliable, 5, null, message)), (2, Frames.Data(unreliable, 0, null, message))),
            Script.Of((0, Frames.Piece(reliable, 0, 0, 3, message)), (0, Frames.Piece(reliable, 1, 1, 3, message)), (0, Frames.Piece(reliable, 2, 2, 3, [9]))),
            Script.Of((0, Frames.Piece(unreliable, 2, 2, 3, [9])), (0, Frames.Piece(unreliable, 0, 0, 3, message)), (6 << 2, Frames.Piece(unreliable, 1, 1, 3, message))),
            Script.Of((0, Frames.Piece(ordered, 1, 1, 2, message, 4)), (0, Frames.Piece(ordered, 0, 0, 2, message, 4)), (0, Frames.Data(ordered, 2, null, message))),
            Script.Of((0, Frames.Data(SequenceKey.Control, 0, null, Protocol.Control.ControlCodec.Encode(new Protocol.Control.PeersJoined([5, 6]))))),
            Script.Of((0, [.. Frames.Credit(1 << 20), FrameType.PathChallenge, 1, 2, 3, 4, 5, 6, 7, 8, FrameType.Ping]), (3, [FrameType.PathResponse, 1, 2, 3, 4, 5, 6, 7, 8])),
            Script.Of((0, Frames.Of(new OutboundFrame { Key = reliable, Sequence = 0, Peer = 9, Ended = true })), (0, Frames.Close("bye")), (5 << 2, [FrameType.CloseAck])),
        ];
    }
}
